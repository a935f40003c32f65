"""Making: a new store whole, with its tables as they are in the code; the migrations that led there are for stores that are older."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Engine, MetaData, PrimaryKeyConstraint, String, Table, insert, text

from sync.store.record_indexes import indexed

_UPGRADING = 0x7A4D31  # any number: who wants to upgrade this database waits for who does

_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""The table as Alembic makes it."""


def hold(connection: Connection) -> None:
    """Begin the transaction of an upgrade; another one that is under way is waited for."""
    if connection.dialect.name == "sqlite":
        # the driver opens no transaction for CREATE TABLE by itself; IMMEDIATE makes a second upgrade wait for the first
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADING})"))


def make(engine: Engine, *, revision: str) -> bool:
    """Make all tables, of this ``revision``, in one transaction. False, and nothing made, where Alembic or somebody else has begun to meanwhile. Raises StoreError where it cannot be written."""
    with engine.connect() as connection:
        hold(connection)
        if connection.dialect.has_table(connection, _VERSION.name):
            return False
        indexed().create_all(connection, checkfirst=False)
        _VERSION.create(connection)
        connection.execute(insert(_VERSION).values(version_num=revision))
        connection.commit()
    return True
