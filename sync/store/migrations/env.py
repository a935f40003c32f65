"""Runs the migrations on the engine that ``sync.store.database`` hands over: all in one transaction, so that a killed upgrade never happened."""

from alembic import context

from sync.store.tables import metadata

with context.config.attributes["engine"].connect() as connection:
    if connection.dialect.name == "sqlite":
        # the driver opens no transaction for CREATE TABLE by itself; IMMEDIATE makes a second upgrade wait for the first
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
