"""What the two dialects say differently."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Dialect, Table, any_, func, literal, select, tuple_

from sync.store.types import Tuple, all_storable


def upsert(connection: Connection, table: Table) -> Any:  # noqa: ANN401  # the two dialects' inserts share no public base
    """An INSERT of the connection's dialect that knows ON CONFLICT."""
    return upsert_for(connection.dialect, table)


def upsert_for(dialect: Dialect, table: Table) -> Any:  # noqa: ANN401
    """An INSERT of the dialect that knows ON CONFLICT."""
    return _dialect(dialect.name).insert(table)


def is_one_of(
    connection: Connection, column: ColumnElement[str], texts: Sequence[str]
) -> ColumnElement[bool]:
    """True, in SQL, where the column is one of ``texts``. They are one parameter: a list of hundreds of them costs more than the lookup."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(literal(tuple(all_storable(texts)), Tuple())).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(literal(texts, ARRAY(column.type)))


def is_among(columns: Sequence[ColumnElement[Any]], rows: Iterable[tuple[Any, ...]]) -> ColumnElement[bool]:
    """True, in SQL, where these columns together are one of ``rows``."""
    return tuple_(*columns).in_(list(rows))


@cache
def _dialect(name: str) -> Any:  # noqa: ANN401  # two modules without a common type
    """The module of the dialect that a connection has loaded, and not that of the other, which takes long to load."""
    return importlib.import_module(f"sqlalchemy.dialects.{name}")
