"""Bulk: many rows of one table at once, on each database by its fastest way. Every value goes through its column's type, so all ways store the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import (
    Connection,
    Dialect,
    Insert,
    Table,
    TableClause,
    bindparam,
    column,
    delete,
    insert,
    select,
)
from sqlalchemy.types import TypeEngine

from sync.store.connections import COPY, COPY_FROM
from sync.store.dialect import upsert_for
from sync.store.types import Instant, PlainText, all_storable, all_texts_of_instants

STAGED_FROM = 100
"""From so many rows on, PostgreSQL takes them faster by COPY and one statement than one by one (tests/bench/landing.py)."""

Rows = Sequence[Mapping[str, Any]]
"""Values by column; every column of the table in each row."""
Maker: TypeAlias = Callable[[Sequence[Any]], Iterable[Any]]


def put(connection: Connection, table: Table, rows: Rows, *, staged_from: int = STAGED_FROM) -> None:
    """Insert rows, or update those whose primary key is there; of two rows with one key the later one counts."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            _text_of(_upserting, table, connection.dialect), [*bound(table, rows, connection.dialect)]
        )
        return
    keys = [place for place, c in enumerate(table.columns) if c.primary_key]
    # two keys can become one when what no database can hold is replaced
    unique = {tuple(row[place] for place in keys): row for row in bound(table, rows, connection.dialect)}
    if len(unique) < max(staged_from, COPY_FROM) or not _may_stage(connection):
        connection.execute(_upserting(table, connection.dialect), rows)
    else:
        _put_staged(connection, table, [*unique.values()])


def put_new(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows whose primary key is not there yet; the others are not touched."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        ready = [*bound(table, rows, connection.dialect)]
        connection.exec_driver_sql(_text_of(_keeping, table, connection.dialect), ready)
    else:
        connection.execute(_keeping(table, connection.dialect), rows)


def add(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows that are new."""
    if not rows:
        return
    ready = [*bound(table, rows, connection.dialect)]
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_text_of(_inserting, table, connection.dialect), ready)
    elif len(ready) < COPY_FROM:
        connection.execute(insert(table), rows)
    else:
        connection.exec_driver_sql(_copy_into(table.name, table, connection.dialect), ready)


def remove(connection: Connection, table: Table, rows: Rows) -> None:
    """Delete the rows that hold these values; here a row names some columns only, the same in all."""
    if rows:
        is_meant = (table.c[name] == bindparam(f"_{name}") for name in rows[0])
        values = [{f"_{name}": value for name, value in row.items()} for row in rows]
        connection.execute(delete(table).where(*is_meant), values)


def bound(table: Table, rows: Rows, dialect: Dialect) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver takes them, in the order of the columns; made column by column, which is three times as fast. At least one row, two columns."""
    names, makers = _makers(table, dialect)
    columns = zip(*map(itemgetter(*names), rows), strict=True)
    return zip(*(ready(values) for ready, values in zip(makers, columns, strict=True)), strict=True)


def _put_staged(connection: Connection, table: Table, ready: list[tuple[Any, ...]]) -> None:
    """By a table of this connection alone, which every commit empties. It stays, so that the server's catalogue does not grow with every page."""
    stage = f"landing_{table.name}"
    made = f"CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (LIKE {table.name}) ON COMMIT DELETE ROWS"
    emptied = f"DELETE FROM pg_temp.{stage}"  # noqa: S608  # of what this transaction has put there before
    # without parameters the driver sends both at once
    connection.exec_driver_sql(f"{made}; {emptied}", execution_options={"no_parameters": True})
    connection.exec_driver_sql(_copy_into(f"pg_temp.{stage}", table, connection.dialect), ready)
    connection.exec_driver_sql(_text_of(_upserting_staged, table, connection.dialect))


def _may_stage(connection: Connection) -> bool:
    """Whether the server lets this user make temporary tables; asked once for each connection."""
    if "may_stage" not in connection.info:
        asked = "SELECT has_database_privilege(current_database(), 'TEMPORARY')"
        connection.info["may_stage"] = connection.exec_driver_sql(asked).scalar_one()
    return bool(connection.info["may_stage"])


def _inserting(table: Table, _: Dialect) -> Insert:
    return insert(table)


@lru_cache(maxsize=512)
def _upserting(table: Table, dialect: Dialect) -> Any:  # noqa: ANN401  # the two dialects' inserts share no public base
    return _or_updating(upsert_for(dialect, table), table)


@lru_cache(maxsize=512)
def _keeping(table: Table, dialect: Dialect) -> Any:  # noqa: ANN401
    return upsert_for(dialect, table).on_conflict_do_nothing()


def _upserting_staged(table: Table, dialect: Dialect) -> Any:  # noqa: ANN401
    names = [c.name for c in table.columns]
    stage = TableClause(f"landing_{table.name}", *map(column, names), schema="pg_temp")
    return _or_updating(upsert_for(dialect, table).from_select(names, select(stage)), table)


def _or_updating(statement: Any, table: Table) -> Any:  # noqa: ANN401
    news = {c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key}
    return statement.on_conflict_do_update(index_elements=[*table.primary_key], set_=news)


@lru_cache(maxsize=512)
def _text_of(made: Callable[[Table, Dialect], Any], table: Table, dialect: Dialect) -> str:
    """A statement as the driver takes it, its parameters in the order of the columns."""
    names = [c.name for c in table.columns]
    compiled = made(table, dialect).compile(dialect=dialect, column_keys=names)
    return str(compiled)


@lru_cache(maxsize=512)
def _copy_into(where: str, table: Table, dialect: Dialect) -> str:
    names = ", ".join(dialect.identifier_preparer.quote(c.name) for c in table.columns)
    return f"{COPY}{where} ({names}) FROM STDIN"


@lru_cache(maxsize=512)
def _makers(table: Table, dialect: Dialect) -> tuple[tuple[str, ...], tuple[Maker, ...]]:
    """The names of the columns, and what makes their values ready."""
    return tuple(c.name for c in table.columns), tuple(_maker(c.type, dialect) for c in table.columns)


def _maker(kind: TypeEngine[Any], dialect: Dialect) -> Maker:
    """What makes of a column's values those that the driver takes."""
    if isinstance(kind, PlainText):
        return all_storable
    if isinstance(kind, Instant) and dialect.name == "sqlite":
        return all_texts_of_instants
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    return partial(map, process) if process else iter
