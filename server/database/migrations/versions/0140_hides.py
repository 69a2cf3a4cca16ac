"""Whom a record is hidden from, whatever they may otherwise see."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0140"
down_revision = "0130"
branch_labels = None
depends_on = None

Text = sa.Text().with_variant(TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column; what stands in it is written by the refold after the upgrade."""
    with op.batch_alter_table("records") as records:
        records.add_column(sa.Column("hides", Text, nullable=False, server_default="[]"))
    op.create_index(
        "records_hidden",
        "records",
        ["type"],
        unique=False,
        sqlite_where=sa.text("hides <> '[]'"),
        postgresql_where=sa.text("hides <> '[]'"),
    )
