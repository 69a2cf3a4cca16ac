"""R1–R6: what rules make follows from what was said, whoever settles it, and takes nothing away.

Lives are drawn by tests/rule_lives.py: halls, worksites, cases, payouts, turns and exams over some
days, late, undone, in any order, with one server or with two that die and overtake one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import sync
from server.database.store import Store
from server.rules import first_days, waking
from server.rules.reading import Reading
from server.rules.values import Question
from server.rules.wanted import wanted
from sync import rules
from sync.act import Act
from sync.rules import Follow
from sync.statements import OTHERWISE, is_id
from tests import ruled_kinds
from tests.clock import DAY, HOUR, MORNING
from tests.reliability import rule_mutants
from tests.reliability.registry import Property, Result, Trial
from tests.rule_lives import CAUSES, DAYS, Life, Record, Story, drawn, spoken

END = MORNING + (DAYS + 2) * DAY


@contextmanager
def life(**named: Any) -> Iterator[Life]:
    """Yield a life, and close it."""
    lived = Life(**named)
    try:
        yield lived
    finally:
        lived.close()


def unlike(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Return the first record that differs."""
    name = next(name for name in sorted({*one, *other}) if one.get(name) != other.get(name))
    return f"{one.get(name)} is not {other.get(name)}"


def lived_by_two(seed: int, story: list[Any], orders: int = 1) -> Iterator[tuple[Life, Any]]:
    """Yield lives of the same story in other orders, by two servers that die."""
    for order in range(orders):
        luck = Random(seed * 7 + order)
        with life(servers=2) as other:
            other.clock.at = END
            for said in luck.sample(story, len(story)):
                other.hears(said)
                other.goes_on(luck, luck.choice((0, 0, 1, 3)), 0.05)
            waking.midnight(other.site)
            other.goes_on(luck, 20, 0.05)
            other.all_settle(luck)
            yield other, other.essence()


def tried(trial: Trial, run: Callable[[int, dict[str, int]], list[str]]) -> Result:
    """Try a property on lives from the trial's seed on; `run(seed, counts)` says what is wrong."""
    counts: dict[str, int] = {"lives": 0}
    problems: list[str] = []
    with ruled_kinds.declared():
        for seed in range(trial.seed, trial.seed + trial.many):
            counts["lives"] += 1
            problems += [f"seed {seed}: {wrong}" for wrong in run(seed, counts)]
            if problems and trial.until_red:
                break
    return Result(counts, problems)


def add(counts: dict[str, int], name: str, many: int) -> None:
    """Count something."""
    counts[name] = counts.get(name, 0) + many


# R1


def any_order(seed: int, counts: dict[str, int]) -> list[str]:
    """Live as it happened, and in another order by two servers: it is the same."""
    story = drawn(seed)
    with life() as one:
        one.lives(story, Random(seed))
        was = one.essence()
        add(counts, "statements", len(one.statements()))
        wrong = [*_locked_wrongly(one)]
    for other, essence in lived_by_two(seed, story):
        add(counts, "deaths", other.deaths)
        if essence != was:
            wrong.append(f"another order is another world: {unlike(was, essence)}")
    return wrong


def _locked_wrongly(one: Life) -> Iterator[str]:
    """Yield cases whose money is open without a payout, or not open with one."""
    records = {record["_id"]: record for record in one.records()}
    standing = {
        record["case"]
        for record in records.values()
        if record["type"] == "payout" and record["state"] in ("open", "done")
    }
    for name, record in records.items():
        is_case = record["type"] == "case" and record["state"] != "unknown"
        if is_case and (record["money"] == "open") != (name in standing):
            yield f"{name} has money {record['money']}, held by {standing}"


# R2


def settled_is_settled(seed: int, counts: dict[str, int]) -> list[str]:
    """Settle every scope again, and fold every record again: nothing is said, nothing changes."""
    with life() as one:
        one.lives(drawn(seed), Random(seed), begins=0.3)
        before, said = one.essence(), len(one.statements())
        for rule in one.site.declarations["rules"]:
            add(counts, "scopes", len(waking.wake_all(one.site, rule, 0)))
        one.settles()
        wrong = ["settling twice says more"] if len(one.statements()) != said else []
        _, changed = one.site.refold()
        if changed or one.waits() or one.settles() or one.essence() != before:
            wrong.append("a refold changes or wakes something")
        return wrong


