"""Escalation: the tick finds rungs that are due and notifies people, once, however often it runs.

A rung is an act like any other, made by the server under an id derived from the record, the ladder,
the rung and its deadline. Whoever reaches it first wins the row of its timer in the same
transaction that stores the act and the notices; everybody else walks away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import reached_rungs, recipients, timers
from server.acts.access import SYSTEM_ACTOR
from server.acts.delivery import in_app
from server.acts.duty import RollCall
from server.acts.reached_rungs import Step
from server.acts.recipients import Telling
from server.acts.site import Site
from server.clocks import born_late, clock_words
from server.clocks.born_late import HeldRungs
from server.database.store import Store
from server.database.tables import timers as timer_rows
from sync.act import Act, derived_id
from sync.check_act import Record
from sync.ladder import runs

BATCH = 100  # timers in a transaction: a push that waits behind it hardly notices

Due = sa.Row[tuple[str, str, int, int]]


def tick(site: Site, now: int | None = None, held: HeldRungs | None = None) -> int:
    """Reach every rung that is due at `now` (ms), in order; return how many were reached.

    `held` keeps from one tick to the next which rungs are held back.
    """
    moment = site.now() if now is None else now
    held = HeldRungs() if held is None else held
    told = 0
    after: Due | None = None
    while True:
        page = _due(site, moment, after)
        if not page:
            return told
        after = page[-1]
        ladders = held.others(page, site.reference().seq, moment)
        if not ladders:
            continue
        steps = _steps(site, ladders, moment, held)
        told += sum(verdict.state == "ok" for verdict in site.reach_rungs(steps, moment))
        if site.hub.closed:  # the server stops: the next tick goes on with the rest
            return told


def next_due(site: Site, after: int = 0) -> int | None:
    """Return the moment (ms) of the next rung behind `after` that nobody was told of, or None."""
    soonest = sa.select(sa.func.min(timer_rows.c.due_at)).where(
        timer_rows.c.told_at.is_(None), timer_rows.c.due_at > after
    )
    with site.reading() as connection:
        due_at: int | None = connection.execute(soonest).scalar_one()
    return due_at


def _due(site: Site, now: int, after: Due | None) -> list[Due]:
    """Return the next page of due timers; one that could not be won does not block the rest."""
    columns = (timer_rows.c.due_at, timer_rows.c.record, timer_rows.c.ladder, timer_rows.c.rung)
    wanted = sa.select(timer_rows).where(timer_rows.c.told_at.is_(None), timer_rows.c.due_at <= now)
    if after is not None:
        last = (after.due_at, after.record, after.ladder, after.rung)
        wanted = wanted.where(sa.tuple_(*columns) > sa.tuple_(*map(sa.literal, last)))
    with site.reading() as connection:
        return list(connection.execute(wanted.order_by(*columns).limit(BATCH)))


def _steps(site: Site, ladders: set[tuple[str, str]], now: int, held: HeldRungs) -> list[Step]:
    """Return a step for each (record, ladder): its highest due rung, the lower ones skipped."""
    # All due rungs of these ladders, also those behind the page's end: one step covers them.
    wanted = {record for record, _ in ladders}
    again = sa.select(timer_rows).where(
        timer_rows.c.record.in_(wanted), timer_rows.c.told_at.is_(None), timer_rows.c.due_at <= now
    )
    with site.reading() as connection:
        rows = connection.execute(again).all()
        bodies = Store(connection).records(wanted)
        records = {name: orjson.loads(stored.body) for name, stored in bodies.items()}
        held_back = born_late.held_back(site, connection, records, now)
    reference, duties = site.reference(), RollCall(site, now)
    due: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in rows:
        until = held_back.get((row.record, row.ladder, row.rung))
        if until is not None:
            held.note(row, until)
        else:
            due.setdefault((row.record, row.ladder), []).append((row.rung, row.due_at))
    steps: list[tuple[tuple[int, str, str], Step]] = []
    for record_id, name in ladders & due.keys():
        due_rungs, record = sorted(due[record_id, name]), records[record_id]
        hides = bodies[record_id].hides
        telling = Telling(site.declarations, reference, record, hides, now, duties)
        step = _step(site, telling, name, due_rungs, now)
        steps.append(((due_rungs[-1][1], record_id, name), step))
    return [step for _, step in sorted(steps, key=lambda item: item[0])]


def _step(site: Site, telling: Telling, name: str, due: list[tuple[int, int]], now: int) -> Step:
    record = telling.record
    rung, due_at = due[-1]
    # Servers' clocks differ: the act must not sort before earlier steps of its ladder.
    now = max([now, *reached_rungs.moments_of(record, name)])
    ladder = site.declarations["ladders"][name]
    declared = ladder["rungs"][rung - 1]
    told, unfilled = recipients.find_recipients(telling, declared["tell"])
    said = clock_words.said_by_rungs(site, record, ladder, due)
    late_by = 0 if declared["at_least"] else now - due_at  # what is counted has no moment
    data: dict[str, Any] = {
        "ladder": name,
        "rung": rung,
        "due_at": due_at,
        "late_by": late_by,
        "told": list(told),
        "skipped": [number for number, _ in due[:-1]],
    }
    if unfilled:
        data["unfilled"] = unfilled
    data |= timers.as_since(site.declarations, ladder, record, rung)
    if said:
        data["said"] = [one["_id"] for one in said]
    act = _reaching(site, record, data, now)
    notices = (
        in_app.notice_act(
            record,
            person,
            what=name,
            at=now,
            moment=(due_at, act["_id"]),
            site=site.config.name,
            secret=site.secret,
            post=post,
            rung=rung,
            due_at=due_at,
            late_by=late_by,
        )
        for person, post in told.items()
    )
    return Step((act, *said, *notices))


def _reaching(site: Site, record: Record, data: dict[str, Any], now: int) -> Act:
    identifier = reached_rungs.reaching_id(
        site.secret, record, data["ladder"], data["rung"], data["due_at"]
    )
    return clock_words.act(site, record, "rung_reached", data, now, identifier)


# Corrections by acts that arrive late


def correct_rungs(site: Site, record_id: str, because: str, now: int) -> None:
    """Compare the rungs that stand with those that a record's acts reached, and correct them.

    A rung that was told of although the thing had been done in time is annulled, visibly, and so
    are its notices. A rung that was reached while nobody could know, and is over by now, is
    recorded as passed: reports must count it, and nobody needs to be told any more. `because` is
    the id of the act that arrived, `now` in ms.
    """
    with site.reading() as connection:
        store = Store(connection)
        stored = store.records([record_id]).get(record_id)
        acts = [orjson.loads(body) for body in store.acts_of([record_id]).get(record_id, [])]
    if stored is None:
        return
    record: Record = orjson.loads(stored.body)
    made: list[Act] = []
    reference = site.reference()
    for name, ladder, moments in reached_rungs.started(
        site.declarations, record, reference.settings, reference.calendar
    ):
        good = []
        for step in reached_rungs.standing(record, name):
            happened, proof = reached_rungs.reached(
                site.declarations, ladder, acts, step["due_at"], timers.since_of(ladder, step)
            )
            if happened:
                good.append(step)
            else:
                said_by = reached_rungs.said_by(acts, name, step)
                made += _annulling(site, record, name, step, said_by, proof or because, now)
        if not runs(ladder, record) and not _is_unsure(acts):
            over = [
                (number, due_at)
                for number, due_at in enumerate(moments, 1)
                if due_at is not None
                and due_at <= now
                and number not in reached_rungs.covering(good)
                and reached_rungs.reached(site.declarations, ladder, acts, due_at)[0]
            ]
            made += _passed(site, record, name, over, now)
    if made:
        site.accept(made, SYSTEM_ACTOR, received_at=now)


def _is_unsure(acts: Iterable[Act]) -> bool:
    """Say whether a moment among the acts was drawn in: nobody is judged by such a one."""
    return any("said_at" in act for act in acts)


def _annulling(
    site: Site,
    record: Record,
    name: str,
    step: dict[str, Any],
    said_by: str | None,
    proof: str,
    now: int,
) -> Iterable[Act]:
    """Yield the act that annuls a rung, and those that annul its notices.

    `said_by` is the act that said the rung was reached. One of a version before ids were keyed has
    notices of that time too.
    """
    steps = record["rungs"][name]
    then = {**record, "rungs": {name: steps[: steps.index(step)]}}  # when the rung was reached
    reached = (then, name, step["rung"], step["due_at"])
    reaching = said_by or reached_rungs.reaching_id(site.secret, *reached)
    is_unkeyed = reaching == reached_rungs.reaching_id("", *reached)
    data = {"ladder": name, "rung": step["rung"], "act": proof}
    # Its letters come after those of the act it annuls, should both be of the same moment.
    identifier = derived_id(site.secret, step["at"] + 1, "rung_annulled", reaching)
    at = max(now, step["at"])  # servers' clocks differ: what annuls comes after what it annuls
    yield clock_words.act(site, record, "rung_annulled", data, at, identifier)
    yield from clock_words.taken_back(site, record, step.get("said") or (), at)
    for person in step.get("told") or ():
        yield in_app.annulment_act(
            record,
            person,
            what=name,
            at=at,
            moment=(step["due_at"], reaching),
            site=site.config.name,
            secret="" if is_unkeyed else site.secret,
            rung=step["rung"],
            reason=proof,
        )


def _passed(
    site: Site, record: Record, name: str, over: list[tuple[int, int]], now: int
) -> Iterable[Act]:
    """Yield the act for the highest rung that was passed unseen, the lower ones skipped."""
    if not over:
        return
    rung, due_at = over[-1]
    data = {
        "ladder": name,
        "rung": rung,
        "due_at": due_at,
        "late_by": now - due_at,
        "told": [],
        "skipped": [number for number, _ in over[:-1]],
        "passed": True,
        **timers.as_since(site.declarations, site.declarations["ladders"][name], record, rung),
    }
    yield _reaching(site, record, data, now)
