"""Bare: rows put into the store's tables by the driver alone, all of a page at once: what no landing can do without."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any, TypeAlias

import psycopg
from sqlalchemy import Engine, Table

Rows: TypeAlias = Sequence[tuple[Any, ...]]
Bare: TypeAlias = list[tuple[Table, Rows]]
"""Rows as the driver takes them, page by page: each page is one transaction."""


def put(engine: Engine, bare: Bare) -> None:
    """Insert every row, or replace the one with its key."""
    if engine.dialect.name == "sqlite":
        _put_in_file(str(engine.url.database), bare)
    else:
        _put_on_server(driver_url(engine), bare)


def driver_url(engine: Engine) -> str:
    """The address of a PostgreSQL as its driver takes it."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def taken(engine: Engine, tables: Sequence[Table], *, page: int) -> Bare:
    """All rows of the tables as the driver gives them, and takes them again."""
    found: Bare = []
    for table in tables:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        rows = _all(engine, f"SELECT {columns} FROM {table.name}")
        found += [(table, rows[start : start + page]) for start in range(0, len(rows), page)]
    return found


def _all(engine: Engine, statement: str) -> Rows:
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(engine.url.database))) as connection:
            return connection.execute(statement).fetchall()
    with psycopg.connect(driver_url(engine)) as server:
        return server.execute(statement).fetchall()  # type: ignore[call-overload, no-any-return]  # built here


def _put_in_file(file: str, bare: Bare) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-16384")
        for table, rows in bare:
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            holes = ", ".join("?" * len(table.columns))
            connection.executemany(
                f"INSERT INTO {table.name} ({columns}) VALUES ({holes}) {_else(table)}", rows
            )
            connection.commit()


def _put_on_server(url: str, bare: Bare) -> None:
    with psycopg.connect(url) as connection:
        for table, rows in bare:
            stage = f"bare_{table.name}"
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            connection.execute(
                f"CREATE TEMP TABLE IF NOT EXISTS {stage} (LIKE {table.name}) ON COMMIT DELETE ROWS"
            )
            with connection.cursor().copy(f"COPY {stage} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            connection.execute(
                f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {stage} {_else(table)}"
            )
            connection.commit()


def _else(table: Table) -> str:
    news = ", ".join(f'"{c.name}" = excluded."{c.name}"' for c in table.columns if not c.primary_key)
    keys = ", ".join(f'"{c.name}"' for c in table.primary_key)
    return f"ON CONFLICT ({keys}) DO UPDATE SET {news}"
