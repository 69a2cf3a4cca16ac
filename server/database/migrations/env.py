"""Runs migrations on the connection that engines.py hands over; there is no other way to."""

from __future__ import annotations

from alembic import context

from server.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
