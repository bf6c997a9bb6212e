"""Runs the migrations on the connection that `core.schema` hands over."""

from alembic import context

from jupyter_social.core.migrations import all_tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=all_tables(),
    render_as_batch=True,
    # Also on SQLite, of which alembic does not expect it: all migrations are one transaction.
    transactional_ddl=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
