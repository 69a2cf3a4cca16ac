"""The SQL that every act passes through, as text; the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from server.database import chain
from server.database.quarantine_rows import QuarantineRows
from server.database.rule_rows import RuleRows
from server.database.statements import COLUMNS, Row

_RECEIVED_AT, _BODY = COLUMNS["acts"].index("received_at"), COLUMNS["acts"].index("body")
_UPDATED = ", ".join(f"{name} = ?" for name in COLUMNS["records"] if name != "id")


@dataclass
class Stored:
    """A stored record; `history` has 16 bytes for each revision, the newest first."""

    id: str
    seq: int
    gen: int
    rev: str
    due_at: int | None
    channels: list[str]
    past: dict[str, int]
    hides: list[str]
    history: bytes
    body: bytes
    words: str | None


@dataclass(frozen=True)
class Blob:
    """A photo or recording that is whole: `size` in bytes, `kind` its media type."""

    sha256: str
    size: int
    kind: str
    digest: str


class Store(QuarantineRows, RuleRows):
    """The tables as one transaction sees them; rows go in and out as tuples."""

    # Reading

    def locked_counter(self) -> tuple[int, int]:
        """Return (seq, reference); on PostgreSQL nobody else writes acts until we commit.

        Without the lock two servers could commit their seqs out of order, and a tablet that asks
        in between would never see the lower one.
        """
        wait = "" if self._sqlite else " for update"
        row = self._run(f"select seq, reference from counter where id = 1{wait}").one()  # noqa: S608
        return int(row[0]), int(row[1])

    def counter(self) -> tuple[int, int]:
        """Return (seq, reference) as committed."""
        row = self._run("select seq, reference from counter where id = 1").one()
        return int(row[0]), int(row[1])

    def changed_after(self, seq: int, limit: int) -> list[Row]:
        """Return (seq, id, rev, channels, past, hides, body) of records changed after a seq."""
        return list(
            self._run(
                "select seq, id, rev, channels, past, hides, body from records"
                " where seq > ? order by seq limit ?",
                (seq, limit),
            )
        )

    def sessions(self, digests: Iterable[str]) -> list[Row]:
        """Return (token_hash, person, seen_at, expires_at) of those sessions that are stored."""
        among, parameters = self._among(digests)
        return list(
            self._run(
                "select token_hash, person, seen_at, expires_at from sessions"  # noqa: S608
                f" where token_hash {among}",
                parameters,
            )
        )

    def known_acts(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Return {id: body} of those acts that are stored."""
        among, parameters = self._among(ids)
        rows = self._run(f"select id, body from acts where id {among}", parameters)  # noqa: S608
        return {row[0]: bytes(row[1]) for row in rows}

    def sizes(self, ids: Iterable[str]) -> dict[str, int]:
        """Return {id: bytes of its body} of the records and acts among the ids."""
        among, parameters = self._among(ids)
        found = "select id, length(body) from {0} where id " + among  # noqa: S608
        both = f"{found.format('records')} union all {found.format('acts')}"
        return {row[0]: int(row[1]) for row in self._run(both, (*parameters, *parameters))}

    def records(self, ids: Iterable[str]) -> dict[str, Stored]:
        """Return {id: record} of those that exist."""
        among, parameters = self._among(ids)
        rows = self._run(
            "select id, seq, gen, rev, due_at, channels, past, hides, history, body, words"  # noqa: S608
            f" from records where id {among}",
            parameters,
        )
        return {row[0]: _stored(row) for row in rows}

    def acts_of(self, ids: Iterable[str]) -> dict[str, list[bytes]]:
        """Return {record: bodies of its acts}, ordered by moment and id."""
        among, parameters = self._among(ids)
        bodies: dict[str, list[bytes]] = {}
        for row in self._run(
            f"select record, body from acts where record {among} order by record, at, id",  # noqa: S608
            parameters,
        ):
            bodies.setdefault(row[0], []).append(bytes(row[1]))
        return bodies

    def in_states(self, kinds: Iterable[str], states: Iterable[str]) -> list[str]:
        """Return the ids of records of these kinds in these states."""
        kind_among, kind_parameters = self._among(kinds)
        state_among, state_parameters = self._among(states)
        rows = self._run(
            f"select id from records where type {kind_among} and state {state_among} order by id",  # noqa: S608
            (*kind_parameters, *state_parameters),
        )
        return [row[0] for row in rows]

    def about(self, kinds: Iterable[str], record: str, since: int) -> list[str]:
        """Return the ids of records of some kinds, opened since a moment (ms), that name another.

        It reads them all: for what happens seldom.
        """
        among, parameters = self._among(kinds)
        has = "instr(body, cast(? as blob)) > 0"
        if not self._sqlite:
            has = "position(?::bytea in body) > 0"
        rows = self._run(
            f"select id from records where type {among} and opened_at >= ? and {has} order by id",  # noqa: S608
            (*parameters, since, orjson.dumps(record)),
        )
        return [row[0] for row in rows]

    def offered_in(self, channel: str) -> list[str]:
        """Return the ids of records that are offered in a channel."""
        rows = self._run("select record from changes where channel = ? and removed = 0", (channel,))
        return sorted({row[0] for row in rows})

    def blobs(self, hashes: Iterable[str]) -> dict[str, Blob]:
        """Return {hash: blob} of those that are whole."""
        among, parameters = self._among(hashes)
        rows = self._run(
            f"select sha256, size, kind, digest from blobs"  # noqa: S608
            f" where sha256 {among} and digest is not null",
            parameters,
        )
        return {row[0]: Blob(*row) for row in rows}

    def naming(self, sha256: str) -> list[str]:
        """Return the ids of records that name a blob, or did."""
        rows = self._run("select record from uses where sha256 = ? order by record", (sha256,))
        return [row[0] for row in rows]

    def record_ids(self, after: str, limit: int) -> list[str]:
        """Return up to `limit` ids of records after one, in order."""
        rows = self._run("select id from records where id > ? order by id limit ?", (after, limit))
        return [row[0] for row in rows]

    # Writing

    def remove_acts(self, ids: list[str]) -> None:
        """Take out acts that came before their record and turned out to be nobody's to say.

        They stay in the chain, of which every act remains a link.
        """
        rows = [(identifier,) for identifier in ids]
        names = ", ".join(COLUMNS["acts"])
        self._many(
            f"insert into withdrawn_acts ({names}) select {names} from acts where id = ?",  # noqa: S608
            rows,
        )
        self._many("delete from acts where id = ?", rows)

    def try_out(self, value: str) -> None:
        """Write what an act writes and take it back, then keep a row; raises where that fails."""
        trial = self.connection.begin_nested()
        body, name = b"{}", "act:trial"
        self._insert("acts", [(name, name, "", 0, 0, "", "", body, None, None)])
        row = (name, "", "", None, None, -1, 0, "", 0, None, 0, "[]", "{}", "[]", b"", body, None)
        self._insert("records", [row])
        self._insert("changes", [("", -1, name, 0)])
        self._run("update counter set seq = seq + 0 where id = 1")
        trial.rollback()
        self._run(
            "insert into meta (key, value) values ('health', ?)"
            " on conflict (key) do update set value = excluded.value",
            (value,),
        )

    def next_seqs(self, count: int, *, reference: bool) -> int:
        """Take `count` seqs and return the last; `reference` marks that reference data changed."""
        mark = ", reference = seq + ?" if reference else ""
        parameters = (count, count) if reference else (count,)
        return int(
            self._run(
                f"update counter set seq = seq + ?{mark} where id = 1 returning seq",  # noqa: S608
                parameters,
            ).scalar_one()
        )

    def add_acts(self, rows: list[Row]) -> None:
        """Store acts, in this order at the end of the chain; whoever calls locked the counter."""
        if not rows:
            return
        number, head = self.head()
        chained, number, head = chain.linked(rows, number, head, _RECEIVED_AT, _BODY)
        self._insert("acts", chained)
        self._run("update counter set acts = ?, head = ? where id = 1", (number, head))

    def head(self) -> tuple[int, bytes]:
        """Return number and hash of the newest act of the chain."""
        row = self._run("select acts, head from counter where id = 1").one()
        return int(row[0] or 0), bytes(row[1] or chain.START)

    def add_records(self, rows: list[Row]) -> None:
        """Store new records."""
        self._insert("records", rows)

    def put_records(self, rows: list[Row]) -> None:
        """Overwrite records."""
        self._many(
            f"update records set {_UPDATED} where id = ?",  # noqa: S608
            [(*row[1:], row[0]) for row in rows],
        )

    def move_changes(self, gone: list[tuple[str, int]], rows: list[Row]) -> None:
        """Replace rows of the log: a record stands once in a channel, at its newest seq."""
        self._many("delete from changes where channel = ? and seq = ?", gone)
        self._insert("changes", rows)

    def replace_timers(self, records: list[str], rows: list[Row]) -> None:
        """Replace all timers of records."""
        self._many("delete from timers where record = ?", [(record,) for record in records])
        self._insert("timers", rows)

    def claim_timer(self, record: str, ladder: str, rung: int, due_at: int, at: int) -> bool:
        """Mark a rung as told at `at` (ms); False when it was told already, or has moved."""
        told = self._run(
            "update timers set told_at = ? where record = ? and ladder = ? and rung = ?"
            " and due_at = ? and told_at is null",
            (at, record, ladder, rung, due_at),
        )
        return bool(told.rowcount == 1)

    def untold(self, record: str, ladder: str) -> set[int]:
        """Return the rungs of a ladder that nobody was told of yet."""
        rows = self._run(
            "select rung from timers where record = ? and ladder = ? and told_at is null",
            (record, ladder),
        )
        return {row.rung for row in rows}

    def add_jobs(self, rows: list[Row]) -> None:
        """Add jobs; one whose key exists stays as it is."""
        self._insert("jobs", rows, "on conflict (key) do nothing")

    def add_uses(self, rows: list[Row]) -> None:
        """Store which records name a blob."""
        self._insert("uses", rows, "on conflict (sha256, record) do nothing")

    def add_blob(self, blob: Blob, person: str, at: int) -> bool:
        """Store that a blob is whole and who sent it; say whether it is their first time."""
        self._insert(
            "blobs",
            [(blob.sha256, blob.size, blob.kind, blob.digest, at)],
            "on conflict (sha256) do update set digest = excluded.digest",
        )
        sent = self._run(
            "insert into senders (sha256, person, at) values (?, ?, ?)"
            " on conflict (sha256, person) do nothing",
            (blob.sha256, person, at),
        )
        return bool(sent.rowcount == 1)

    def replace_grants(self, person: str, rows: list[Row]) -> None:
        """Replace the grants of a person."""
        self._run("delete from grants where person = ?", (person,))
        self._insert("grants", rows)


def _stored(row: Any) -> Stored:
    return Stored(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        orjson.loads(row[5]),
        orjson.loads(row[6]),
        orjson.loads(row[7]),
        bytes(row[8]),
        bytes(row[9]),
        row[10],
    )
