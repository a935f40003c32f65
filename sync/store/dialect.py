"""What the two dialects say differently."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Boolean, ColumnElement, Connection, Dialect, Table, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from sync.store.types import Texts


def upsert(connection: Connection, table: Table) -> Any:  # noqa: ANN401  # the two dialects' inserts share no public base
    """An INSERT of the connection's dialect that knows ON CONFLICT."""
    return upsert_for(connection.dialect, table)


def upsert_for(dialect: Dialect, table: Table) -> Any:  # noqa: ANN401
    """An INSERT of the dialect that knows ON CONFLICT."""
    return _dialect(dialect.name).insert(table)


class _IsOneOf(ColumnElement[bool]):
    """See ``is_one_of``. Statements with it are compiled once, whatever the texts are."""

    type = Boolean()
    _traverse_internals = [  # noqa: RUF012  # as SQLAlchemy declares it
        ("column", InternalTraversal.dp_clauseelement),
        ("texts", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[str], texts: BindParameter[Any]) -> None:
        self.column = column
        self.texts = texts

    def self_group(self, against: object = None) -> _IsOneOf:  # noqa: ARG002  # as elements declare it
        """Itself: other elements become ``... = 1`` where a database has no booleans, and then no index is looked at."""
        return self


_TEXTS = Texts()


@compiles(_IsOneOf, "sqlite")
def _is_in_json(element: _IsOneOf, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  # as compilers hand them on
    column, texts = compiler.process(element.column, **options), compiler.process(element.texts, **options)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608  # of what was compiled


@compiles(_IsOneOf, "postgresql")
def _is_any_of_array(element: _IsOneOf, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    column, texts = compiler.process(element.column, **options), compiler.process(element.texts, **options)
    return f"{column} = ANY ({texts})"


def is_one_of(column: ColumnElement[str], texts: Sequence[str]) -> ColumnElement[bool]:
    """True, in SQL, where the column is one of ``texts``. They are one parameter: a list of hundreds of them costs more than the lookup."""
    return _IsOneOf(column, BindParameter(None, texts, type_=_TEXTS, unique=True))


def is_one_of_those(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """As ``is_one_of``, of texts that are given as the parameter ``name`` when the statement is carried out."""
    return _IsOneOf(column, BindParameter(name, type_=_TEXTS))


def is_among(columns: Sequence[ColumnElement[Any]], rows: Iterable[tuple[Any, ...]]) -> ColumnElement[bool]:
    """True, in SQL, where these columns together are one of ``rows``."""
    return tuple_(*columns).in_(list(rows))


@cache
def _dialect(name: str) -> Any:  # noqa: ANN401  # two modules without a common type
    """The module of the dialect that a connection has loaded, and not that of the other, which takes long to load."""
    return importlib.import_module(f"sqlalchemy.dialects.{name}")