# R3


def undone_is_gone(seed: int, counts: dict[str, int]) -> list[str]:
    """Take every cause back: nothing is left that nobody began, and what was begun is asked."""
    story = drawn(seed)
    with life() as one:
        one.lives(story, Random(seed), begins=0.3)
        creating = [act for _, act in story if _makes(one, act)]
        for number, act in enumerate(creating):
            data = {"undoes": act["_id"]}
            kind, by = act["act"].partition(".")[0], act["by"]
            undo = spoken(
                f"{kind}.undone", act["record"], data, at=one.clock.at, number=9**6 + number, by=by
            )
            one.hears((one.clock.at, undo))
        one.settles()
        gone = {r["_id"] for r in one.records() if r["type"] in CAUSES and r["state"] == "undone"}
        left = [record for record in one.made() if _cause(record) in gone]
        add(counts, "begun", len(left))
        return [
            f"left although its cause is gone: {record}"
            for record in left
            if "begun" not in record["stated"] or not _is_asked_or_seen(record)
        ]


def _makes(one: Life, act: Act) -> bool:
    declared = one.site.declarations["acts"].get(act["act"])
    return (
        declared is not None and declared["creates"] and act["record"].partition(":")[0] in CAUSES
    )


def _cause(record: Record) -> str:
    return str(record["stated"]["by"][0]["scope"])


def _is_asked_or_seen(record: Record) -> bool:
    """Say whether somebody is asked, or had seen the newest word when they began."""
    entry = record["stated"]["by"][0]
    return entry["saw"] == entry["n"] or any(is_id(q["act"]) for q in record["unsettled"])


# R4


def begun_stays(seed: int, counts: dict[str, int]) -> list[str]:
    """Look after each step: what somebody began is there as they saw it, or somebody is asked."""
    with life() as one:
        seen: dict[str, Record] = {}
        wrong: list[str] = []
        luck, story = Random(seed), sorted(drawn(seed), key=lambda said: (said[0], said[1]["_id"]))
        for number, said in enumerate(story):
            one.comes_to(said[0])
            one.hears(said)
            one.settles()
            if luck.random() < 0.4 and (act := one.takes_up(luck, number)):
                before = next(r for r in one.made() if r["_id"] == act["record"])
                one.hears((one.clock.at, act))
                seen.setdefault(act["record"], before)
            wrong += _taken_away(one, seen)
        one.comes_to(END)
        one.settles()
        add(counts, "begun", len(seen))
        return [*wrong, *_taken_away(one, seen), *_silently_other(one, counts)][:3]


SEEN = ("hall", "day", "due_from", "due_by", "subject", "why", "n", "anchor_at", "days")


def _taken_away(one: Life, seen: dict[str, Record]) -> list[str]:
    now = {record["_id"]: record for record in one.made()}
    return [
        f"what was begun is not as it was seen: {before}, {now.get(name)}"
        for name, before in seen.items()
        if name not in now or any(now[name].get(x) != before.get(x) for x in SEEN)
    ]


def _silently_other(one: Life, counts: dict[str, int]) -> list[str]:
    """Compare what was begun with what its rule wants now, by its own answer."""
    wrong = []
    with one.site.reading() as connection:
        reading = Reading(Store(connection), one.site.declarations)
        first = first_days.of(one.site)
        for record in one.made():
            if "begun" not in record["stated"]:
                continue
            entry = record["stated"]["by"][0]
            rule = one.site.declarations["rules"][entry["rule"]]
            asked = Question(
                rule, entry["scope"], first[rule["name"]], one.clock.at, 0, one.site.secret
            )
            due = wanted(reading, asked).wanted.get(entry["key"])
            data = None if due is None else due.data
            shown = {name: record.get(name) for name in SEEN if name in record}
            is_asked = any(q["reason"] == OTHERWISE for q in record["unsettled"])
            add(counts, "asked", is_asked)
            if shown != data and not is_asked and entry["saw"] != entry["n"]:
                wrong.append(f"nobody is asked: {record} is wanted as {data}")
    return wrong


# R5


