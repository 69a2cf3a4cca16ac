"""Ids are ordered by their bytes on a PostgreSQL of any language, as they are on SQLite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give every column of text that order; SQLite has no other."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names():
        texts = [c["name"] for c in inspector.get_columns(table) if isinstance(c["type"], sa.Text)]
        changes = [f'alter column "{name}" type text collate "C"' for name in texts]
        if changes:
            op.execute(f'alter table "{table}" {", ".join(changes)}')
