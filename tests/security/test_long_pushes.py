"""A3: no push holds the one writer, whatever it carries, and work grows no faster than the push."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from server.acts.intake import MOST_SPENT
from server.acts.site import Site
from sync import fold
from tests.cast import Cast
from tests.clock import MINUTE, SECOND, Clock
from tests.limits import joined
from tests.server import database_rows


def a_long_record(cast: Cast, clock: Clock, size: int) -> str:
    """A wait with `size` notes, the last ones far later than the first."""
    waiting = cast.lin.new("waiting")
    start = clock()
    cast.lin.says("waiting.started", waiting, place="place:lobby-1", at=start)
    for number in range(size):
        cast.lin.says("waiting.revealed", waiting, at=start + MINUTE * 60 + number)
    clock.passes(hours=2)
    assert all(verdict.good for verdict in cast.lin.hands_in())
    cast.lin.kept.clear()
    return waiting


def late(cast: Cast, waiting: str, start: int, size: int) -> list[Any]:
    """Return `size` acts that all belong before what the record has, the last one first."""
    acts = [
        cast.lin.says("waiting.revealed", waiting, at=start + size - number)
        for number in range(size)
    ]
    cast.lin.kept.clear()
    return acts


def test_a_record_is_folded_once_a_transaction(
    site: Site, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A3: 2,000 late acts were 2,000 folds of 2,000 acts."""
    start = clock() + SECOND
    waiting = a_long_record(cast, clock, 100)
    acts = late(cast, waiting, start, 200)
    folds, units = [], []
    real, new = fold.fold, site._new_unit
    monkeypatch.setattr(fold, "fold", lambda *given: folds.append(1) or real(*given))
    monkeypatch.setattr(site, "_new_unit", lambda connection: units.append(1) or new(connection))
    assert all(verdict.good for verdict in cast.lin.hands_in(*acts))
    assert len(units) == 1 and len(folds) == 1
    assert database_rows.one(site, waiting)["acts"]["n"] == 301


def test_late_acts_cost_in_proportion(site: Site, cast: Cast, clock: Clock) -> None:
    """A3: at three sizes, measured by the work that is done: each is folded a few times at most."""
    work = []
    for size in (125, 250, 500):
        start = clock() + SECOND
        waiting = a_long_record(cast, clock, size)
        acts = late(cast, waiting, start, size)
        applied = 0
        real = fold.apply

        def counted(*given: Any, real: Any = real) -> Any:
            nonlocal applied
            applied += 1
            return real(*given)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(fold, "apply", counted)
            assert all(verdict.good for verdict in cast.lin.hands_in(*acts))
        work.append(applied / size)
    assert max(work) < 1.6 * min(work), work


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_thousand_late_acts_let_others_in(
    site: Site, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A3: the specimen. Others wait for one transaction; tests/bench/long_pushes.py times it.

    Whoever came meanwhile is committed before the next part of the push, not together with it.
    """
    together: list[list[bool]] = []
    commit = site._commit
    monkeypatch.setattr(
        site, "_commit", lambda jobs: (together.append([j.is_long for j in jobs]), commit(jobs))
    )
    start = clock() + SECOND
    waiting = a_long_record(cast, clock, 1_990)
    acts = late(cast, waiting, start, 2_000)
    bodies = [row for row in database_rows.rows(site, "acts") if row["record"] == waiting]
    taken: list[str] = []
    done = threading.Event()

    def others() -> None:
        while not done.is_set():
            verdict = cast.chen.does(
                "waiting.started", cast.chen.new("waiting"), place="place:lobby-2"
            )
            assert verdict.good
            taken.append(verdict.id)

    thread = threading.Thread(target=others)
    thread.start()
    verdicts = cast.lin.hands_in(*acts)
    done.set()
    joined(thread)
    assert all(verdict.good for verdict in verdicts) and len(bodies) == 1_991
    assert len(taken) >= 3, "others came in between"
    assert all(len(jobs) == 1 for jobs in together if any(jobs))


def test_a_push_is_taken_in_parts_and_answered_whole(
    site: Site, cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A3: the verdicts are those of the documents in their order, however many transactions."""
    units = []
    new = site._new_unit
    monkeypatch.setattr(site, "_new_unit", lambda connection: units.append(1) or new(connection))
    acts = [
        cast.lin.says("waiting.started", cast.lin.new("waiting"), place=place)
        for _ in range(MOST_SPENT)
        for place in ("place:lobby-1", "place:area-2")
    ]
    verdicts = cast.lin.hands_in(*acts)
    assert [verdict.id for verdict in verdicts] == [act["_id"] for act in acts]
    assert [verdict.good for verdict in verdicts[:4]] == [True, False, True, False]
    assert len(units) >= 2
    assert cast.lin.hands_in(*acts[:2])[0].state == "known"
    assert site.accept([], None, received_at=0) == []  # type: ignore[arg-type]


def test_a_record_takes_a_bounded_number_of_acts(site: Site, cast: Cast, clock: Clock) -> None:
    """A3: `record.acts_at_most`; what the server itself says of it is still taken."""
    data = {"value": 50, "reason": "-"}
    cast.wu.does("setting.changed", "setting:record.acts_at_most", **data)
    waiting = a_long_record(cast, clock, 40)
    acts = late(cast, waiting, clock(), 12)
    codes = [verdict.code for verdict in cast.lin.hands_in(*acts)]
    assert codes == [None] * 9 + ["record_full"] * 3
    assert site.record_act("waiting.undone", waiting, {"undoes": acts[0]["_id"]}, by="system:site")


def test_a_record_has_a_bounded_size(site: Site, cast: Cast, clock: Clock) -> None:
    """A3, A8: what did not fit is kept in its record with all its data."""
    cast.wu.does("setting.changed", "setting:record.size_at_most", value=1, reason="-")
    complaint = cast.lin.new("complaint")
    cast.lin.does("complaint.taken", complaint, place="place:lobby-1", words="-", unsigned="-")
    acts = [
        cast.lin.says(
            "complaint.taken",
            complaint,
            place="place:lobby-1",
            words="词" * 4_000,
            unsigned="-",
            readback="词" * 6_000,
        )
        for _ in range(50)
    ]
    codes = {verdict.code for verdict in cast.lin.hands_in(*acts)}
    assert codes == {None, "record_full"}
    row = next(row for row in database_rows.rows(site, "records") if row["id"] == complaint)
    assert len(row["body"]) < 1_100_000


def test_a_record_takes_a_bounded_number_of_questions(site: Site, cast: Cast, clock: Clock) -> None:
    """A3: each question makes folding dearer; with so many open, nobody can mean another."""
    cast.wu.does("setting.changed", "setting:record.questions_at_most", value=20, reason="-")
    waiting = a_long_record(cast, clock, 1)
    nothing = "act:" + "0" * 26
    for _ in range(20):
        assert cast.lin.does("waiting.undone", waiting, undoes=nothing).good
    assert cast.lin.does("waiting.undone", waiting, undoes=nothing).code == "record_full"
    assert cast.lin.does("waiting.started", cast.lin.new("waiting"), place="place:lobby-1").good
