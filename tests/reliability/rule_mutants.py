"""Faults in the loop: each of the rules that it keeps left out."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from server.acts import intake, woken_rules
from server.database.rule_rows import Claimed, RuleRows
from server.rules import settle, wanted
from server.rules.reading import EVER, Reading
from sync import rule_problems, statements
from sync.act import LAST, derived_id
from sync.guards import put
from tests.reliability.registry import Mutant, replaced

Planted = Callable[[], AbstractContextManager[None]]


def instead(*changes: tuple[Any, str, Any]) -> Planted:
    """Return what replaces members while it is planted."""
    return lambda: replaced(*changes)


def at_its_own_moment() -> AbstractContextManager[None]:
    """The clock's act stands where the server came to it."""
    real, says = settle._statement, settle._says

    def stated(site: Any, reading: Any, mark: Any, said: Any, new: Any, now: int) -> Any:
        act = real(site, reading, mark, said, new, now)
        return {**act, "at": now} if new is not None else act

    def says_so(said: Any, new: Any) -> bool:
        return says(said, None if new is None else replace(new, at=said["at"] if said else 0))

    return replaced((settle, "_statement", stated), (settle, "_says", says_so))


def ids_of_their_own(*_: Any) -> str:
    """Return another id each time."""
    return derived_id(secrets.token_hex(8), LAST, "statement")


def done_is_done(self: RuleRows, claimed: Claimed, claim: str, until: int) -> None:
    """Note that a scope is settled, whatever woke it meanwhile."""
    self._run(
        "update settling set claim = null, claimed_at = null, attempts = 0, since = ?,"
        " done = version where rule = ? and scope = ? and claim = ?",
        (until, claimed.rule, claimed.scope, claim),
    )


def claimed_without(**members: int) -> Planted:
    """Return what makes claims lose members."""
    real = RuleRows.claim

    def claim(self: RuleRows, *given: Any) -> list[Claimed]:
        return [one._replace(**members) for one in real(self, *given)]

    return instead((RuleRows, "claim", claim))


def horizon_withdraws() -> AbstractContextManager[None]:
    """What a plan does not look at is taken back."""
    real = settle.differences

    def differences(site: Any, reading: Any, asked: Any, answer: Any, now: int) -> Any:
        return real(site, reading, asked, replace(answer, since=0, until=EVER), now)

    return replaced((settle, "differences", differences))


def fits_now(self: Reading, identifier: str, selector: Any) -> list[tuple[int, int]]:
    """Say that a selector fitted always, or never, as it does now."""
    spans = SPANS(self, identifier, selector)
    return [(0, EVER)] if spans and spans[-1][1] == EVER else []


def number_now(self: Reading, key: str, at: int) -> Any:
    """Return a setting as it is now."""
    return SETTING(self, key, EVER)


def held_by_whoever_asks(_: RuleRows, claimed: Iterable[Claimed], __: str) -> set[tuple[str, str]]:
    return {(one.rule, one.scope) for one in claimed}


def holds_alone(declarations: Any, record: Any, act: Any, names: Any) -> dict[str, Any]:
    """Let the last who says so decide."""
    sets = declarations["acts"][act["act"]]["sets"]
    for name, value in sets.items():
        put(declarations, record, name, value, act["_id"], act["by"])
    return {}


def all_count(acts: Any) -> Any:
    """Let every statement count."""
    return list(acts)


def not_seen(unit: Any, act: Any) -> Any:
    """Forget what the author saw."""
    return act


def refold_wakes(unit: Any, touched: Any) -> None:
    """Let every touched record wake its rules, whether anything was said of it or not."""
    WRITE(unit, touched)
    for work in touched:
        for name in woken_rules._reading(unit.declarations).get(work.id.partition(":")[0], ()):
            unit.store.wake([(name, work.id, 0, 0)])


def nothing_is_taken_back(*given: Any) -> Any:
    """Say what is wanted, and not what is wanted no more."""
    return [act for act in DIFFERENCES(*given) if act["for"]["wanted"]]


WRITE, DIFFERENCES = woken_rules.write, settle.differences
SPANS, SETTING = Reading.spans, Reading.setting
LATEST = wanted._moments


def last_number(reading: Any, rule: Any, started: int, horizon: int) -> Any:
    """Count every interval by the number of now."""

    class Now:
        def __getattr__(self, name: str) -> Any:
            return getattr(reading, name)

        def setting(self, key: str, at: int) -> Any:
            return reading.setting(key, EVER if key == rule["every"] else at)

    return LATEST(Now(), rule, started, horizon)  # type: ignore[arg-type]


OF: dict[str, tuple[Mutant, ...]] = {
    "R1": (
        Mutant("only what is new is looked at", claimed_without(since=EVER, done=1), 40),
        Mutant("a late act wakes nobody", instead((woken_rules, "_wake", lambda *_: None)), 3),
    ),
    "R2": (Mutant("a refold wakes", instead((woken_rules, "write", refold_wakes)), 2),),
    "R3": (
        Mutant(
            "nothing is taken back", instead((settle, "differences", nothing_is_taken_back)), 10
        ),
    ),
    "R4": (
        Mutant(
            "what was seen is forgotten",
            instead((intake.woken_rules, "with_what_was_seen", not_seen)),
            60,
        ),
    ),
    "R5": (
        Mutant(
            "nothing is taken back", instead((settle, "differences", nothing_is_taken_back)), 20
        ),
    ),
    "R6": (
        Mutant(
            "a rule has no first day",
            instead(
                (settle.first_days, "of", lambda site: dict.fromkeys(site.declarations["rules"], 0))
            ),
            10,
        ),
    ),
    "R7": (
        Mutant(
            "no circle is looked for",
            instead((rule_problems, "cycle", lambda _: None)),
            2,
            quick=True,
        ),
    ),
    "R8": tuple(
        Mutant(name, planted, 20)
        for name, planted in (
            ("the clock speaks when it comes to it", at_its_own_moment),
            ("every statement counts", instead((statements, "counting", all_count))),
            (
                "what was seen is forgotten",
                instead((intake.woken_rules, "with_what_was_seen", not_seen)),
            ),
            ("ids of their own", instead((settle, "statement_id", ids_of_their_own))),
            ("done is done", instead((RuleRows, "settled", done_is_done))),
            ("claims are not asked for", instead((RuleRows, "held", held_by_whoever_asks))),
            ("a job has no day", claimed_without(today=0)),
            ("the horizon withdraws", horizon_withdraws),
            ("a plan asks now", instead((Reading, "spans", fits_now))),
            ("an interval is the number of now", instead((wanted, "_moments", last_number))),
            ("whoever lets go first frees", instead((statements, "hold", holds_alone))),
            ("numbers are those of now", instead((Reading, "setting", number_now))),
        )
    ),
}
