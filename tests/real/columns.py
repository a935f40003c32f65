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
    """Rows of another system's table and how their key is read. ``covers`` tells which of our records the table ought to list."""

    name: str
    key: Callable[[Mapping[str, str]], str]
    rows: Iterable[Mapping[str, str]]
    covers: Callable[[str], bool] = lambda _: False


def against(
    listed: Listed,
    records: Mapping[str, object],
    columns: Iterable[Column],
    chosen: Iterable[Difference] = (),
) -> Comparison:
    """Our records against a table. What it neither lists nor covers is not compared: the source has more than one table for a kind."""
    columns = tuple(columns)
    theirs = {listed.key(row): _theirs(row, columns) for row in listed.rows}
    ours = {
        id_: {name: ours(record) for name, _, ours in columns}
        for id_, record in records.items()
        if id_ in theirs or listed.covers(id_)
    }
    return compared(listed.name, ours, theirs, chosen)


def _theirs(row: Mapping[str, str], columns: Iterable[Column]) -> dict[str, object]:
    read = {name: reader(row[name]) for name, reader, _ in columns}
    return {name: value for name, value in read.items() if value is not NO_ORACLE}


def pairs(found: Iterable[tuple[str, str]]) -> dict[str, dict[str, object]]:
    """Rows for a table of pairs: each pair is a member."""
    return {"/".join(pair): {"is_member": True} for pair in found}
