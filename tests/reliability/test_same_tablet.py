"""The simulated tablet asks and stores what the real one does: replicate.js down to IndexedDB."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.reliability.device import Device, Line
from tests.reliability.oracle import Broken
from tests.reliability.registry import replaced
from tests.reliability.server_clients import Page, Pushed, Trouble
from tests.reliability.sync_histories import quiet
from tests.reliability.world import STEPS, World
from tests.service_worker.node import Node

MODULE = "tests/reliability/same_tablet.mjs"
HISTORIES = 50
Step = dict[str, Any]


def as_kept(device: Device) -> Any:
    """Return what a device keeps, as JSON has it."""
    disk = device.disk
    acts = {
        name: [
            row.state,
            row.over,
            row.kept_at if row.state == "waiting" else None,
            row.code if row.state == "refused" else "",
        ]
        for name, row in disk.acts.items()
    }
    meta = [disk.checkpoint, disk.epoch, disk.round or None, disk.whole]
    said = {"view": disk.view, "base": disk.base, "acts": acts, "meta": meta}
    return orjson.loads(orjson.dumps(said))


class Watched:
    """Records the life of a device: what it received at each step, and held after it."""

    def __init__(self, device: Device, now: Callable[[], int]) -> None:
        self.device, self.now = device, now
        self.steps: list[Step] = []
        self.kept: list[Any] = []
        self._keep, self._turn = device.keep, device.turn
        device.keep = self.keep  # type: ignore[method-assign]
        device.turn = self.turn  # type: ignore[method-assign]

    def keep(self, act: Any, at: int) -> None:
        """Somebody does something."""
        self._keep(act, at)
        self._notes({"act": act, "at": at})

    def turn(self, line: Line) -> str:
        """It pushes and pulls; what it hears is written down."""
        answers: list[Step] = []
        step = {"at": self.now(), "person": self.device.person, "answers": answers}
        heard = Line(
            lambda person, acts: _heard(
                answers, "_bulk_docs", [act["_id"] for act in acts], lambda: line.push(person, acts)
            ),
            lambda person, since, limit: _heard(
                answers, "_changes", since or "0", lambda: line.pull(person, since, limit)
            ),
            line.limit,
            line.pages,
        )
        fate = self._turn(heard)
        pulls = sum(answer["path"] == "_changes" for answer in answers)
        self._notes({**step, "ends_early": pulls == line.pages})
        return fate

    def _notes(self, step: Step) -> None:
        self.steps.append(orjson.loads(orjson.dumps(step)))
        self.kept.append(as_kept(self.device))


def _heard(answers: list[Step], path: str, asked: Any, ask: Callable[[], Any]) -> Any:
    told: Step = {"path": path, "asked": asked}
    answers.append(told)
    try:
        said: Pushed | Page = ask()
    except Trouble as trouble:
        told["trouble"] = str(trouble)
        raise
    told["epoch"] = said.epoch
    if isinstance(said, Pushed):
        told["body"] = [
            {"id": name, "error": "forbidden", "reason": code}
            for name, code in said.refused.items()
        ]
    else:
        told["body"] = {"results": said.rows, "last_seq": said.last, "pending": said.pending}
        told["body"] |= {"reset": True} if said.reset else {}
    return said


def lived(seed: int) -> Watched:
    """Live a history through, and watch one of its tablets."""
    with quiet(), World(seed) as world:
        world.devices[seed % len(world.devices)].seals = False  # the site here gives no key
        watched = Watched(world.devices[seed % len(world.devices)], world.clock)
        with contextlib.suppress(Broken):
            for _ in range(STEPS):
                world.anything()
            world.heals()
        return watched


def differs(node: Node, watched: Watched) -> str | None:
    """Return what the real tablet does otherwise."""
    said = node.call(MODULE, "lived", [watched.steps])
    for number, (ours, theirs) in enumerate(zip(watched.kept, said, strict=True)):
        if theirs["wrong"]:
            return f"step {number}: it {theirs['wrong'][0]}"
        for name, rows in ours.items():
            found = theirs["kept"][name]
            if rows != found:
                return f"step {number}: {name}: {_difference(rows, found)}"
    return None


def _difference(ours: Any, theirs: Any) -> str:
    if isinstance(ours, list):
        return f"{theirs} for {ours}"
    name = next(n for n in {**ours, **theirs} if ours.get(n) != theirs.get(n))
    return f"{name} is {theirs.get(name)} for {ours.get(name)}"


@pytest.fixture
def node(generated: Path) -> Iterator[Node]:
    """Node, with what the tablet's code is built from."""
    with Node() as found:
        yield found


def test_the_simulated_tablet_asks_and_keeps_what_the_real_one_does(node: Node) -> None:
    heard: set[str] = set()
    for seed in range(HISTORIES):
        watched = lived(seed)
        assert differs(node, watched) is None, f"seed {seed}"
        for answer in (a for step in watched.steps for a in step.get("answers", ())):
            heard |= {answer["path"], answer.get("trouble", "")}
            heard |= {"refused"} if answer["path"] == "_bulk_docs" and answer.get("body") else set()
    assert heard >= {"_bulk_docs", "_changes", "offline", "signed_out", "refused"}


@contextlib.contextmanager
def _forgetful() -> Iterator[None]:
    """A tablet that takes a page and forgets what lies over it."""
    real = Device.take_page

    def take(device: Device, rows: Any) -> None:
        for row in device.disk.acts.values():
            row.over = False
        real(device, rows)

    with replaced((Device, "take_page", take)):
        yield


def test_a_simulated_tablet_with_rules_of_its_own_is_noticed(node: Node) -> None:
    with _forgetful():
        assert any(differs(node, lived(seed)) for seed in range(HISTORIES))
