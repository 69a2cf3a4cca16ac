"""Acts in any order, repeated and in any batches: the records are the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.acts.access import SYSTEM_ACTOR, Actor
from server.acts.site import Site
from sync.act import Act
from tests import databases
from tests.cast import Cast, Tablet, cast, made_site
from tests.clock import DAY, HOUR, MINUTE, SECOND, Clock
from tests.server import database_rows

KINDS = ("waiting", "arrival", "complaint")
EVENING = 9 * HOUR


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A folder with the database of a site on which nothing happened yet."""
    with tempfile.TemporaryDirectory() as folder:
        site = made_site(Path(folder), Clock())
        # Undo has no limit here: whether it is kept aside depends on what arrived before it.
        always = {"value": 1_000_000, "reason": "any order"}
        limit, at = "setting:undo.offered_for", site.now() - DAY
        assert site.record_act("setting.changed", limit, always, by="system:site", at=at).good
        site.close()
        yield Path(folder)


class Story:
    """A day that Lin, Chen and Wu might have, drawn by lot: acts as their tablets kept them."""

    def __init__(self, cast: Cast, luck: Random) -> None:
        self.cast = cast
        self.luck = luck
        self.acts: list[Act] = []
        self.now = cast.lin.clock()

    def happens(self, tablet: Tablet, what: str, record: str, /, **data: Any) -> Act:
        self.now += self.luck.randrange(0, 3 * MINUTE)
        at = self.now + self.luck.choice((0, 0, 0, -40 * SECOND, 20 * SECOND))
        seen = self.luck.choice([None, *(act["_id"] for act in self.acts[-2:])])
        act = tablet.says(what, record, at=at, seen=seen, **data)
        self.acts.append(act)
        return act

    def told(self, length: int) -> list[Act]:
        """Return the acts of a story."""
        lin, chen, wu = self.cast.lin, self.cast.chen, self.cast.wu
        waiting, visit, complaint = (lin.new(kind) for kind in KINDS)
        lobby = "place:lobby-1"
        self.happens(lin, "waiting.started", waiting, place=lobby, name="张晓丽")
        self.happens(lin, "arrival.registered", visit, place=lobby, name="王芳")
        self.happens(lin, "complaint.taken", complaint, place=lobby, words="等太久")
        for _ in range(length):
            who = self.luck.choice((lin, chen, wu))
            what: list[tuple[str, str, dict[str, Any]]] = [
                ("waiting.water_given", waiting, {}),
                ("waiting.doctor_asked", waiting, {"doctor_says": self.luck.choice("ab")}),
                ("waiting.explained", waiting, {}),
                ("waiting.assistant_told", waiting, {}),
                ("waiting.ended", waiting, {"outcome": self.luck.choice(("seen", "left"))}),
                ("waiting.edited", waiting, {"field": "note", "old": None, "new": "x"}),
                ("arrival.stage_reached", visit, {"stage": "triaged", "place": "place:lobby-2"}),
                ("arrival.stage_reached", visit, {"stage": "waiting", "place": lobby}),
                ("arrival.sent_off", visit, {"guidance": True}),
                ("complaint.responded", complaint, {"response": "已道歉"}),
                ("complaint.escalated", complaint, {"reason": "不满意"}),
            ]
            name, record, data = self.luck.choice(what)
            self.happens(who, name, record, **data)
            mine = [act for act in self.acts if act["by"] == who.person]
            if mine and self.luck.random() < 0.25:
                act = self.luck.choice(mine)
                kind = act["record"].partition(":")[0]
                self.happens(who, f"{kind}.undone", act["record"], undoes=act["_id"])
            others = [act for act in self.acts if act["by"] != chen.person]
            if others and self.luck.random() < 0.2:  # nobody decides about an act of their own
                act = self.luck.choice(others)
                kind = act["record"].partition(":")[0]
                choice = self.luck.choice(("accept", "keep"))
                self.happens(
                    chen, f"{kind}.decided", act["record"], about=act["_id"], choice=choice
                )
        return self.acts


def hand_in(site: Site, acts: list[Act]) -> None:
    """Hand in acts of several people in one order, those next to each other together."""
    batch: list[Act] = []
    for act in [*acts, None]:
        if batch and (act is None or act["by"] != batch[0]["by"]):
            person = batch[0]["by"]
            verdicts = site.accept(batch, Actor(site.person(person), batch[0]["device"]))
            assert all(verdict.good for verdict in verdicts), verdicts
            batch = []
        if act is not None:
            batch.append(act)


def state_of(site: Site) -> dict[str, Any]:
    return {
        "records": database_rows.records(site, *KINDS),
        "offered": database_rows.offered(site, *KINDS),
        "timers": database_rows.timers(site),
        "acts": {row["id"]: row["body"] for row in database_rows.rows(site, "acts")},
    }


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 2**32), length=st.integers(0, 16), order=st.randoms(use_true_random=False)
)
def test_any_order_any_repetition_the_same_hospital(
    template: Path, seed: int, length: int, order: Random
) -> None:
    # Hypothesis may leave in the middle, and the sites are closed all the same.
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sites = []
        for name in ("one", "other"):
            databases.copy(template, Path(folder) / name)
            stack.callback(databases.forget, Path(folder) / name)
            clock = Clock()
            site = stack.enter_context(closing(made_site(Path(folder) / name, clock)))
            sites.append((site, clock))
        (one, clock), (other, other_clock) = sites
        acts = Story(cast(one, clock), Random(seed)).told(length)
        clock.passes(ms=EVENING)
        other_clock.passes(ms=EVENING)
        hand_in(one, acts)
        shuffled = [*acts, *(order.choice(acts) for _ in range(order.randrange(8)))]
        order.shuffle(shuffled)
        hand_in(other, shuffled)
        assert state_of(one) == state_of(other)
        assert other.refold()[1] == 0


def test_rungs_that_were_reached_meanwhile_change_nothing_of_that(
    tmp_path: Path, template: Path
) -> None:
    """The clock's own acts are acts like others: folded in their place, whenever they come."""
    databases.copy(template, tmp_path / "one")
    clock = Clock()
    site = made_site(tmp_path / "one", clock)
    lin = cast(site, clock).lin
    waiting = lin.new("waiting")
    started = lin.says("waiting.started", waiting, place="place:lobby-1")
    lin.hands_in(started)
    due = clock() + 5 * MINUTE
    watered = lin.says("waiting.water_given", waiting, at=due - MINUTE)
    clock.passes(minutes=6)
    reached = {"ladder": "waiting_water", "rung": 1, "due_at": due}
    site.record_act("waiting.rung_reached", waiting, reached, by="system:clock", at=clock())
    told = [row for row in database_rows.rows(site, "timers") if row["told_at"] is not None]
    assert [(row["ladder"], row["rung"]) for row in told] == [("waiting_water", 1)]
    lin.hands_in(watered)
    assert not [t for t in database_rows.timers(site) if t[1] == "waiting_water"], "water was given"
    assert site.refold()[1] == 0
    assert site.accept([], SYSTEM_ACTOR) == []
    site.close()
