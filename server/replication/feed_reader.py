"""Reads pages of the changes feed from the database for one person, as feed_position plans them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts.access import is_hidden
from server.acts.reference import Reference
from sync import feed_position
from sync.check_act import Declarations
from sync.feed_position import OPEN, REFERENCE, REST, FeedPosition, Token
from sync.selector import states

# The answer to a device whose token does not tell what it holds: it drops all and starts from 0.
BEGIN_AGAIN = b'{"results":[\n\n],\n"last_seq":"0","pending":0,"reset":true}\n'
MOST_TERMS = 200  # selects in one `union all`; SQLite takes no more than 500
MOST_READ = 2_000  # rows that one statement fetches while a slice looks for its phase


@dataclass(frozen=True)
class FeedRow:
    """A row of the feed; `body` is None for a record that the person does not see any more."""

    seq: str
    id: str
    rev: str
    body: bytes | None


@dataclass(frozen=True)
class FeedPage:
    """Rows in feed order, the token to read on from, and about how many rows are left."""

    rows: list[FeedRow]
    last: Token
    pending: int
    exhausted: bool


@dataclass(frozen=True)
class _Row:
    seq: int
    removed: int
    id: str
    rev: str
    type: str
    state: str
    channels: frozenset[str]
    past: str
    hides: str
    body: bytes


class FeedReader:
    """The feed as one person may see it, in one reading transaction; each page reads on."""

    def __init__(
        self,
        connection: sa.Connection,
        declarations: Declarations,
        position: FeedPosition,
        *,
        tell_removed: bool,
        only_removed: bool = False,
    ) -> None:
        self._connection = connection
        self._declarations = declarations
        self._position = position
        self._lost_at: int | None = None
        self._tell_removed = tell_removed
        self._only_removed = only_removed
        self._rows: list[FeedRow] = []
        self._token = position.token
        self._person = next((one for one in position.channels if one.startswith("person:")), "")

    def page(self, limit: int) -> FeedPage:
        """Return at most `limit` rows; fewer only when there are no more."""
        exhausted = False
        while not exhausted and len(self._rows) < limit:
            if self._token.phase is not None:
                self._read_slice(limit)
            elif self._token.before:
                self._read_moved(limit)
            else:
                exhausted = self._read_tail(limit)
        pending = 0 if exhausted else self._pending(at_least=1 if limit else 0)
        return FeedPage(self._rows, self._token, pending, exhausted)

    # What came after the seq

    def _read_tail(self, limit: int) -> bool:
        """Add rows of the ordinary feed; return whether there are no more."""
        wanted = limit - len(self._rows)
        rows = self._union(self._position.channels, self._token.seq, None, wanted + 1)
        for row in rows[:wanted]:
            self._token = replace(self._token, seq=row.seq)
            self._add(row)
        return len(rows) <= wanted

    def _add(self, row: _Row) -> None:
        if is_hidden(row.hides, self._person):
            if self._tell_removed and self._lost_then(row) == row.seq:
                self._rows.append(FeedRow(str(self._token), row.id, row.rev, None))
            return
        visible = not self._position.channels.isdisjoint(row.channels)
        if not row.removed:
            self._rows.append(FeedRow(str(self._token), row.id, row.rev, bytes(row.body)))
        elif not visible:
            self._rows.append(FeedRow(str(self._token), row.id, row.rev, None))

    def _lost_then(self, row: _Row) -> int | None:
        """Return the seq at which a record was hidden from the person who had it, or None.

        Of one that they never had they must not even hear the id.
        """
        seq: int | None = orjson.loads(row.past).get(self._person)
        return seq

    # Records that a change of rights gained or lost

    def _read_moved(self, limit: int) -> None:
        """Add records that the person gained, and removals of those that they lost, up to the seq.

        A record in a lost channel with a later seq changed meanwhile: nothing else would ever tell
        the device to drop it. What was made after the loss, the device never had and must not hear
        of.
        """
        position, token = self._position, self._token
        still_held = position.channels - position.gained
        wanted = limit - len(self._rows)
        rows = self._moved_rows(wanted + 1)
        for row in rows[:wanted]:
            self._token = replace(token, position=row.seq)
            visible = not position.channels.isdisjoint(row.channels)
            if is_hidden(row.hides, self._person):
                if self._tell_removed and self._lost_then(row) is not None:
                    self._rows.append(FeedRow(str(self._token), row.id, row.rev, None))
            elif not visible:
                if row.seq <= token.seq or self._was_there(row.id):
                    self._rows.append(FeedRow(str(self._token), row.id, row.rev, None))
            elif row.seq <= token.seq and still_held.isdisjoint(row.channels):
                self._rows.append(FeedRow(str(self._token), row.id, row.rev, bytes(row.body)))
        if len(rows) <= wanted:
            self._token = Token(token.seq, token.rights, token.epoch)

    def _moved_rows(self, limit: int) -> list[_Row]:
        position, token = self._position, self._token
        gains = frozenset() if self._only_removed else position.gained
        gained = self._ranges(gains, token.position, token.seq, True, limit)
        lost: frozenset[str] = position.lost if self._tell_removed else frozenset()
        still = self._ranges(lost, token.position, None, True, limit)
        left = self._ranges(lost, max(token.position, token.seq), None, False, limit)
        return self._rows_of([gained, still, left], limit)

    def _was_there(self, record: str) -> bool:
        """Say whether the record was made before the person's rights changed last."""
        if self._lost_at is None:
            latest_act = "select max(received_at), max(at) from acts where record = ?"
            self._lost_at = max([0, *filter(None, self._one(latest_act, self._person))])
        made_at = self._one("select min(received_at) from acts where record = ?", record)[0]
        return made_at is None or made_at <= self._lost_at

    # A first sync in slices: reference data, open records, then the rest

    def _read_slice(self, limit: int) -> None:
        token = self._token
        wanted = limit - len(self._rows)
        rows = list(self._slice_rows(wanted + 1))
        for row in rows[:wanted]:
            self._token = replace(token, position=row.seq)
            self._rows.append(FeedRow(str(self._token), row.id, row.rev, bytes(row.body)))
        if len(rows) <= wanted:
            assert token.phase is not None
            if token.phase < REST:
                self._token = replace(token, position=0, phase=token.phase + 1)
            else:
                self._token = Token(token.seq, token.rights, token.epoch)

    def _slice_rows(self, limit: int) -> Iterator[_Row]:
        token = self._token
        if token.phase == OPEN:
            yield from self._open_rows(limit)
            return
        after, count = token.position, 0
        while count < limit:
            rows = self._union(
                self._position.channels, after, token.seq, MOST_READ, only_present=True
            )
            for row in rows:
                after = row.seq
                if is_hidden(row.hides, self._person):
                    continue
                if self._phase_of(row) == token.phase:
                    count += 1
                    yield row
            if len(rows) < MOST_READ:
                return

    def _open_rows(self, limit: int) -> list[_Row]:
        """Return open records: few, however large the database, and they have an index."""
        rows: list[_Row] = []
        for kind, declared in self._declarations["records"].items():
            open_states = states(declared["open_when"])
            if open_states and not declared["reference"]:
                statement = (
                    "select seq, 0, id, rev, type, state, channels, past, hides, body from records"  # noqa: S608
                    f" where type = ? and state in ({_marks(open_states)}) and seq > ? and seq <= ?"
                )
                span = (self._token.position, self._token.seq)
                rows += self._fetch(statement, (kind, *open_states, *span))
        seen = [
            row
            for row in rows
            if not self._position.channels.isdisjoint(row.channels)
            and not is_hidden(row.hides, self._person)
        ]
        return sorted(seen, key=lambda row: row.seq)[:limit]

    def _phase_of(self, row: _Row) -> int:
        declared = self._declarations["records"][row.type]
        if declared["reference"]:
            return REFERENCE
        return OPEN if row.state in (states(declared["open_when"]) or ()) else REST

    # SQL

    def _union(
        self,
        channels: frozenset[str],
        after: int,
        upto: int | None,
        limit: int,
        *,
        only_present: bool = False,
    ) -> list[_Row]:
        """Return rows of some channels ordered by seq, from one range of the index for each."""
        return self._rows_of([self._ranges(channels, after, upto, only_present, limit)], limit)

    def _rows_of(self, ranges: list[tuple[str, list[Any]]], limit: int) -> list[_Row]:
        texts = [text for text, _ in ranges if text]
        # SQLite allows `order by … limit` in a part of a union only inside a select of its own.
        if len(texts) > 1:
            texts = [f"select * from ({text}) as r" for text in texts]  # noqa: S608
        inner = _all_of(texts)
        if not inner:
            return []
        statement = (
            "select x.seq, x.removed, r.id, r.rev, r.type, r.state,"  # noqa: S608
            " r.channels, r.past, r.hides, r.body"
            " from (select seq, record, min(removed) as removed"
            f" from ({inner}) as u group by seq, record order by seq limit ?) as x"
            " join records as r on r.id = x.record order by x.seq"
        )
        parameters = [value for _, values in ranges for value in values]
        return self._fetch(statement, (*parameters, limit))

    def _ranges(
        self,
        channels: frozenset[str],
        after: int,
        upto: int | None,
        only_present: bool,
        limit: int | None = None,
    ) -> tuple[str, list[Any]]:
        """Return SQL and parameters; each range is limited, so that a page costs what it shows."""
        kind = " and removed = 1" if self._only_removed else ""
        present = kind if self._tell_removed and not only_present else " and removed = 0"
        end = "" if upto is None else " and seq <= ?"
        most = "" if limit is None else " order by seq limit ?"
        one = (
            "select * from (select seq, record, removed from changes"  # noqa: S608
            f" where channel = ? and seq > ?{end}{present}{most}) as c"
        )
        parameters: list[Any] = []
        for channel in sorted(channels):
            parameters += [channel, after]
            parameters += [] if upto is None else [upto]
            parameters += [] if limit is None else [limit]
        return _all_of([one] * len(channels)), parameters

    def _fetch(self, statement: str, parameters: tuple[Any, ...]) -> list[_Row]:
        if self._connection.dialect.name != "sqlite":
            statement = statement.replace("?", "%s")
        rows: Any = self._connection.exec_driver_sql(statement, parameters)
        return [
            _Row(at, gone, name, rev, kind, state, frozenset(orjson.loads(seen)), past, hides, body)
            for at, gone, name, rev, kind, state, seen, past, hides, body in rows.all()
        ]

    def _one(self, statement: str, parameter: str) -> Any:
        if self._connection.dialect.name != "sqlite":
            statement = statement.replace("?", "%s")
        return self._connection.exec_driver_sql(statement, (parameter,)).one()

    def _pending(self, at_least: int) -> int:
        """Return about how many rows there are after the page, at least `at_least`."""
        token = self._token
        after = token.seq if token.phase is None else token.position if token.phase == REST else 0
        inner, parameters = self._ranges(self._position.channels, after, None, only_present=True)
        statement = f"select count(*) from (select distinct seq from ({inner}) as u) as n"  # noqa: S608
        if self._connection.dialect.name != "sqlite":
            statement = statement.replace("?", "%s")
        rows: Any = self._connection.exec_driver_sql(statement, tuple(parameters))
        return max(at_least, int(rows.scalar_one()) - (0 if after else len(self._rows)))


