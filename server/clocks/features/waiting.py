"""A wait and its visit know each other: one ends with the other, and nobody waits twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from server.acts.access import SYSTEM_ACTOR
from server.acts.reached_rungs import CLOCK
from server.database.store import Store
from server.database.tables import records
from sync.act import Act, derived_id, make
from sync.check_act import Record

if TYPE_CHECKING:
    from server.acts.site import Site

AFTER = ("with_doctor", "sent_off")  # the stop, and the state, with which a wait is over


def follow_visits(site: Site, acts: Sequence[Act], now: int) -> None:
    """End the running waits of visits that were sent off or went in; twice shows once.

    The moment is that of the visit's act: the patient went in then, not when it was known.
    """
    visits = _records(site, {act["record"] for act in acts})
    running = _running(site, visits)
    ends = [
        end
        for act in acts
        if (visit := visits.get(act["record"])) is not None
        for end in _all_ended(site, running[visit["_id"]], visit, act)
    ]
    _say(site, ends, now)


def is_running(wait: Record, hides: Sequence[str]) -> bool:
    """Say whether a wait runs, and so may have to end."""
    return bool(wait["state"] == "waiting")


def follow_waits(site: Site, acts: Sequence[Act], now: int) -> None:
    """End a wait that was begun on a visit already sent off, or beside another of the same visit.

    Of two the one that began first goes on; the other was entered twice. A visit that nobody knows
    may still be on its way, and somebody sits there: its wait runs.
    """
    waits = _records(site, {act["record"] for act in acts})
    subjects = {name: wait["subject"] for name, wait in waits.items() if wait.get("subject")}
    visits = _records(site, set(subjects.values()))
    running = _running(site, subjects.values())
    ends = []
    for act in acts:
        subject = subjects.get(act["record"])
        if subject is None:
            continue
        visit = visits.get(subject)
        if visit is not None and visit["state"] == "sent_off":
            ends += _all_ended(site, running[subject], visit, act)
            continue
        for other in running[subject][1:]:
            ends.append(_ended(site, other, "twice", act, max(now, _begun(other)[0])))
    _say(site, ends, now)


def _say(site: Site, ends: list[Act], now: int) -> None:
    first = {end["record"]: end for end in reversed(ends)}  # a wait ends once, whatever ended it
    if first:
        site.accept([*reversed(first.values())], SYSTEM_ACTOR, received_at=now)


def _begun(wait: Record) -> tuple[int, str]:
    return int(wait.get("started_at") or wait["opened_at"]), str(wait["_id"])


def _records(site: Site, ids: Iterable[str]) -> dict[str, Record]:
    with site.reading() as connection:
        stored = Store(connection).records(ids)
    return {name: orjson.loads(one.body) for name, one in stored.items()}


def _running(site: Site, visits: Iterable[str]) -> dict[str, list[Record]]:
    """Return {visit: its waits that run, the first that began first}."""
    wanted = sa.select(records.c.body).where(
        records.c.type == "waiting", records.c.state == "waiting"
    )
    running: dict[str, list[Record]] = {visit: [] for visit in visits}
    with site.reading() as connection:
        for body in connection.scalars(wanted):
            wait = orjson.loads(body)
            if wait.get("subject") in running:
                running[wait["subject"]].append(wait)
    for waits in running.values():
        waits.sort(key=_begun)
    return running


def _all_ended(site: Site, waits: list[Record], visit: Record, act: Act) -> list[Act]:
    over = _over_since(visit)
    if over is None:
        return []
    at, outcome = over
    return [
        _ended(site, wait, outcome, act, max(at, _begun(wait)[0]))
        for wait in waits
        if at >= _begun(wait)[0] or visit["state"] == "sent_off"
    ]


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


def _ended(site: Site, wait: Record, outcome: str, because: Act, at: int) -> Act:
    """Return the end of a wait behind all that was done in it: nobody's act becomes a question."""
    at = max(at, wait["acts"]["recent"][-1]["at"] + 1)
    return make(
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
