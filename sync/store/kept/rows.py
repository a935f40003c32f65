"""Rows: live records of one type by the values of one column, as records in ref order."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection

from connectors.records import Record
from mappings.observed import grouped
from sync.store.records import live
from sync.store.tables import TABLE_BY_KIND

R = TypeVar("R", bound=Record)
K = TypeVar("K", bound=Hashable)


def in_order(records: Iterable[R]) -> tuple[R, ...]:
    """Records of one type in ref order, the order of ``Observed.all``."""
    return tuple(sorted(records, key=lambda r: (r.source, len(r.id), r.id)))


def by_column(
    connection: Connection, record_type: type[R], names: tuple[str, ...], keys: tuple[tuple[Any, ...], ...]
) -> Mapping[tuple[Any, ...], tuple[R, ...]]:
    """Records by the values of ``names``, of which the last varies most: it is what the store is asked for."""
    table = TABLE_BY_KIND[record_type.kind]
    *first, last = names
    found: list[R] = []
    for prefix, group in grouped_keys(keys).items():
        same = (table.c[name] == value for name, value in zip(first, prefix, strict=True))
        found += live(connection, record_type, *same, table.c[last].in_(group))
    return grouped(in_order(found), lambda record: tuple(getattr(record, name) for name in names))


def grouped_keys(keys: Iterable[tuple[Any, ...]]) -> Mapping[tuple[Any, ...], list[Any]]:
    """The last parts of keys by all that stands before."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for key in keys:
        groups.setdefault(tuple(key[:-1]), []).append(key[-1])
    return groups