def a_series(seed: int, counts: dict[str, int]) -> list[str]:
    """Sixty days of a worksite, midnight by midnight, and settled once at the end."""
    luck = Random(seed)
    finished = MORNING + luck.randrange(3, 20) * DAY + luck.randrange(DAY)
    story = Story(seed)
    by = "person:lin"
    story.said.append((MORNING, spoken("worksite.started", "worksite:w", {}, at=MORNING, number=1)))
    told = finished + luck.randrange(40) * HOUR
    done = spoken("worksite.finished", "worksite:w", {}, at=finished, number=2, by=by)
    story.said.append((told, done))
    for _ in range(luck.randrange(4)):
        key, values = luck.choice(
            (
                ("ruled.every", (2, 3, 10)),
                ("ruled.later", (1, 2)),
                ("ruled.times", (1, 2, 4)),
                ("ruled.from", (1, 3)),
            )
        )
        at = MORNING + luck.randrange(50 * DAY)
        value = luck.choice(values)
        story.says("setting.changed", f"setting:{key}", at, "person:wu", value=value, reason="x")
    end = MORNING + 60 * DAY
    found = []
    for daily in (True, False):
        with life() as one:
            for said in sorted(story.said, key=lambda said: (said[0], said[1]["_id"])):
                if daily:
                    one.comes_to(said[0])
                one.hears(said)
                if daily:
                    one.settles()
            if daily:
                one.comes_to(end)
            else:
                one.clock.at = end
                waking.midnight(one.site)
            one.settles()
            found.append(one.essence())
            add(counts, "calls", len(one.made()))
    return [] if found[0] == found[1] else [f"a series settled daily: {unlike(*found)}"]


# R6


def nothing_before(seed: int, counts: dict[str, int]) -> list[str]:
    """Begin every rule on the fourth day: it says nothing of what is older."""
    first = MORNING - 9 * HOUR + 3 * DAY
    with life(first=first) as one:
        one.lives(drawn(seed), Random(seed))
        acts = one.statements()
        add(counts, "statements", len(acts))
        unsays = {rule.unsays for rule in ruled_kinds.RULES if isinstance(rule, Follow)}
        return [
            f"older than its rule: {act}"
            for act in acts
            if act["at"] < first and act["act"] not in unsays
        ]


# R7


def no_cycle(seed: int, counts: dict[str, int]) -> list[str]:
    """Plant a circle of rules, through a person's guard or not: it is found before it runs."""
    planted = rule_circles()
    name, rule = planted[seed % len(planted)]
    add(counts, name, 1)
    try:
        with ruled_kinds.declared((*ruled_kinds.RULES, rule)):
            sync.declarations()
    except ValueError as error:
        return [] if "cycle" in str(error) else [f"{name}: {error}"]
    return [f"{name}: nobody notices"]


def rule_circles() -> tuple[tuple[str, Any], ...]:
    """Return rules that lead back to themselves."""
    echo = Follow("echo", on="recall.done", makes="recall.due", gives={"why": "echo"}, rule="")
    # Money bars settling, settling makes a payout, which opens money.
    gives = {"case": rules.Of("_id"), "amount": 100}
    reward = Follow("reward", on="case.settled", makes="payout.proposed", gives=gives, rule="")
    return (("echo", echo), ("reward", reward))


def _property(
    identifier: str,
    says: str,
    run: Callable[[int, dict[str, int]], list[str]],
    full: int,
    quick: int,
    seconds: int,
    parts: int = 1,
) -> Property:
    return Property(
        identifier,
        says,
        lambda trial: tried(trial, run),
        full=full,
        quick=quick,
        mutants=rule_mutants.OF.get(identifier, ()),
        seconds=seconds,
        parts=parts,
    )


PROPERTIES = [
    _property("R1", "Rules make the same whatever comes first", any_order, 200, 2, 90, 6),
    _property("R2", "Settled is settled, a refold makes nothing", settled_is_settled, 40, 1, 12),
    _property("R3", "Without its cause nothing is left unbegun", undone_is_gone, 40, 1, 12),
    _property("R4", "What somebody began is not taken away silently", begun_stays, 60, 1, 20),
    _property("R5", "A series settled daily is that settled once", a_series, 40, 1, 14),
    _property("R6", "Nothing is older than the first day of its rule", nothing_before, 30, 1, 8),
    _property("R7", "No circle of rules is declared", no_cycle, 2, 2, 1),
]
