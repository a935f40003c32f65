"""Runs the migrations on the engine that ``sync.store.database`` hands over: all in one transaction, so that a killed upgrade never happened."""

from alembic import context

from sync.store import making
from sync.store.record_indexes import indexed

with context.config.attributes["engine"].connect() as connection:
    making.hold(connection)
    context.configure(
        connection=connection, target_metadata=indexed(), render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
