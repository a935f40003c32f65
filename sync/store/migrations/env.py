"""Runs the migrations on the engine that ``sync.store.database`` hands over: all in one transaction, so that a killed upgrade never happened."""

from alembic import context
from sqlalchemy import text

from sync.store.tables import metadata

_UPGRADING = 0x7A4D31  # any number: who wants to upgrade this database waits for who does

with context.config.attributes["engine"].connect() as connection:
    if connection.dialect.name == "sqlite":
        # the driver opens no transaction for CREATE TABLE by itself; IMMEDIATE makes a second upgrade wait for the first
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADING})"))
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
