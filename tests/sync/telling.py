"""Helpers of the tests of records: moments in China, and people who make acts."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import sync
from sync import fold
from sync.act import Act, make
from sync.check_act import Record

CHINA = timezone(timedelta(hours=8))
DECLARED = sync.declarations()
SETTINGS = DECLARED["settings"]
LIN, CHEN, WU = "person:lin", "person:chen", "person:wu"
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def moment(text: str) -> int:
    """Return the moment (ms) that a clock in China shows as `2026-11-25 09:00`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp() * 1_000)


def day(text: str) -> int:
    """Return the number of a day such as `2026-10-01`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // 86_400


def shown(at: int | None) -> str:
    """Return what a clock in China shows at a moment."""
    return "never" if at is None else f"{datetime.fromtimestamp(at / 1_000, CHINA):%Y-%m-%d %H:%M}"


# Monday to Friday until six; National Day 2026, with a Sunday and a Saturday worked for it.
CALENDAR = {
    "offset": 480,
    "opens": 8 * 60,
    "closes": 18 * 60,
    "week": [1, 1, 1, 1, 1, 0, 0],
    "off": [day("2026-10-01") + number for number in range(7)],
    "work": [day("2026-09-20"), day("2026-10-10")],
}
NINE = moment("2026-11-25 09:00")  # a Wednesday


class Case:
    """One record and what people say about it, minutes after nine."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.acts: list[Act] = []
        self._numbers = itertools.count(1)

    def says(
        self,
        person: str,
        verb: str,
        /,
        minute: float = 0,
        *,
        seen: Act | None = None,
        unseen: bool = False,
        **data: Any,
    ) -> Act:
        """Add an act whose author has seen the one before, or `seen`, or nothing if `unseen`."""
        looked = seen or (self.acts[-1] if self.acts and not unseen else None)
        number = next(self._numbers)
        act = make(
            f"{self.kind}.{verb}",
            f"{self.kind}:A",
            data,
            at=NINE + int(minute * MINUTE),
            by=person,
            device="device:" + person.partition(":")[2],
            site="demo",
            seen=looked["_id"] if looked else None,
            random_bits=lambda: number,
        )
        self.acts.append(act)
        return act

    @property
    def record(self) -> Record:
        """What all of it adds up to."""
        record = fold.fold(DECLARED, self.acts)
        assert record is not None
        return record

    @property
    def questions(self) -> list[tuple[str, str]]:
        """Return the unsettled acts: who made each, and why it did not fit."""
        return [(question["by"], question["reason"]) for question in self.record["unsettled"]]


def waiting(minute: float = 0) -> Case:
    """Somebody whom Lin saw sit down."""
    case = Case("waiting")
    case.says(LIN, "started", minute, place="place:lobby-1", name="林小美")
    return case
