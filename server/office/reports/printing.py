"""Papers to print: the client's slip and the internal handling form, which never mix (C-15)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from server.acts import security_log
from server.http import pages
from server.office.page_parts import table_parts, time_words
from server.office.page_parts.office_request import Desk, Record, office
from server.office.record import (
    complaint_rung,
    field_values,
    history,
    labels,
    related,
    upcoming_rungs,
)
from sync.display_format import clock, date, moment


@office
def slip(desk: Desk) -> Response:
    """GET /office/complaints/<id>/slip: for the client, 80 mm wide; nothing internal is on it."""
    record = _complaint(desk)
    _ = desk.words.gettext
    limit = upcoming_rungs.started(desk, record)
    words = desk.words
    promised = next(
        (moments[0] for name, _l, moments in limit if name == "complaint_response"), None
    )
    lines = [
        (
            _("Received"),
            f"{time_words.long_day(words, record['opened_at'])} {clock(record['opened_at'])}",
        ),
        (_("Where"), desk.name(related.place(record))),
        (_("What you want"), labels.value(desk, "complaint", "wanted", record.get("wanted"))),
        (_("We answer by"), moment(promised) if promised else ""),
    ]
    context = {
        "number": record.get("number", ""),
        "quote": record.get("words", ""),
        "lines": [{"term": term, "words": content} for term, content in lines if content],
        "back": desk.href(record["_id"]),
    }
    _log(desk, record, "slip")
    return pages.render(desk.request, "features/complaint/office/slip.html", context)


@office
def form(desk: Desk) -> Response:
    """GET /office/complaints/<id>/form: A4, internal; never given to the client."""
    record = _complaint(desk)
    acts = history.acts_of(desk, record["_id"])
    context = {
        "number": record.get("number", ""),
        "opened": date(record["opened_at"]),
        "facts": [
            one for one in field_values.facts(desk, record) if one["name"] not in IN_THE_HEAD
        ],
        "quote": record.get("words", ""),
        "signature": field_values.signature(desk, record),
        "rung": _rung(desk, record),
        "talks": [_talk(desk, act) for act in acts if act["act"] in TALKS],
        "resolution": record.get("resolution", ""),
        "back": desk.href(record["_id"]),
        "printed": f"{moment(desk.now)} {desk.person['name']}",
    }
    _log(desk, record, "form")
    return pages.render(desk.request, "features/complaint/office/handling_form.html", context)


def _log(desk: Desk, record: Record, paper: str) -> None:
    """Log that a paper was made of a record: it leaves the system."""
    with desk.site.writing() as connection:
        security_log.record_event(
            connection,
            "exported",
            desk.now,
            person=desk.person["_id"],
            subject=record["_id"],
            detail={"paper": paper},
        )


IN_THE_HEAD = ("number", "resolution")
TALKS = ("complaint.responded", "complaint.escalated", "complaint.settled", "complaint.noted")


def _complaint(desk: Desk) -> Record:
    return desk.read(f"complaint:{desk.request.path_params['id']}")


def _rung(desk: Desk, record: Record) -> str:
    values = {
        "n": complaint_rung.level(desk.declarations, record),
        "all": complaint_rung.levels(desk.declarations, record),
    }
    return desk.words.gettext("rung %(n)s of %(all)s") % values


def _talk(desk: Desk, act: dict[str, Any]) -> dict[str, str]:
    data = act["data"]
    words = next((str(data[name]) for name in labels.OWN_WORDS if data.get(name)), "")
    parts = (words, str(data.get("reason", "")), act.get("text", ""))
    return {
        "at": moment(act["at"]),
        "who": desk.name(act["by"]),
        "what": table_parts.act_label(desk, act["act"]),
        "words": desk.listed(part for part in parts if part),
    }
