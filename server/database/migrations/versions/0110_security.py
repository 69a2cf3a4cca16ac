"""A security log, acts in a chain, what erasing leaves behind, and second factors of accounts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from struct import pack
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0110"
down_revision = "0004"
branch_labels = None
depends_on = None

Text = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
BATCH = 1_000  # acts
CHANNEL = "post:admin"
FIXED = {
    "sqlite": "create trigger security_events_fixed before update on security_events"
    " begin select raise(abort, 'the security log is never changed'); end",
    "postgresql": "create rule security_events_fixed as on update to security_events"
    " do instead nothing",
}


def upgrade() -> None:
    """Make the tables and columns, and chain the acts that are there as they came."""
    _tables()
    added: dict[str, dict[str, Any]] = {
        "acts": {"number": sa.BigInteger(), "chain": sa.LargeBinary()},
        "counter": {"acts": sa.BigInteger(), "head": sa.LargeBinary()},
        "accounts": {
            "must_change": sa.SmallInteger(),
            "totp_secret": Text,
            "totp_since": sa.BigInteger(),
            "totp_used": sa.BigInteger(),
            "recovery": Text,
        },
        "sessions": {"stage": Text, "confirmed_at": sa.BigInteger()},
    }
    for table, columns in added.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    _chain(op.get_bind())
    _close(op.get_bind())


def _close(connection: sa.Connection) -> None:
    """Take back what administrators were offered as such: bodies of refusals, and letters."""
    records = sa.table("records", *(sa.column(n) for n in ("id", "channels", "past")))
    offered = sa.select(records).where(
        records.c.channels.contains(CHANNEL) | records.c.past.contains(CHANNEL)
    )
    change = sa.update(records).where(records.c.id == sa.bindparam("key"))
    for row in connection.execute(offered).all():
        channels = [one for one in json.loads(row.channels) if one != CHANNEL]
        past = {one: seq for one, seq in json.loads(row.past).items() if one != CHANNEL}
        kept = {"channels": _packed(channels), "past": _packed(past)}
        connection.execute(change.values(kept), {"key": row.id})
    connection.execute(sa.text("delete from changes where channel = :name"), {"name": CHANNEL})


def _packed(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _tables() -> None:
    op.create_table(
        "security_events",
        sa.Column("id", Text, nullable=False, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", Text, nullable=False),
        *(
            sa.Column(name, Text, nullable=True)
            for name in ("person", "login", "address", "device", "subject")
        ),
        sa.Column("detail", Text, nullable=False),
    )
    op.create_index("security_events_kind", "security_events", ["kind", "at"])
    op.create_index("security_events_person", "security_events", ["person", "at"])
    op.execute(FIXED[op.get_bind().dialect.name])
    op.create_table(
        "reads",
        sa.Column("person", Text, nullable=False, primary_key=True, autoincrement=False),
        sa.Column("day", sa.BigInteger(), nullable=False, primary_key=True, autoincrement=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("act", Text, nullable=False, primary_key=True, autoincrement=False),
        sa.Column("record", Text, nullable=False),
        sa.Column("erasure", Text, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("was", sa.LargeBinary(), nullable=False),
        sa.Column("is_now", sa.LargeBinary(), nullable=False),
    )
    op.create_index("erasures_record", "erasures", ["record"])


def _chain(connection: sa.Connection) -> None:
    acts = sa.table(
        "acts",
        *(sa.column(name) for name in ("id", "received_at", "number", "chain")),
        sa.column("body", sa.LargeBinary()),
    )
    change = (
        sa.update(acts)
        .where(acts.c.id == sa.bindparam("key"))
        .values(number=sa.bindparam("n"), chain=sa.bindparam("hash", type_=sa.LargeBinary()))
    )
    number, head = 0, bytes(32)
    for rows in _batches(connection, acts):
        chained = []
        for row in rows:
            number += 1
            digest = hashlib.sha256(bytes(row.body)).digest()
            head = hashlib.sha256(head + pack(">QQ", number, row.received_at) + digest).digest()
            chained.append({"key": row.id, "n": number, "hash": head})
        connection.execute(change, chained)
    counter = sa.table("counter", sa.column("acts"), sa.column("head", sa.LargeBinary()))
    connection.execute(sa.update(counter).values(acts=number, head=head))


def _batches(connection: sa.Connection, acts: Any) -> Iterator[list[Any]]:
    """Yield the acts in the order they came, a batch at a time: there may be a million."""
    at, identifier = -1, ""
    while True:
        later = (acts.c.received_at > at) | ((acts.c.received_at == at) & (acts.c.id > identifier))
        wanted = sa.select(acts.c.id, acts.c.received_at, acts.c.body).where(later)
        wanted = wanted.order_by(acts.c.received_at, acts.c.id).limit(BATCH)
        rows = list(connection.execute(wanted))
        if not rows:
            return
        yield rows
        at, identifier = rows[-1].received_at, rows[-1].id
