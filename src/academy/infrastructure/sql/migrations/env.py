"""Alembic's entry: runs the migrations on the connection and in the transaction that `schema.migrate` holds."""

from alembic import context

from academy.infrastructure.sql.all_tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
