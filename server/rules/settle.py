"""The one loop: each difference between what a rule wants and what was said is one more statement.

Who says must still hold the claim on the scope, in the very transaction: a slow server would say
what was undone meanwhile, and nobody would look again.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from server.acts.intake import Intake
from server.acts.site import Site
from server.acts.verdict import Verdict
from server.acts.woken_rules import statement_id
from server.base import plain_errors
from server.database.rule_rows import PAUSE, Claimed
from server.database.store import Store
from server.rules import first_days
from server.rules.reading import Reading
from server.rules.values import Due, Question, Wants
from server.rules.wanted import wanted
from sync.act import Act, make
from sync.selector import same

log = logging.getLogger("floorwalk.rules")

AT_ONCE = 50  # scopes claimed together
LISTED = 1_000  # scopes that are looked for at once: to sort all that wait costs, if they are many
MOST_SAID = 200  # statements in a transaction: a push that waits behind it hardly notices
LEASE = 60_000  # ms after which a claim counts no more
DEEPEST = 8  # rules that led to one another; more is a cycle that no test saw
CLOCK = "system:clock"


class TooDeep(Exception):
    """Rules lead to one another without an end."""


@dataclass(frozen=True)
class Settled:
    """A claimed scope with what is to be said of it; `until` (ms) is how far its rule knows."""

    claimed: Claimed
    acts: list[Act]
    until: int


def work(site: Site, now: int | None = None, *, lease: int = LEASE) -> int:
    """Settle every scope that waits; return how many statements were said. `now`, `lease` in ms."""
    said = 0
    while waiting := _waiting(site, site.now() if now is None else now, lease, LISTED):
        for start in range(0, len(waiting), AT_ONCE):
            moment = site.now() if now is None else now
            claim = secrets.token_hex(8)
            scopes = _claimed(site, waiting[start : start + AT_ONCE], moment, claim, lease)
            ready = computed(site, scopes, moment, claim)
            said += sum(len(one.acts) for one in say(site, ready, moment, claim))
            if site.hub.closed:
                return said
    return said


def claimed_scopes(site: Site, now: int, claim: str, lease: int = LEASE) -> list[Claimed]:
    """Claim the next scopes under a word (`claim`) of one's own."""
    return _claimed(site, _waiting(site, now, lease, AT_ONCE), now, claim, lease)


def _waiting(site: Site, now: int, lease: int, most: int) -> list[Any]:
    with site.reading() as connection:
        return Store(connection).open_scopes(now, lease, most)


def _claimed(site: Site, scopes: list[Any], now: int, claim: str, lease: int) -> list[Claimed]:
    if not scopes:
        return []
    with site.writing() as connection:
        return Store(connection).claim(scopes, now, lease, claim)


def computed(site: Site, scopes: Sequence[Claimed], now: int, claim: str) -> list[Settled]:
    """Return what is to be said of claimed scopes; one that fails is left for later."""
    if not scopes:
        return []
    ready, failed = [], []
    first = first_days.of(site)
    with site.reading() as connection:
        reading = Reading(Store(connection), site.declarations)
        reading.look_up(claimed.scope for claimed in scopes)
        reading.look_up_statements((claimed.rule, claimed.scope) for claimed in scopes)
        for claimed in scopes:
            try:
                ready.append(_settled(site, reading, claimed, first, now))
            except Exception as problem:
                log.exception("rule failed", extra={"rule": claimed.rule, "scope": claimed.scope})
                failed.append((claimed, plain_errors.described(problem)))
    _let_go(site, failed, now, claim)
    return ready


def _settled(
    site: Site, reading: Reading, claimed: Claimed, first: dict[str, int], now: int
) -> Settled:
    rule = site.declarations["rules"].get(claimed.rule)
    if rule is None:  # of an earlier version: what it said stays
        return Settled(claimed, [], 0)
    since = claimed.since if claimed.done else 0
    moment = max(now, claimed.today)
    asked = Question(rule, claimed.scope, first[claimed.rule], moment, since, site.secret)
    answer = wanted(reading, asked)
    return Settled(claimed, differences(site, reading, asked, answer, now), answer.until)


