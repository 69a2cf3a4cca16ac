"""How far each tablet has come, and the slowest requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for them."""
    with op.batch_alter_table("devices") as devices:
        devices.add_column(sa.Column("pulled_seq", sa.BigInteger(), nullable=True))
        devices.add_column(sa.Column("pulled_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "slow_requests",
        sa.Column("request", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ms", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("request"),
    )
    op.create_index("slow_requests_at", "slow_requests", ["at"], unique=False)
