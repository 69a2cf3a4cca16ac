"""Fills an empty site with the demo's hospital and a morning that is under way."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from random import Random
from typing import Any

import sqlalchemy as sa

from server.acts import shipped
from server.acts.access import SYSTEM_ACTOR, Actor
from server.acts.site import Site
from server.clocks import calendars, escalation, reaction_jobs, reactions
from server.database.tables import accounts, devices
from server.demo.data import (
    desk,
    handbook,
    measured_traffic,
    people,
    places,
    quality,
    rounds,
    stories,
    wards_and_colleagues,
)
from server.demo.data.visit_generator import MINUTE, Life
from server.http import passwords, tablet_files
from server.http.problems import Trouble
from server.rules import settle
from sync.act import Act, make

DAY = 24 * 60 * MINUTE
WEEK = 7 * DAY
OPENED = 120 * DAY  # before now: the day on which people got their posts
SINCE = 162 * MINUTE  # before now: the arrival of the first guests
EIGHT = 8 * 60 * MINUTE  # ms after midnight that this counts as, in the measured traffic
ONE_IN = 7  # the demo has one in seven of the measured visits
PASSWORD = "floorwalk"  # noqa: S105  (the demo's only, and said so on its sign-in page)
BEFORE = "a08c5d7e91f2"  # version of a tablet that missed an update
STEP = 15_000  # ms between two deliveries while the past is replayed


def fill(site: Site, now: int, life: Life) -> list[Act]:
    """Replay the days up to `now` (ms) and return the acts still to come of today's visits."""
    site.listens = reactions.LISTENS
    _reference(site, life, now - OPENED)
    calendars.seed(site, now - OPENED)
    calendars.seed(site, now)
    shipped.ship(site, now - OPENED)
    reaction_jobs.work(
        site, reactions.kinds(site), site.now
    )  # before there is a deadline that could move
    rounds.plan(site, now)
    settle.work(site)  # the doctors' week is there before anybody says who is away
    _accounts(site, now)
    past = [
        (act["at"] + life.rng.randrange(500, 4_000), act)
        for at in visit_starts(life.rng, now - WEEK - SINCE, now - WEEK)
        for act in life.visit(at)
    ]  # the same morning a week before, which the board compares with
    future: list[Act] = []
    for at in visit_starts(life.rng, now - SINCE, now):
        for act in life.visit(at):
            if act["at"] <= now:
                past.append((act["at"] + life.rng.randrange(500, 4_000), act))
            else:
                future.append(act)
    for source in (
        stories.complaints,
        stories.misfits,
        stories.sitting_now,
        stories.noticed,
        desk.morning,
        wards_and_colleagues.stays,
        wards_and_colleagues.learned,
        wards_and_colleagues.away,
        rounds.walked,
        quality.morning,
    ):
        past += source(life, now)
    past += handbook.acts(life, now)
    _live(site, past, now)
    _devices(site, life, now)
    return future


