"""Runs the migrations on the engine that ``sync.store.database`` hands over: all in one transaction, so that a killed upgrade never happened."""

from alembic import context

from sync.store import making
from sync.store.tables import metadata

with context.config.attributes["engine"].connect() as connection:
    making.hold(connection)
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
