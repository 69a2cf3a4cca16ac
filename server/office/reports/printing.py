"""Papers to print: the form of any record, and the client's slip. The two never mix (C-15)."""

from __future__ import annotations

from typing import Any

import segno
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.acts import security_log
from server.base.paths import web_folder
from server.http import pages
from server.office.page_parts import time_words
from server.office.page_parts.office_request import Desk, Record, office, office_form
from server.office.record import (
    complaint_rung,
    field_values,
    history,
    labels,
    record_pages,
    related,
    upcoming_rungs,
)
from server.office.tables import bulk_acts
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
    """GET /office/<section>/<id>/form: A4, the form of any record, private details masked."""
    return _draw(desk, record_pages.wanted(desk))


@office_form
def whole_form(desk: Desk, sent: FormData) -> Response:
    """POST to the same: with the private details; that somebody looked is stored as an act."""
    record = record_pages.wanted(desk)
    name = f"{record['type']}.revealed"
    if not bulk_acts.may_reveal(desk, record["type"]):
        raise HTTPException(404)
    if not desk.record_act(name, record["_id"], {}).good:
        raise HTTPException(404)
    return _draw(desk, desk.read(record["_id"]), revealed="all")


def _draw(desk: Desk, record: Record, revealed: str = "") -> Response:
    kind = record["type"]
    declared = desk.declarations["records"][kind]
    acts = history.acts_of(desk, record["_id"])
    facts = field_values.facts(desk, record, revealed)
    address = desk.href(record["_id"])
    context = {
        "label": desk.word(declared["label"]),
        "form": declared["form"],
        "number": record.get("number") or record["_id"].partition(":")[2][-NUMBER:],
        "opened": f"{date(record['opened_at'])} {clock(record['opened_at'])}",
        "state": desk.listed(filter(None, _standing(desk, record))),
        "owner": desk.name(record.get("owner")),
        "facts": [one for one in facts if one["name"] not in IN_THE_HEAD],
        "quote": record.get("words", ""),
        "photos": field_values.placed(desk, record, "photos"),
        "signature": field_values.signature(desk, record),
        "story": [_line(desk, entry) for entry in history.history(desk, record, acts)[::-1]],
        "left_out": max(0, record["acts"]["n"] - len(acts)),
        "resolution": record.get("resolution", ""),
        "back": address,
        "address": f"{address}/form",
        "qr": segno.make(f"{_origin(desk)}{address}", error="m", micro=False).svg_data_uri(
            scale=2, border=0
        ),
        "may_reveal": not revealed and bulk_acts.may_reveal(desk, kind),
        "printed": f"{date(desk.now)} {clock(desk.now)} {desk.person['name']}",
    }
    _log(desk, record, "form")
    return pages.render(desk.request, _template(kind), context)


def _template(kind: str) -> str:
    """Return the template of a kind's form: its own, else the one of every kind."""
    own = f"features/{kind}/office/form.html"
    return own if (web_folder() / own).is_file() else "parts/office/record_form.html"


def _origin(desk: Desk) -> str:
    address = desk.request.url
    return f"{address.scheme}://{address.netloc}"


def _line(desk: Desk, entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of the history as paper says it: with its date, in one line."""
    return {
        "at": f"{date(entry['at'])} {clock(entry['at'])}",
        "who": desk.listed(entry["by"]),
        "what": entry["title"],
        "words": desk.listed(part for part in (entry["say"], entry["quote"]) if part),
        "undone": entry["undone"],
    }


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


IN_THE_HEAD = ("number", "owner", "resolution")
NUMBER = 8  # last characters of an id: what stands for the number of what has none


def _complaint(desk: Desk) -> Record:
    return desk.read(f"complaint:{desk.request.path_params['id']}")


def _standing(desk: Desk, record: Record) -> tuple[str, str]:
    """Return a record's state, and of a complaint its rung."""
    if record["type"] != "complaint":
        return labels.state(desk, record), ""
    values = {
        "n": complaint_rung.level(desk.declarations, record),
        "all": complaint_rung.levels(desk.declarations, record),
    }
    return labels.state(desk, record), desk.words.gettext("rung %(n)s of %(all)s") % values
