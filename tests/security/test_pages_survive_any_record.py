"""A2, A8: no record that the intake lets pass makes a page of the office fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import made_site
from tests.clock import Clock
from tests.security.any_history import AnyHistory, pages
from tests.server.in_process import inside

HISTORIES = 120  # in parts of PART; 5,000 by `make reliability`
PART = 60


def failing(folder: Path, seed: int, histories: int = PART) -> list[str]:
    """Live histories by lot, open every page as two people; return what failed."""
    site = made_site(folder, Clock())
    history = AnyHistory(site, seed)
    for _ in range(histories):
        history.lives()
    failed = []
    with inside(site) as door:
        for path in dict.fromkeys(pages(site, history.records)):
            for person in ("wu", "chen"):
                answer = door.ask(person, "GET", path, headers={"accept": "text/html"})
                if answer.status_code >= 500:
                    failed.append(f"{person} {path} {answer.status_code}")
    site.close()
    return failed


@pytest.mark.parametrize("seed", range(HISTORIES // PART))
def test_no_page_fails(tmp_path: Path, seed: int) -> None:
    """A2, A8: an `edited` with `old: 7`, a person nobody made: pages answered 500 for ever."""
    assert failing(tmp_path, seed) == []
