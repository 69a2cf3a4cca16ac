"""Rows of rules: what was said for each, what is to be settled, what records are found by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from server.database.statements import Row, Statements

FAILURES = 5  # after which a scope rests until something wakes it
PAUSE = 30_000  # ms after the first failure, twice as long after each more


class Claimed(NamedTuple):
    """A scope of a rule that somebody settles; `today` and `since` in ms."""

    rule: str
    scope: str
    version: int
    done: int
    today: int
    since: int
    attempts: int


class RuleRows(Statements):
    """The part of the store that rules are settled with."""

    # What was said

    def statements_of(self, scopes: Iterable[str]) -> list[Any]:
        """Return (rule, scope, key, body) of the newest statement for each key of some scopes."""
        among, parameters = self._among(scopes)
        return list(
            self._run(
                "select s.rule, s.scope, s.key, a.body from statements s"  # noqa: S608
                f" join acts a on a.id = s.act where s.scope {among}",
                parameters,
            )
        )

    def put_statements(self, rows: list[Row]) -> None:
        """Store statements, each where none is newer."""
        self._insert(
            "statements",
            sorted(rows),
            "on conflict (rule, scope, key) do update set n = excluded.n,"
            " wanted = excluded.wanted, act = excluded.act, record = excluded.record"
            " where statements.n < excluded.n",
        )

    def led_to(self, scope: str) -> list[Any]:
        """Return (rule, record, wanted) of what was said because of a record."""
        return list(
            self._run(
                "select distinct rule, record, wanted from statements where scope = ?"
                " order by rule, record",
                (scope,),
            )
        )

    # What is to be settled

    def wake(self, woken: Iterable[tuple[str, str, int, int]]) -> None:
        """Have scopes settled: (rule, scope, today, since), the moments in ms.

        A scope that was never settled is looked at from the beginning, whatever `since` says.
        """
        rows = [
            (rule, scope, 1, 0, today, since, None, None, 0, 0, None)
            for rule, scope, today, since in sorted(woken)
        ]
        self._insert("settling", rows, WOKEN)

    def open_scopes(self, now: int, lease: int, limit: int) -> list[Any]:
        """Return (rule, scope) of what waits and nobody settles, the longest first."""
        return list(
            self._run(
                f"select rule, scope from settling where {READY} order by today, rule, scope"  # noqa: S608
                " limit ?",
                (now, FAILURES, now - lease, limit),
            )
        )

    def claim(self, scopes: Iterable[Any], now: int, lease: int, claim: str) -> list[Claimed]:
        """Claim scopes under a word of one's own; return those that nobody else has."""
        won = []
        for rule, scope in scopes:
            row = self._run(
                "update settling set claim = ?, claimed_at = ?, attempts = attempts + 1"  # noqa: S608
                f" where rule = ? and scope = ? and {READY}"
                " returning rule, scope, version, done, today, since, attempts",
                (claim, now, rule, scope, now, FAILURES, now - lease),
            ).first()
            if row is not None:
                won.append(Claimed(*row))
        return won

    def held(self, claimed: Iterable[Claimed], claim: str) -> set[tuple[str, str]]:
        """Return (rule, scope) of those that are still claimed under one's word."""
        among, parameters = self._among({one.scope for one in claimed})
        rows = self._run(
            f"select rule, scope from settling where claim = ? and scope {among}",  # noqa: S608
            (claim, *parameters),
        )
        return {(row[0], row[1]) for row in rows}

    def settled(self, claimed: Iterable[tuple[Claimed, int]], claim: str) -> None:
        """Note that scopes are settled up to the version that was claimed, and up to a moment."""
        self._many(
            "update settling set claim = null, claimed_at = null, attempts = 0, failed = null,"
            " since = case when version = ? then ? else since end,"
            " done = ? where rule = ? and scope = ? and claim = ?",
            [
                (one.version, until, one.version, one.rule, one.scope, claim)
                for one, until in claimed
            ],
        )

    def let_go(self, claimed: Claimed, claim: str, run_after: int, failed: str | None) -> None:
        """Leave a scope to whoever comes next; `failed` says why, None that it was overtaken."""
        self._run(
            "update settling set claim = null, claimed_at = null, run_after = ?, failed = ?,"
            " attempts = ? where rule = ? and scope = ? and claim = ?",
            (
                *(run_after, failed, claimed.attempts if failed else 0),
                *(claimed.rule, claimed.scope, claim),
            ),
        )

    def release_scopes(self) -> None:
        """Free what a process that died had claimed."""
        self._run("update settling set claim = null, claimed_at = null where claim is not null")

    # What is found

    def ids_of(self, kind: str, after: str, limit: int) -> list[str]:
        """Return up to `limit` ids of records of a kind after one, in order."""
        rows = self._run(
            "select id from records where type = ? and id > ? order by id limit ?",
            (kind, after, limit),
        )
        return [row[0] for row in rows]

    def replace_found(self, records: list[str], rows: list[Row]) -> None:
        """Replace what records are found by."""
        self._many("delete from found where record = ?", [(record,) for record in records])
        self._insert("found", sorted(rows))

    def find(self, kind: str, name: str, lowest: str, highest: str) -> set[str]:
        """Return the records of a kind with a field between two values, both included."""
        rows = self._run(
            "select record from found where kind = ? and name = ? and value >= ? and value <= ?",
            (kind, name, lowest, highest),
        )
        return {row[0] for row in rows}


READY = (
    "version > done and run_after <= ? and attempts < ? and (claimed_at is null or claimed_at < ?)"
)
WOKEN = """on conflict (rule, scope) do update set version = settling.version + 1, attempts = 0,
    today = case when excluded.today > settling.today then excluded.today else settling.today end,
    since = case when excluded.since < settling.since then excluded.since else settling.since end,
    run_after = excluded.run_after"""
