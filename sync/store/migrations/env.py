"""Runs the migrations on the engine that ``sync.store.database`` hands over."""

from alembic import context

from sync.store.tables import metadata

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
