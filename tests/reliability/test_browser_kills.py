"""A few browser kills in the test run: acknowledged acts survive. The full run is a command."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.reliability import browser_kills

KILLS = 12  # `python -m tests.reliability.browser_kills --kills 200` is the whole of it


@pytest.mark.browser
@pytest.mark.serial
def test_a_killed_browser_loses_nothing_and_halves_nothing(
    generated: Path, playwright: Playwright
) -> None:
    log = io.StringIO()
    assert browser_kills.run(KILLS, log, playwright=playwright) == 0, log.getvalue()
    kills = [json.loads(line) for line in log.getvalue().splitlines()[:-1]]
    assert len(kills) == KILLS
    assert sum(kill["acknowledged"] > 0 for kill in kills) == KILLS, (
        "every kill hit a tablet at work"
    )
