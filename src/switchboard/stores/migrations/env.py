"""Called by Alembic with the connection that ``migrating.upgrade`` opened."""

from __future__ import annotations

from alembic import context

from switchboard.stores.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