def _all_of(selects: list[str]) -> str:
    """Return the selects joined by `union all`, nested in groups when there are many channels."""
    if len(selects) <= MOST_TERMS:
        return " union all ".join(selects)
    groups = [selects[at : at + MOST_TERMS] for at in range(0, len(selects), MOST_TERMS)]
    return _all_of([f"select * from ({' union all '.join(group)}) as g" for group in groups])  # noqa: S608


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))


def position_of(
    connection: sa.Connection,
    since: str,
    channels: frozenset[str],
    person: str,
    epoch: str,
    held: Any,
    *,
    sliced: bool,
) -> tuple[FeedPosition, int]:
    """Return the position that `since` stands for, and the database's newest seq.

    Raises feed_position.BadToken. A token never tells how far the database has come, only how far
    what the person may see of it has.
    """
    newest = int(connection.exec_driver_sql("select seq from counter where id = 1").scalar_one())
    if since == "now":
        token = Token(
            newest_in(connection, channels), feed_position.digest(channels, person), epoch
        )
    else:
        token = feed_position.read(since, newest)
    position = feed_position.locate(token, newest, epoch, channels, person, held, sliced=sliced)
    if position.token.phase == REFERENCE and position.token.position == 0:
        at = newest_in(connection, channels)
        position = replace(position, token=replace(position.token, seq=at))
    return position, newest


def newest_in(connection: sa.Connection, channels: frozenset[str]) -> int:
    """Return the newest seq in some channels, 0 when they are empty."""
    one = "select max(seq) as seq from changes where channel = ?"
    statement = f"select max(seq) from ({_all_of([one] * len(channels))}) as u"  # noqa: S608
    if not channels:
        return 0
    if connection.dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    return int(connection.exec_driver_sql(statement, tuple(channels)).scalar() or 0)


def held_by(reference: Reference, person: str, digest: str) -> feed_position.Channels | None:
    """Return the channels whose digest is in a person's token, None when they never had such."""
    for grant in reversed(reference.grants.get(person, [])):
        channels = reference.rights(person, grant.at).channels
        if feed_position.digest(channels, person) == digest:
            return channels
    return None
