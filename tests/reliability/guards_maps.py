"""G4–G6: two people fill one sheet, several make one record with a key, maps are held by gates.

Nobody hears of anybody before all is folded, so each answer is said over nothing. Afterwards acts
are taken back in an order drawn by lot, however old they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from sync import fold, guards, maps
from sync.act import Act, key_id
from sync.check_act import check
from tests.reliability import gate_mutants
from tests.reliability.gate_mutants import instead
from tests.reliability.guards_gates import no_way_through
from tests.reliability.registry import Mutant, Property, Result, Trial
from tests.vectors import map_histories
from tests.vectors.generate import whole
from tests.vectors.imaginary_maps import ITEMS
from tests.vectors.map_histories import KEY, Answers
from tests.vectors.story import CLOCK, PEOPLE, identifier

Record = dict[str, Any]


def one_sheet(trial: Trial) -> Result:
    """G4: the questions are of the keys that were answered differently, and of no other."""
    counts, problems = {"sheets": 0, "differ": 0}, list[str]()
    for seed in range(trial.seed, trial.seed + trial.many):
        luck = Random(seed)
        short, answers = map_histories.of_people(luck, ITEMS, luck.choice((0, 0, 0.05)))
        acts = [whole(one) for one in short]
        differ = {item for item, said in answers.items() if len(set(said.values())) > 1}
        counts["sheets"] += 1
        counts["differ"] += bool(differ)
        record = fold.fold(gate_mutants.DECLARED, acts) or {}
        wrong = [
            *_asked(record, answers, differ),
            *_taken_back(luck, record, acts, answers, differ),
        ]
        problems += [f"seed {seed}: {one}" for one in wrong]
        if problems and trial.until_red:
            break
    return Result(counts, problems)


def _asked(record: Record, answers: Answers, differ: set[str]) -> Iterator[str]:
    asked = {key for one in record["unsettled"] for key in one["data"].get("ticks", {})}
    if asked != differ:
        yield f"a question of {sorted(asked ^ differ)} too many, or too few"
    for item, said in answers.items():
        if record.get("ticks", {}).get(item) not in said.values():
            yield f"{item} is what nobody said"


def _taken_back(
    luck: Random, record: Record, acts: list[Act], answers: Answers, differ: set[str]
) -> Iterator[str]:
    """Take back every answer by who gave it: what the other said stays until that goes too."""
    left = {item: dict(said) for item, said in answers.items()}
    ticked = [one for one in acts if "ticks" in one["data"]]
    for number, one in enumerate(luck.sample(ticked, len(ticked)), len(acts) + 1):
        undone = [identifier(number), "run.undone", 900_000 + number, one["by"], None]
        record = fold.apply(gate_mutants.DECLARED, record, whole([*undone, {"undoes": one["_id"]}]))
        for item in one["data"]["ticks"]:
            left[item].pop(one["by"], None)
            stands = record.get("ticks", {}).get(item)
            if item not in differ and stands != next(iter(left[item].values()), None):
                yield f"{item} is {stands} when {one['by']} took it back"
    if record.get("ticks") or record["unsettled"]:
        yield "something is left when all is taken back"


def one_record(trial: Trial) -> Result:
    """G5: tablets and the server make one record, and nobody is asked."""
    counts, problems = {"records": 0, "makers": 0}, list[str]()
    for seed in range(trial.seed, trial.seed + trial.many):
        luck = Random(seed)
        acts = [_making(luck, n, by) for n, by in enumerate(_makers(luck), 1)]
        luck.shuffle(acts)
        counts["records"] += 1
        counts["makers"] += len(acts)
        record = fold.fold(gate_mutants.DECLARED, acts) or {}
        first = min(acts, key=lambda act: fold.order(gate_mutants.DECLARED, act))
        ill = [one for one in acts if check(gate_mutants.DECLARED, one)]
        copied = {name: record.get(name) for name in ("unit", "items")}
        given = {name: _first(acts, name) for name in copied}
        if ill or record["unsettled"] or record["state"] != "open":
            problems.append(f"seed {seed}: somebody is asked: {record['unsettled']} {ill}")
        elif copied != given or record["owner"] != first["by"]:
            problems.append(f"seed {seed}: not as it was first: {copied}, {record['owner']}")
        if problems and trial.until_red:
            break
    return Result(counts, problems)


def _makers(luck: Random) -> list[str]:
    return luck.sample([*PEOPLE, CLOCK], luck.randint(2, 4))


def _making(luck: Random, number: int, by: str) -> Act:
    copied = {"unit": f"unit:{number}", "items": [f"v{number}"]}
    data = {**KEY, **(copied if luck.random() < 0.7 else {})}
    act = whole([identifier(number), "run.opened", 10 + luck.randrange(9), by, None, data])
    at = 1_795_568_400_000 + act["at"]
    return {**act, "record": key_id("run", [data[name] for name in KEY]), "at": at}


def _first(acts: list[Act], name: str) -> Any:
    listed = sorted(acts, key=lambda act: fold.order(gate_mutants.DECLARED, act))
    return next((one["data"][name] for one in listed if name in one["data"]), None)


def whole_only(real: Any) -> Any:
    """Return a mistake: who says what stands there already is not written down."""

    def answered(record: Record, path: str, value: Any, act: Act, *, undo: bool) -> Any:
        again = maps.read(record, path) == value
        return None if again else real(record, path, value, act, undo=undo)

    return answered


def nothing_before(record: Record, path: str, act: str) -> tuple[Any, Any]:
    """Return a mistake: what is taken back is nobody's any more."""
    return (None, None)


SHEETS = (
    Mutant("one key holds back all", instead((guards, "is_whole", gate_mutants.YES)), 30, True),
    Mutant("nobody asks", instead((guards, "changed_meanwhile", lambda *_: [])), 30, True),
    Mutant("the second is forgotten", instead((maps, "answered", whole_only(maps.answered))), 5),
    Mutant("what is taken back is gone", instead((maps, "taken_back", nothing_before)), 5),
    Mutant("only the newest five", instead((maps, "answered_by", lambda *_: {})), 5, True),
)
GATES = tuple(replace(one, many=3_000, quick=False) for one in gate_mutants.GATES[:4])
KEYED = (
    Mutant(
        "a copy is an answer",
        gate_mutants.declared(fields=lambda some: [{**one, "takes": []} for one in some]),
        30,
        True,
    ),
    Mutant(
        "made once alone",
        gate_mutants.declared(acts=lambda some: [{**one, "again": False} for one in some]),
        5,
        True,
    ),
)
PROPERTIES = [
    Property(
        "G4",
        "Two people fill one sheet; a question of what they say differently alone",
        one_sheet,
        full=400,
        quick=12,
        mutants=SHEETS,
        seconds=20,
    ),
    Property(
        "G5",
        "Whoever makes a record with a key makes the same",
        one_record,
        full=5_000,
        quick=200,
        mutants=KEYED,
        seconds=5,
    ),
    Property(
        "G6",
        "No sheet is closed but by two people who saw all its answers",
        lambda trial: no_way_through(trial, ("run",)),
        full=40_000,
        quick=400,
        mutants=GATES,
        seconds=40,
        parts=4,
    ),
]
