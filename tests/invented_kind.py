"""A kind of record that no file of the project knows: what somebody left behind in the lobby.

It stands for every kind that is still to come. `declared()` adds it to what is declared for as long
as a block runs; `worker_script` builds the tablet's worker with it.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import sync
from service_worker.build import node, pipeline
from service_worker.build.tablet_declarations import for_tablet
from sync import features
from sync.declare import Act, Field, Ladder, List, Record, Rung
from sync.posts import FLOOR
from tests.limits import COMMAND

KEPT = {"state": "kept"}

LOST = Record(
    "lost",
    label="失物",
    many="失物招领",
    book="floor",
    icon="package",
    path="lost",
    section="lost",
    fields=(
        Field("item", "text", "物品", max=60, editable=True),
        Field("name", "text", "失主", max=60, private=True, editable=True),
        Field("phone", "phone", "失主电话", private=True, editable=True),
        Field("place", "link", "在哪里捡到"),
        Field("reason", "text", "说明", max=200, required={"item": "现金"}),
        Field("room", "text", "归还地点", max=200, takes=("place", "name")),
    ),
    starts_as={"state": "kept"},
    acts=(
        Act(
            "found",
            "捡到",
            who=FLOOR,
            creates=True,
            asks=("item", "name", "phone", "place"),
            needs=("item", "place"),
            stamps=("found_at",),
            icon="hand-heart",
        ),
        Act(
            "returned",
            "归还失主",
            who=FLOOR,
            when=KEPT,
            asks=("reason", "room"),
            sets={"state": "returned"},
            stamps=("returned_at",),
            icon="log-out",
        ),
        Act("revealed", "看过隐私", who=("anybody",), adds={"reveals": 1}, undo=False),
    ),
    channels=("{place}", "{owner}", "post:guide_supervisor", "post:cs_manager"),
    states=(("kept", "保管中"), ("returned", "已归还")),
    title=("item",),
    line=("name", "phone", "place"),
    side="state",
    facts=("item", "phone", "found_at", "owner"),
    finds=("item", "name", "phone"),
    lists=(List("kept", by="found_at", where=KEPT),),
    open_when=KEPT,
    editors=FLOOR,
)

CLAIM = Ladder(
    "lost_claim",
    label="找失主",
    record="lost",
    rule="",
    starts="found_at",
    runs_while=KEPT,
    rungs=(
        Rung("due", "联系失主", ("waiting.water_after",), ("owner",)),
        Rung(
            "supervisor",
            "报告导医主管",
            ("waiting.water_after", "waiting.water_supervisor_after"),
            ("guide_supervisor",),
        ),
    ),
    answers=("returned",),
)


@contextlib.contextmanager
def declared(*kinds: Record | Ladder) -> Iterator[None]:
    """Let the kind, or others, be declared for server and build while the block runs."""
    module = ModuleType("sync.features.lost")
    vars(module).update({one.name: one for one in kinds or (LOST, CLAIM)})
    before = features.FEATURES
    features.FEATURES = (*before, module)
    sync.declarations.cache_clear()
    try:
        yield
    finally:
        features.FEATURES = before
        sync.declarations.cache_clear()


def worker_script(folder: Path) -> str:
    """Return the worker as the build makes it, with the declarations as they are now."""
    copy = folder / "service_worker"
    unread = shutil.ignore_patterns("node_modules", "static")
    shutil.copytree(pipeline.WORKER, copy, ignore=unread)
    (copy / "node_modules").symlink_to(pipeline.WORKER / "node_modules")
    kept = pipeline.declarations_module(for_tablet(sync.declarations()))
    (copy / "generated" / "declarations.js").write_text(kept, "utf-8")
    words = pipeline.messages_module(kept)
    (copy / "generated" / "messages.js").write_text(words, "utf-8")
    esbuild = node.FOLDER / "node_modules" / "esbuild" / "bin" / "esbuild"
    flags = ("--bundle", "--format=iife", "--log-level=warning")
    bundle = [str(node.node_path()), str(esbuild), *flags, "worker.js"]
    done = subprocess.run(
        bundle, cwd=copy, text=True, capture_output=True, check=False, timeout=COMMAND
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout)
