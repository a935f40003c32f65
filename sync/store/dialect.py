"""What the two dialects say differently."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table


def upsert(connection: Connection, table: Table) -> Any:  # noqa: ANN401  # the two dialects' inserts share no public base
    """An INSERT of the connection's dialect that knows ON CONFLICT."""
    return _dialect(connection.dialect.name).insert(table)


@cache
def _dialect(name: str) -> Any:  # noqa: ANN401  # two modules without a common type
    """The module of the dialect that a connection has loaded, and not that of the other, which takes long to load."""
    return importlib.import_module(f"sqlalchemy.dialects.{name}")
