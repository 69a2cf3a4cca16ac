"""What a table says of a running deadline: a warning before its day is near and not late."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

import sync
from server.office.page_parts import running_deadlines
from server.office.page_parts.office_request import Desk
from sync import worktime
from sync.display_format import HOUR

DECLARED = sync.declarations()
CALENDAR = {"offset": 480, "closes": 18 * 60, "week": [1, 1, 1, 1, 1, 0, 0], "off": [], "work": []}
NOW = 1_791_532_800_000  # Friday 9 October 2026, 16:00 in China


@pytest.mark.parametrize(("days", "state", "band"), [(0, "due", "soon"), (-1, "over", "late")])
def test_lins_task_is_late_once_its_day_is_over_and_not_when_she_is_reminded(
    days: int, state: str, band: str
) -> None:
    words = SimpleNamespace(gettext=str, npgettext=lambda _c, one, many, n: one if n == 1 else many)
    desk: Any = SimpleNamespace(
        declarations=DECLARED,
        settings=DECLARED["settings"],
        calendar=CALENDAR,
        now=NOW,
        word=str,
        words=words,
    )
    task = {
        "_id": "task:x",
        "type": "task",
        "state": "assigned",
        "kind": "do",
        "raised_at": NOW - 10 * HOUR,
        "limit_day": worktime.local_day(NOW, CALENDAR) + days,
        "rungs": {},
    }
    found = running_deadlines.most_urgent(cast(Desk, desk), task)
    assert found is not None and found.ladder == "task_due"
    assert (found.state, running_deadlines.band(found, NOW)) == (state, band)
