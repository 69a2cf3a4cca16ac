"""Fixtures of all tests: the repository's folder, its Node, a current build, Playwright."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from playwright.sync_api import Playwright

from service_worker.build import node, pipeline
from tests import browser, memory_disk
from tests.browser import chromium_path, playwright_running
from tests.reliability import power_cut_disk
from tests.sources import ROOT
from tests.tablet import until

BUILDS_WITHIN = 180  # s


def pytest_configure() -> None:
    """Keep what tests write in memory."""
    memory_disk.use()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not tried: no registry has a CouchDB, and not every machine may mount a disk."""
    if not os.environ.get("COUCHDB_URL"):
        terminalreporter.write_line(
            "Not tried: a real CouchDB. Name one on this machine, with an administrator's name"
            " and password, in COUCHDB_URL."
        )
    if (reason := power_cut_disk.why_not()) is not None:
        terminalreporter.write_line(f"Not tried: disks that fail (D2, D3, D4). {reason}.")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the project."""
    return ROOT


@pytest.fixture(scope="session")
def node_path() -> Path:
    """The Node that came with the Python packages."""
    return node.node_path()


@pytest.fixture(scope="session")
def generated() -> Iterator[Path]:
    """service_worker/generated/ as the sources are now; workers of one run build it once."""
    with (ROOT / ".venv" / ".building").open("w") as lock:
        until(lambda: _is_mine(lock), "another worker's build", BUILDS_WITHIN)
        if not pipeline.is_current():
            try:
                pipeline.run(quiet=True)
            except SystemExit as fault:
                pytest.fail(str(fault))
    yield pipeline.GENERATED


def _is_mine(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@pytest.fixture(autouse=True)
def _within_its_policy() -> Iterator[None]:
    """No page may do what its Content-Security-Policy forbids; a test that sees one fails."""
    browser.violations.clear()
    yield
    seen = list(browser.violations)
    browser.violations.clear()
    assert not seen, "the policy was violated:\n" + "\n".join(seen)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One Playwright for all tests of a process: there cannot be two at the same time."""
    chromium_path()  # looks once, and may need a Playwright for it
    with playwright_running() as running:
        yield running
