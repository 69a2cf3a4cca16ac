"""A wait and its visit know each other: one ends with the other, and nobody waits twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from server.acts.access import SYSTEM_ACTOR
from server.acts.reached_rungs import CLOCK
from server.database.tables import records
from sync.act import Act, derived_id, make
from sync.check_act import Record

if TYPE_CHECKING:
    from server.acts.site import Site

MOST = 2_000  # waits that run at once; a hospital has hundreds
AFTER = ("with_doctor", "sent_off")  # the stop, and the state, with which a wait is over


def follow_visit(site: Site, act: Act, now: int) -> None:
    """End the running waits of a visit that was sent off or went in; twice shows once.

    The moment is that of the visit's act: the patient went in then, not when it was known.
    """
    visit = site.record(act["record"])
    if visit is not None:
        _end_all(site, _running(site, act["record"]), visit, act, now)


def follow_wait(site: Site, act: Act, now: int) -> None:
    """End a wait that was begun on a visit already sent off, or beside another of the same visit.

    Of two the one that began first goes on; the other was entered twice. A visit that nobody knows
    may still be on its way, and somebody sits there: its wait runs.
    """
    wait = site.record(act["record"])
    subject = (wait or {}).get("subject")
    if wait is None or not subject:
        return
    visit = site.record(subject)
    if visit is not None and visit["state"] == "sent_off":
        _end_all(site, _running(site, subject), visit, act, now)
        return
    for other in sorted(_running(site, subject), key=_begun)[1:]:
        _end(site, other, "twice", act, max(now, _begun(other)[0]), now)


def _begun(wait: Record) -> tuple[int, str]:
    return int(wait.get("started_at") or wait["opened_at"]), str(wait["_id"])


def _running(site: Site, subject: str) -> list[Record]:
    wanted = sa.select(records.c.body).where(
        records.c.type == "waiting", records.c.state == "waiting"
    )
    with site.reading() as connection:
        bodies = connection.scalars(wanted.limit(MOST)).all()
    needle = orjson.dumps(subject)
    found = [orjson.loads(body) for body in bodies if needle in bytes(body)]
    return [wait for wait in found if wait.get("subject") == subject]


def _end_all(site: Site, waits: list[Record], visit: Record, act: Act, now: int) -> None:
    over = _over_since(visit)
    if over is None:
        return
    at, outcome = over
    for wait in waits:
        if at >= _begun(wait)[0] or visit["state"] == "sent_off":
            _end(site, wait, outcome, act, max(at, _begun(wait)[0]), now)


def _over_since(visit: Record) -> tuple[int, str] | None:
    """Return (ms, outcome) when a visit's waiting was over; None while it may go on."""
    if visit["state"] == "sent_off":
        seen = visit.get("stage") not in ("arrived", "registered", "triaged", "waiting")
        return int(visit.get("sent_off_at") or visit["opened_at"]), "seen" if seen else "left"
    if visit.get("stage") == "with_doctor":
        setter: Any = visit["setters"].get("stage", [""])[0]
        recent = [one["at"] for one in visit["acts"]["recent"] if one["id"] == setter]
        return (int(recent[0]), "seen") if recent else None
    return None


def _end(site: Site, wait: Record, outcome: str, because: Act, at: int, now: int) -> None:
    """End a wait behind all that was done in it: nobody's act becomes a question by this one."""
    at = max(at, wait["acts"]["recent"][-1]["at"] + 1)
    made = make(
        "waiting.ended",
        wait["_id"],
        {"outcome": outcome},  # nothing more: it repeats what a person may have said meanwhile
        at=at,
        by=CLOCK,
        device="device:server",
        site=site.config.name,
        seen=wait["acts"]["last"],
        identifier=derived_id(site.secret, at, "waiting.ended", wait["_id"], because["_id"]),
    )
    site.accept([made], SYSTEM_ACTOR, received_at=now)
