"""Who sent a blob, and what CouchDB calls its bytes, which the server counts while it runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and carry over who sent what."""
    op.create_table(
        "senders",
        sa.Column("sha256", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "person"),
        sqlite_with_rowid=False,
    )
    op.create_index("senders_person", "senders", ["person", "at"], unique=False)
    op.execute("insert into senders (sha256, person, at) select sha256, by_, at from blobs")
    with op.batch_alter_table("blobs") as blobs:
        blobs.drop_column("by_")
        blobs.add_column(sa.Column("digest", sa.Text(), nullable=True))
