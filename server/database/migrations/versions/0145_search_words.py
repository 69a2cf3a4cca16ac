"""What a record is found by stands beside it: every reading of its names, folded texts (§1)."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

import sync
from server.base import pinyin

revision = "0145"
down_revision = "0140"
branch_labels = None
depends_on = None

PAGE = 1_000  # records that are held in memory at once


def upgrade() -> None:
    """Make the column, and fill it as the server would; no record gets a new revision."""
    connection = op.get_bind()
    collation = "C" if connection.dialect.name == "postgresql" else None
    op.add_column("records", sa.Column("words", sa.Text(collation=collation), nullable=True))
    declared, last = sync.declarations(), ""
    update = sa.text("update records set words = :words where id = :id")
    while page := _page(connection, last):
        found = [
            {"id": row.id, "words": pinyin.words_of(declared, orjson.loads(bytes(row.body)))}
            for row in page
        ]
        if filled := [one for one in found if one["words"] is not None]:
            connection.execute(update, filled)
        last = page[-1].id


def _page(connection: sa.Connection, last: str) -> list[Any]:
    wanted = sa.text("select id, body from records where id > :last order by id limit :many")
    return [*connection.execute(wanted, {"last": last, "many": PAGE})]
