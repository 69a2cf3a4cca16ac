"""Replays a small day with five tablets that lose their network and a server that is killed."""

from __future__ import annotations

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from server.demo.data.measured_traffic import WAITED, quantile
from tests.reliability.replay_with_kills import replay

VISITS = 200
SPEED = 600


def small_day(file: Path) -> None:
    """Write 200 visits of two hours, whose waits are as measured but end within an hour."""
    dice = random.Random(4)
    opens = datetime(2026, 11, 4, 8, 0)
    with file.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(("entered_at", "seen_at", "completed_at", "doctor_kind"))
        for _ in range(VISITS):
            entered = opens + timedelta(seconds=dice.randrange(7_200))
            seen = entered + timedelta(minutes=min(quantile(WAITED, dice.uniform(0, 99)), 60))
            out_at = seen + timedelta(minutes=3)
            lines.writerow([t.isoformat(timespec="seconds") for t in (entered, seen, out_at)])


@pytest.mark.serial
def test_nothing_is_lost_or_told_twice_though_networks_fail_and_the_server_is_killed(
    tmp_path: Path,
) -> None:
    small_day(tmp_path / "day.csv")
    line = replay(tmp_path, tmp_path / "day.csv", "2026-11-04", speed=SPEED, tablets=5, kills=[8.0])
    wrong = {name: line[name] for name in ("lost", "duplicated", "duplicates", "missed")}
    assert wrong == dict.fromkeys(wrong, 0)
    assert line["visits"] == VISITS
    assert line["acked"] == line["acts"] > 5 * VISITS
    assert line["escalations_fired"] == line["escalations_due"] > 100
    assert line["unsettled"] == 0
