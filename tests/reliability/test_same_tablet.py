"""The tablets of the simulated hospitals keep what service_worker/keeping.js would."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.reliability.device import KEEP_SENT, Device
from tests.reliability.oracle import Broken
from tests.reliability.registry import replaced
from tests.reliability.s_histories import quiet
from tests.reliability.world import STEPS, World
from tests.service_worker.node import Node

MODULE = "tests/reliability/same_tablet.mjs"
HISTORIES = 50
Step = dict[str, Any]


class Watched:
    """Writes down what happens to a device, in groups, and what it keeps after each group."""

    def __init__(self, device: Device, now: Callable[[], int]) -> None:
        self.device, self.now = device, now
        self.groups: list[list[Step]] = []
        self.kept: list[Any] = []
        self._steps: list[Step] = []

    def __enter__(self) -> Watched:
        told: dict[str, Callable[..., Step | None]] = {
            "keep": lambda act, at: {"act": act, "at": at},
            "acknowledged": lambda identifier: {"id": identifier},
            "refuse": lambda identifier, code: {"id": identifier, "code": code},
            "take_page": lambda rows: {"rows": [_row(row) for row in rows]},
            "_sweep": dict,
            "offer_again": lambda: {"since": self._newest() - KEEP_SENT},
            "_confirm": lambda: {} if self.device.disk.reader != self.device.person else None,
        }
        for name, tells in told.items():
            setattr(self.device, name, self._heard(name, tells))
        return self

    def __exit__(self, *_: object) -> None:
        for name in ("keep", "acknowledged", "refuse", "take_page", "_sweep", "offer_again"):
            delattr(self.device, name)
        del self.device._confirm

    def _heard(self, name: str, tells: Callable[..., Step | None]) -> Callable[..., Any]:
        real = getattr(self.device, name)

        def does(*given: Any) -> Any:
            step = tells(*given)
            if step is not None:
                marks = {"what": name, "at": self.now(), "round": self.device.disk.round}
                self._steps.append(orjson.loads(orjson.dumps({**marks, **step})))
            return real(*given)

        return does

    def _newest(self) -> int:
        return max((row.kept_at for row in self.device.disk.acts.values()), default=0)

    def ends(self) -> None:
        """End a group."""
        if not self._steps:
            return
        self.groups.append(self._steps)
        self._steps = []
        disk = self.device.disk
        acts = {
            name: [
                row.state,
                row.over,
                row.kept_at if row.state == "waiting" else None,
                row.code if row.state == "refused" else "",
            ]
            for name, row in disk.acts.items()
        }
        said = {"view": disk.view, "base": disk.base, "acts": acts}
        self.kept.append(orjson.loads(orjson.dumps(said)))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["id"], "record": row.get("doc")}


def lived(seed: int) -> Watched:
    """Live a history through, and watch one of its tablets."""
    with quiet(), World(seed) as world:
        with Watched(world.devices[seed % len(world.devices)], world.clock) as watched:
            for _ in range(STEPS):
                world.anything()
                watched.ends()
            world.heals()
            watched.ends()
        return watched


def _differs(node: Node, watched: Watched) -> str | None:
    said = node.call(MODULE, "replayed", [watched.groups])
    for number, (ours, theirs) in enumerate(zip(watched.kept, said, strict=True)):
        for store, rows in ours.items():
            if rows != theirs[store]:
                names = [
                    n for n in {**rows, **theirs[store]} if rows.get(n) != theirs[store].get(n)
                ]
                return f"group {number}: {store} has another {names[0]}"
    return None


@pytest.fixture
def node(generated: Path) -> Iterator[Node]:
    """Node, with what the tablet's code is built from."""
    with Node() as found:
        yield found


def test_the_simulated_tablet_keeps_what_the_real_one_does(node: Node) -> None:
    done: set[str] = set()
    for seed in range(HISTORIES):
        watched = lived(seed)
        assert _differs(node, watched) is None, f"seed {seed}"
        done |= {step["what"] for steps in watched.groups for step in steps}
    assert done == {"keep", "acknowledged", "refuse", "take_page", "_sweep", "offer_again",
                    "_confirm"}  # fmt: skip


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
        for seed in range(HISTORIES):
            with contextlib.suppress(Broken):
                if _differs(node, lived(seed)):
                    return
    pytest.fail("nobody noticed")
