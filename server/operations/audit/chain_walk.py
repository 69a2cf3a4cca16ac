"""Walks the chain of all acts: what was changed, taken out, slipped in or put elsewhere?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from server.acts import erasure
from server.database import chain
from server.database.store import Store
from server.database.tables import acts, erasures, quarantine, withdrawn_acts

BATCH = 2_000  # acts read at once
# Columns of an act that repeat a member of its body.
REPEATED = (("id", "_id"), ("record", "record"), ("act", "act"), ("at", "at"), ("by_", "by"))
Progress = Callable[[int, int], None]  # (number done, number of all)


@dataclass
class Walk:
    """What a walk found: problems as sentences, and the head that it came to."""

    number: int = 0
    head: bytes = chain.START
    erased: int = 0
    withdrawn: int = 0  # taken out, as they came before their record from people without a right
    problems: list[str] = field(default_factory=list)


def walk(
    connection: sa.Connection,
    kept: Iterable[tuple[int, bytes]] = (),
    progress: Progress = lambda done, of: None,
) -> Walk:
    """Walk the chain from its first act; `kept` are heads that were written down elsewhere."""
    done = Walk()
    wanted: dict[int, set[bytes]] = {}
    for number, head in kept:
        wanted.setdefault(number, set()).add(head)
    blanked = {row.act: row for row in connection.execute(sa.select(erasures))}
    _covered(connection, blanked.values(), done)
    total, head = Store(connection).head()
    _outside(connection, done)
    _withdrawn(connection, done)
    for row in _rows(connection):
        _step(row, blanked.get(row.id), done)
        for one in wanted.pop(row.number, ()):
            if one != done.head:
                done.problems.append(f"Act {row.number} is not the one of the head kept elsewhere.")
        if row.number % BATCH == 0:
            progress(row.number, total)
    if (done.number, done.head) != (total, head):
        ends = f"The chain ends at act {done.number}, and should at act {total}"
        done.problems.append(f"{ends}: the newest acts were taken out, or the head was changed.")
    for number in sorted(wanted):
        done.problems.append(f"Act {number}, of a head kept elsewhere, is not there any more.")
    return done


def _step(row: Any, erased: Any, done: Walk) -> None:
    """Check one act and go on from it, so that one fault is not reported for all that follow."""
    where = f"Act {row.number} ({row.id})"
    if row.number != done.number + 1:
        missing = f"Between act {done.number} and {row.number}, acts were taken out"
        again = f"{where} stands at a number that another act has"
        done.problems.append(f"{missing}." if row.number > done.number else f"{again}.")
    body = bytes(row.body)
    digest = hashlib.sha256(body).digest()
    if erased is not None:
        done.erased += 1
        if digest != bytes(erased.is_now):
            done.problems.append(f"{where} was changed after its private values were erased.")
        digest = bytes(erased.was)
    if chain.link(done.head, row.number, row.received_at, digest) != bytes(row.chain or b""):
        done.problems.append(f"{where} was changed, or stands where another act stood.")
    elif (wrong := _other_columns(row, body)) is not None:
        done.problems.append(f"{where} is filed under another {wrong} than it says.")
    done.number, done.head = row.number, bytes(row.chain or b"")


def _other_columns(row: Any, body: bytes) -> str | None:
    """Return the name of a column that says something else than the body, or None."""
    said = orjson.loads(body)
    return next((name for name, member in REPEATED if getattr(row, name) != said.get(member)), None)


def _covered(connection: sa.Connection, blanked: Iterable[Any], done: Walk) -> None:
    """Find erased acts that no act of an erasure covers: somebody else blanked or changed them."""
    by_erasure: dict[str, list[tuple[str, bytes, bytes]]] = {}
    for row in blanked:
        pair = (row.act, bytes(row.was), bytes(row.is_now))
        by_erasure.setdefault(row.erasure, []).append(pair)
    for name, rows in by_erasure.items():
        body = connection.scalar(sa.select(acts.c.body).where(acts.c.record == name))
        said = orjson.loads(body)["data"]["digest"] if body else None
        if said != erasure.digest(rows):
            done.problems.append(
                f"{len(rows)} acts are marked as erased by {name}, which is not so."
            )


def _outside(connection: sa.Connection, done: Walk) -> None:
    """Find acts without a number: the program gives each one."""
    outside = connection.execute(
        sa.select(acts.c.id).where(acts.c.number.is_(None) | (acts.c.number < 1))
    )
    done.problems += [
        f"Act {name} was slipped in: it is not in the chain." for name in outside.scalars()
    ]


def _withdrawn(connection: sa.Connection, done: Walk) -> None:
    """Count the acts that were taken out; each must wait in quarantine, or was decided there."""
    done.withdrawn = connection.scalar(sa.select(sa.func.count()).select_from(withdrawn_acts)) or 0
    kept = sa.select(quarantine.c.act_id).where(quarantine.c.act_id == withdrawn_acts.c.id)
    lost = sa.select(withdrawn_acts.c.id, withdrawn_acts.c.number).where(~kept.exists())
    done.problems += [
        f"Act {row.number} ({row.id}) was taken out of the history, and nobody can decide about it."
        for row in connection.execute(lost)
    ]


def _rows(connection: sa.Connection) -> Iterator[Any]:
    both = sa.union_all(
        sa.select(acts).where(acts.c.number >= 1), sa.select(withdrawn_acts)
    ).subquery()
    wanted = sa.select(both).order_by(both.c.number, both.c.id)
    yield from connection.execute(wanted.execution_options(yield_per=BATCH))
