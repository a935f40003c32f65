"""Copying a store: every row of every table from one consistent snapshot, streamed, between any two kinds of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select

from sync.store.bulk import add
from sync.store.tables import leases, metadata

BATCH = 500
"""Rows in memory at once."""

Change = Callable[[str, dict[str, Any]], dict[str, Any]]
"""What becomes of a row: the table's name and the row's values by column in, the values to keep out."""


def copied(source: Engine, target: Engine, *, change: Change | None = None) -> Mapping[str, int]:
    """Copy every row of ``source`` into the empty, upgraded ``target`` and return how many, by table.

    The rows are those of one instant of ``source``, which may be written meanwhile. Leases are left out: nobody holds a copy.
    All or nothing: an error leaves ``target`` empty. Raises StoreError.
    """
    with snapshot(source) as origin, target.begin() as goal:
        return rows_copied(origin, goal, change=change)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A read-only connection that sees one instant of the store, whoever writes meanwhile."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # the driver begins no transaction for a SELECT by itself; under WAL the first read then fixes the instant
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection
        connection.rollback()


def rows_copied(origin: Connection, goal: Connection, *, change: Change | None = None) -> Mapping[str, int]:
    """Copy the rows of a snapshot into empty tables inside the transaction of ``goal``; returns how many, by table."""
    return {
        table.name: _copy(origin, goal, table, change)
        for table in metadata.sorted_tables
        if table is not leases
    }


def _copy(origin: Connection, goal: Connection, table: Table, change: Change | None) -> int:
    count = 0
    query = select(table).order_by(*table.primary_key)
    with origin.execute(query, execution_options={"yield_per": BATCH}) as found:
        for part in found.mappings().partitions():
            rows = [dict(row) for row in part]
            add(goal, table, [change(table.name, row) for row in rows] if change else rows)
            count += len(rows)
    if goal.dialect.name == "postgresql" and count:
        _advance(goal, table)
    return count


def _advance(goal: Connection, table: Table) -> None:
    """Let the sequence behind a numbered table go on after the highest number that was copied."""
    column = table.autoincrement_column
    if column is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        goal.execute(select(func.setval(sequence, select(func.max(column)).scalar_subquery())))