def visit_starts(rng: Random, since: int, until: int) -> Iterable[int]:
    """Yield the moments (ms) at which visits begin, at the measured hourly rates of a morning."""
    at = since
    while True:
        hour = min((EIGHT + at - since) // (60 * MINUTE), 11)
        an_hour = measured_traffic.VISITS_AN_HOUR[hour] / ONE_IN
        at += int(rng.expovariate(an_hour / 60) * MINUTE)
        if at >= until:
            return
        yield at


def hand_in(site: Site, acts: Iterable[Act], now: int) -> None:
    """Push acts as their authors would, each from their own device."""
    bundles: dict[tuple[str, str], list[Act]] = defaultdict(list)
    for act in acts:
        bundles[act["by"], act["device"]].append(act)
    for (by, device), bundle in bundles.items():
        site.accept(bundle, Actor(site.person(by), device), received_at=now)


def _live(site: Site, past: list[tuple[int, Act]], now: int) -> None:
    """Deliver the past in order, with the tick and the jobs running in between."""
    waiting = [(at, act["_id"], act) for at, act in past]
    heapq.heapify(waiting)
    kinds = reactions.kinds(site)
    last = 0  # time goes on: what is due at once is told when it is known
    while waiting:
        at = min(max(waiting[0][0] // STEP * STEP + STEP, 0), now)
        due = escalation.next_due(site, last)  # what is held back needs no step of its own
        if due is not None and due < at:
            at = min(due + 2_000, now)
        last = at = min(max(at, last + 1_000), now)
        delivered = []
        while waiting and waiting[0][0] <= at:
            delivered.append(heapq.heappop(waiting)[2])
        escalation.tick(site, at)
        hand_in(site, delivered, at)
        reaction_jobs.work(site, kinds, partial(int, at))
        settle.work(site)
        if at >= now:
            hand_in(site, (act for _, _, act in sorted(waiting)), now)
            break
    while (due := escalation.next_due(site, last)) is not None and due < now and last < now:
        last = min(max(due + 2_000, last + 1_000), now)
        escalation.tick(site, last)
    reaction_jobs.work(site, kinds, partial(int, now))
    settle.work(site)


def _reference(site: Site, life: Life, at: int) -> None:
    """Add the places, the people and the doctors."""
    records: list[tuple[str, dict[str, Any]]] = [*places.places(), *handbook.units()]
    for login, name, posts, where in people.STAFF:
        fields = {"name": name, "posts": list(posts), "places": list(where)}
        if units := wards_and_colleagues.units_of(login):
            fields["units"] = units
        records.append((f"person:{login}", fields))
    records += wards_and_colleagues.references()
    records += quality.units()
    departments = {row[0]: row[1] for row in places.DEPARTMENTS}
    for key, name, rank, department, room, specialty, hours, nurse in people.DOCTORS:
        fields = {
            "name": name,
            "rank": rank,
            "department": departments[department],
            "specialty": specialty,
            "place": f"place:{department}-{room}",
            "hours": hours,
            "nurse": nurse,
            **desk.week(hours),
        }
        records.append((f"doctor:{key}", fields))
    records += desk.equipment()
    acts = [
        make(
            record.partition(":")[0] + ".added",
            record,
            fields,
            at=at,
            by="system:site",
            device="device:server",
            site=site.config.name,
            random_bits=life.bits,
        )
        for record, fields in records
    ]
    site.accept(acts, SYSTEM_ACTOR, received_at=at)


def _accounts(site: Site, now: int) -> None:
    """Give everybody an account; one slow hash is enough for a password that all know."""
    password_hash = passwords.hashed(PASSWORD)
    rows = [
        {
            "person": f"person:{login}",
            "login": login,
            "password_hash": password_hash,
            "failures": 0,
            "locked_until": None,
            "created_at": now,
        }
        for login, *_ in people.STAFF
    ]
    with site.writing() as connection:
        connection.execute(sa.insert(accounts), rows)


def installed() -> str | None:
    """Return the build's version, which tablets in touch have; None when there is no build."""
    try:
        return tablet_files.version()
    except Trouble:
        return None


def _devices(site: Site, life: Life, now: int) -> None:
    """Store every guide's tablet as seen lately; one is out of reach with unsent acts."""
    version = installed()
    rows = [
        {
            "id": device,
            "person": person,
            "version": version,
            "last_seen_at": now - (ago := life.rng.randrange(1_000, 40_000)),
            "pulled_at": now - ago,
            "pulled_seq": site.hub.seq,
            "waiting": 0,
            "oldest_at": None,
            "offset_ms": life.rng.randrange(-900, 900),
            "persisted": 1,
            "user_agent": None,
        }
        for person, device in life.devices.items()
    ]
    away = rows[3]
    away |= {"last_seen_at": now - 14 * MINUTE, "waiting": 3, "oldest_at": now - 14 * MINUTE}
    away |= {"offset_ms": 41_200, "version": BEFORE}
    away |= {"pulled_at": now - 14 * MINUTE, "pulled_seq": site.hub.seq * 9 // 10}
    with site.writing() as connection:
        connection.execute(sa.insert(devices), rows)
