"""Acts that were taken out of the history and stay links of the chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0150"
down_revision = "0145"
branch_labels = None
depends_on = None

Text = sa.Text().with_variant(TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make room for them."""
    op.create_table(
        "withdrawn_acts",
        *(sa.Column(name, Text, nullable=False) for name in ("id", "record", "act")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, Text, nullable=False) for name in ("by_", "device")),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, primary_key=True, autoincrement=False),
        sa.Column("chain", sa.LargeBinary(), nullable=True),
    )
