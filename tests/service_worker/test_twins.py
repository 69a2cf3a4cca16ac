"""Runs the vectors, the cases that both languages answer alike, in Node and in Chromium."""

from __future__ import annotations

import functools
import http.server
import json
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright

import sync
from sync.act import ulid
from sync.check_act import check
from sync.fold import fold
from sync.ladder import clocks
from sync.text_folding import folded
from tests.browser import LAUNCH_ARGUMENTS, chromium_path
from tests.limits import COMMAND, joined
from tests.service_worker.node import Node
from tests.sources import ROOT
from tests.sync import histories
from tests.vectors import generate

RUNNER = ROOT / "tests" / "service_worker" / "vectors_in_node.mjs"
VECTORS = ROOT / "tests" / "vectors"
COUNT = sum(len(generate.read(module)) for module in generate.MODULES)


def test_the_tablet_answers_as_written_in_node(node_path: Path) -> None:
    command = [node_path, RUNNER, VECTORS, ROOT / "service_worker" / "rules"]
    said = json.loads(
        subprocess.run(command, check=True, capture_output=True, timeout=COMMAND).stdout
    )
    assert said["failed"] == []
    assert said["ran"] == COUNT


@pytest.mark.browser
def test_the_tablet_answers_as_written_in_its_own_browser(
    playwright: Playwright, tmp_path: Path, address: str
) -> None:
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chromium_path(), args=list(LAUNCH_ARGUMENTS)
    )
    try:
        page = context.pages[0]
        page.goto(f"{address}/tests/vectors/declared.json")
        said = page.evaluate(IN_A_PAGE)
    finally:
        context.close()
    assert said["failed"] == []
    assert said["ran"] == COUNT


@pytest.mark.browser
def test_the_tablets_own_browser_folds_every_letter_as_the_server_does(
    playwright: Playwright, tmp_path: Path, address: str
) -> None:
    codes = [code for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    texts = ["".join(f"|{chr(code)}" for code in codes[at::1_000]) for at in range(1_000)]
    context = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chromium_path(), args=list(LAUNCH_ARGUMENTS)
    )
    try:
        page = context.pages[0]
        page.goto(f"{address}/tests/vectors/declared.json")
        said = page.evaluate(FOLDED_IN_A_PAGE, texts)
    finally:
        context.close()
    differ = [text for text, one in zip(texts, said, strict=True) if one != folded(text)]
    assert differ == []


FOLDED_IN_A_PAGE = """async texts => {
  const { folded } = await import("/service_worker/rules/text_folding.js")
  return texts.map(folded)
}"""

IN_A_PAGE = """async () => {
  const { MODULES, run } = await import("/tests/service_worker/vectors.js")
  const modules = {}
  for (const name of MODULES) modules[name] = await import(`/service_worker/rules/${name}.js`)
  const texts = {}
  for (const name of [...MODULES, "declared"]) {
    texts[name] = await (await fetch(`/tests/vectors/${name}.json`)).text()
  }
  return run(modules, texts)
}"""


@pytest.fixture
def address() -> Iterator[str]:
    """Where the project's files are served from, on this machine only."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=ROOT)
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    joined(thread)
    server.server_close()


# The vectors have a hospital of their own; this is ours, drawn anew with every change of a feature.


@pytest.fixture(scope="module")
def drawn() -> list[list[dict[str, Any]]]:
    """Histories of every kind of record that is declared."""
    luck = random.Random(20_261_125)
    return [histories.drawn(luck, kind) for kind in sync.declarations()["records"] for _ in "1234"]


def test_both_find_the_same_wrong_with_every_declared_act(
    node: Node, drawn: list[list[dict[str, Any]]]
) -> None:
    declared = sync.declarations()
    acts = [act for history in drawn for act in history]
    said = node.calls(
        "service_worker/rules/check_act.js", "check", [[declared, act] for act in acts]
    )
    assert [one.get("value") for one in said] == [check(declared, act) for act in acts]


def test_both_make_the_same_records_and_clocks_of_every_declared_act(
    node: Node, drawn: list[list[dict[str, Any]]]
) -> None:
    declared = sync.declarations()
    folded = [fold(declared, acts) for acts in drawn]
    said = node.calls("service_worker/rules/fold.js", "fold", [[declared, acts] for acts in drawn])
    assert [json.dumps(one.get("value")) for one in said] == [json.dumps(one) for one in folded]
    calendar = {
        "offset": 480,
        "opens": 480,
        "closes": 1_080,
        "week": [1] * 7,
        "off": [],
        "work": [],
    }
    asked = [[declared, record, declared["settings"], calendar] for record in folded]
    said = node.calls("service_worker/rules/ladder.js", "clocks", asked)
    assert [one.get("value") for one in said] == [clocks(*arguments) for arguments in asked]


def test_a_new_act_of_the_tablet_is_well_formed(node: Node) -> None:
    at = 1_795_568_400_000
    options = {"at": at, "by": "person:lin", "device": "device:1", "site": "demo"}
    made = [
        node.call(
            "service_worker/rules/act.js",
            "makeAct",
            ["waiting.water_given", "waiting:A", {}, options],
        )
        for _ in range(50)
    ]
    assert [check(sync.declarations(), act) for act in made] == [{}] * 50
    assert len({act["_id"] for act in made}) == 50
    assert {act["_id"][4:14] for act in made} == {ulid(at, 0)[:10]}
    # Eighty random bits: every letter of chance differs somewhere in fifty ids.
    assert all(len({act["_id"][place] for act in made}) > 1 for place in range(14, 30))
