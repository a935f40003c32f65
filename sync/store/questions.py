"""Questions that are asked often, by equal values: each is put together once, which takes five times as long as a short answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, CursorResult, Select, Table, bindparam, select

from sync.store.dialect import is_one_of_those

Wanted: TypeAlias = Mapping[str, str | Sequence[str]]
"""By the name of a column of texts the text that it is to hold, or several of which it is to hold one."""


def rows_by(
    connection: Connection, table: Table, names: tuple[str, ...] = (), /, **wanted: str | Sequence[str]
) -> CursorResult[*tuple[Any, ...]]:
    """The rows of a table that hold what is ``wanted``: the columns of these ``names``, or all."""
    return connection.execute(_question(table, names, shape_of(wanted)), wanted)


Shape: TypeAlias = tuple[tuple[str, bool], ...]
"""What is wanted without the texts: the columns, and which may hold one of several."""


def shape_of(wanted: Wanted) -> Shape:
    """The shape of what is wanted."""
    return tuple((name, not isinstance(value, str)) for name, value in wanted.items())


@lru_cache(maxsize=512)
def _question(table: Table, names: tuple[str, ...], shape: Shape) -> Select[Any]:
    columns = [table.c[name] for name in names] or [*table.c]
    return narrowed(select(*columns), table, shape)


def narrowed(query: Select[Any], table: Table, shape: Shape) -> Select[Any]:
    """The question for rows of this shape alone; what is wanted is given as parameters."""
    return query.where(
        *(
            is_one_of_those(table.c[name], name) if is_one_of else table.c[name] == bindparam(name)
            for name, is_one_of in shape
        )
    )
