"""What the clock says for rules, what is to be settled, and what records are found by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0160"
down_revision = "0150"
branch_labels = None
depends_on = None

Text = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
OPEN = sa.text("version > done")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=False, primary_key=True, autoincrement=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    """Make the tables; they are empty until a rule is declared."""
    op.create_table(
        "statements",
        *map(_key, ("rule", "scope", "key")),
        _number("n"),
        sa.Column("wanted", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, Text, nullable=False) for name in ("act", "record")),
        sqlite_with_rowid=False,
    )
    op.create_index("statements_scope", "statements", ["scope"])
    op.create_table(
        "settling",
        *map(_key, ("rule", "scope")),
        *map(_number, ("version", "done", "today", "since")),
        sa.Column("claim", Text, nullable=True),
        _number("claimed_at", nullable=True),
        *map(_number, ("attempts", "run_after")),
        sa.Column("failed", Text, nullable=True),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "settling_open", "settling", ["run_after"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "found", *map(_key, ("kind", "name", "value", "record")), sqlite_with_rowid=False
    )
    op.create_index("found_record", "found", ["record"])
