"""Rows of quarantine: refused bodies, and how much was refused of whom in a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from server.database.statements import Row, Statements


@dataclass(frozen=True)
class RefusedOnDay:
    """How much was refused in a day: bodies, their bytes, and bodies for one and the same code."""

    count: int
    size: int
    alike: int


class QuarantineRows(Statements):
    """The part of the store that keeps what was refused."""

    def refused_before(self, acts: Iterable[str]) -> list[Any]:
        """Return the undecided rows of quarantine with the ids of these acts."""
        among, parameters = self._among(acts)
        return list(
            self._run(
                "select id, act_id, refusal from quarantine"  # noqa: S608
                f" where act_id {among} and decided_at is null",
                parameters,
            )
        )

    def quarantined(self, identifier: str) -> Any:
        """Return the row of a body in quarantine, or None."""
        return self._run(
            "select id, code, refusal, decided_at from quarantine where id = ?", (identifier,)
        ).first()

    def refused_bodies(self, refusal: str) -> list[Any]:
        """Return the rows of quarantine that a refusal shows."""
        wanted = "select body, by_, received_at from quarantine where refusal = ?"
        return list(self._run(wanted + " order by received_at, id", (refusal,)))

    def refused_on(self, owner: str, day: int, code: str) -> RefusedOnDay:
        """Return what was refused of a person or device on a day (since 1970)."""
        row = self._run(
            "select coalesce(sum(count), 0), coalesce(sum(bytes), 0),"
            " coalesce(sum(case when code = ? then count else 0 end), 0)"
            " from refused_days where owner = ? and day = ?",
            (code, owner, day),
        ).one()
        return RefusedOnDay(int(row[0]), int(row[1]), int(row[2]))

    def keep_refused(self, row: Row) -> None:
        """Quarantine a refused body; the same body again changes nothing."""
        self._insert("quarantine", [row], "on conflict (id) do nothing")

    def count_refused(self, owner: str, day: int, code: str, size: int) -> int:
        """Count a refused body of `size` bytes; return how many of this code the day has now."""
        return int(
            self._run(
                "insert into refused_days (owner, day, code, count, bytes) values (?, ?, ?, 1, ?)"
                " on conflict (owner, day, code) do update set"
                " count = refused_days.count + 1, bytes = refused_days.bytes + excluded.bytes"
                " returning count",
                (owner, day, code, size),
            ).scalar_one()
        )

    def forget_refused_days(self, before: int) -> None:
        """Forget what was refused on days before one (since 1970): the quota is one of a day."""
        self._run("delete from refused_days where day < ?", (before,))

    def settle_refused(self, identifier: str, at: int) -> None:
        """Mark a body in quarantine as settled."""
        self._run("update quarantine set decided_at = ? where id = ?", (at, identifier))

    def settle_refusal(self, refusal: str, at: int) -> None:
        """Mark the body that a refusal shows as decided."""
        self._run(
            "update quarantine set decided_at = ? where refusal = ? and decided_at is null",
            (at, refusal),
        )