def differences(
    site: Site, reading: Reading, asked: Question, answer: Wants, now: int
) -> list[Act]:
    """Return the statements that would make what exists like what should exist."""
    rule, scope = asked.rule["name"], asked.scope
    made = reading.statements(rule, scope)
    acts = []
    for key in sorted({*answer.wanted, *made}):
        new, old = answer.wanted.get(key), made.get(key)
        said: Act | None = None if old is None else orjson.loads(old)
        if new is None and said is not None and not answer.since <= said["at"] < answer.until:
            continue
        if not _says(said, new):
            acts.append(_statement(site, reading, (rule, scope, key), said, new, now))
    return acts


def _says(said: Act | None, new: Due | None) -> bool:
    if said is None or not said["for"]["wanted"]:
        return new is None
    return new is not None and (
        (said["record"], said["act"], said["at"]) == (new.record, new.act, new.at)
        and same(said["data"], new.data)
    )


def _statement(
    site: Site,
    reading: Reading,
    mark: tuple[str, str, str],
    said: Act | None,
    new: Due | None,
    now: int,
) -> Act:
    n = 1 if said is None else said["for"]["n"] + 1
    if new is None:
        assert said is not None
        new, is_wanted = Due(said["record"], said["act"], said["at"], said["data"]), False
    else:
        is_wanted = True
    depth = 1 + _depth(reading, mark[1])
    if depth > DEEPEST:
        raise TooDeep(*mark)
    act = make(
        new.act,
        new.record,
        new.data,
        at=new.at,
        by=CLOCK,
        device="device:server",
        site=site.config.name,
        identifier=statement_id(site.secret, *mark, n),
    )
    rule, scope, key = mark
    about: dict[str, Any] = {"rule": rule, "scope": scope, "key": key, "n": n}
    return {**act, "for": {**about, "wanted": is_wanted, "said_at": now, "depth": depth}}


def _depth(reading: Reading, scope: str) -> int:
    """Return how many rules led to a record; what is judged on the record itself is no step."""
    steps = reading.trace(scope)
    by = steps[-1][1].get("stated", {}).get("by", []) if steps else []
    return max((entry["depth"] for entry in by if entry["scope"] != scope), default=0)


def say(site: Site, ready: Sequence[Settled], now: int, claim: str) -> list[Settled]:
    """Say what was computed, as far as the claims still hold; return what was said."""
    done: list[Settled] = []
    for page in _pages(ready):
        try:
            done += _said(site, page, now, claim)
        except Exception:
            for one in page:  # each by itself, so that one harms no other
                try:
                    done += _said(site, [one], now, claim)
                except Exception as problem:
                    log.exception("statement failed", extra={"rule": one.claimed.rule})
                    _let_go(site, [(one.claimed, plain_errors.described(problem))], now, claim)
    return done


def _pages(ready: Sequence[Settled]) -> list[list[Settled]]:
    pages: list[list[Settled]] = []
    size = 0
    for one in ready:
        if not pages or size + len(one.acts) > MOST_SAID:
            pages.append([])
            size = 0
        pages[-1].append(one)
        size += len(one.acts)
    return pages


def _said(site: Site, page: Sequence[Settled], now: int, claim: str) -> list[Settled]:
    done: list[Settled] = []

    def run(intake: Intake) -> list[Verdict]:
        done.clear()  # a transaction that deadlocked is tried again
        store, acts = intake.unit.store, [act for one in page for act in one.acts]
        intake.unit.look_up([act["_id"] for act in acts], [act["record"] for act in acts])
        held = store.held((one.claimed for one in page), claim)
        for one in page:
            if (one.claimed.rule, one.claimed.scope) not in held:
                continue
            if intake.state(one.acts, now):
                done.append(one)
            else:
                store.let_go(one.claimed, claim, now, None)
        store.settled(((one.claimed, one.until) for one in done), claim)
        return []

    site.in_group_commit(run)
    return done


def _let_go(site: Site, failed: Sequence[tuple[Claimed, str]], now: int, claim: str) -> None:
    if not failed:
        return
    with site.writing() as connection:
        for claimed, problem in failed:
            later = now + PAUSE * 2 ** (claimed.attempts - 1)
            Store(connection).let_go(claimed, claim, later, problem)
