"""Columns: how a column of another system's table and a value of our records are read, so that they can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.real.compared import Comparison, Difference, compared

NO_ORACLE = object()
"""What a reader gives for a value of theirs that says nothing; it is not compared."""

Column: TypeAlias = tuple[str, Callable[[str], object], Callable[[Any], object]]
"""The column's name, how its text is read, and what ours is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Rows of another system's table and the column that holds the id of our record."""

    name: str
    key: Callable[[Mapping[str, str]], str]
    rows: Iterable[Mapping[str, str]]


def against(
    listed: Listed,
    records: Mapping[str, object],
    columns: Iterable[Column],
    chosen: Iterable[Difference] = (),
) -> Comparison:
    """Our records against a table. Records that the table does not list are not compared; the table may be another part of the source."""
    columns = tuple(columns)
    theirs = {listed.key(row): _theirs(row, columns) for row in listed.rows}
    ours = {
        id_: {name: ours(record) for name, _, ours in columns}
        for id_, record in records.items()
        if id_ in theirs
    }
    return compared(listed.name, ours, theirs, chosen)


def _theirs(row: Mapping[str, str], columns: Iterable[Column]) -> dict[str, object]:
    read = {name: reader(row[name]) for name, reader, _ in columns}
    return {name: value for name, value in read.items() if value is not NO_ORACLE}


def pairs(found: Iterable[tuple[str, str]]) -> dict[str, dict[str, object]]:
    """Rows for a table of pairs: each pair is a member."""
    return {"/".join(pair): {"is_member": True} for pair in found}
