"""Rows: live records of one type by the values of one column, as records in ref order."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Connection

from connectors.records import Record
from mappings.observed import grouped
from sync.store.records import live_by

R = TypeVar("R", bound=Record)
K = TypeVar("K", bound=Hashable)


def in_order(records: Iterable[R]) -> tuple[R, ...]:
    """Records of one type in ref order, the order of ``Observed.all``."""
    return tuple(sorted(records, key=lambda r: (r.source, len(r.id), r.id)))


def by_column(
    connection: Connection, record_type: type[R], names: tuple[str, ...], keys: tuple[tuple[Any, ...], ...]
) -> Mapping[tuple[Any, ...], tuple[R, ...]]:
    """Records by the values of ``names``, the first of which is the source. One question for each source, which may find more than is asked for."""
    asked, key_of = frozenset(keys), attrgetter(*names)
    found: list[R] = []
    for source in sorted({key[0] for key in keys}):
        parts = zip(*(key[1:] for key in keys if key[0] == source), strict=True)
        wanted = {name: sorted(set(part)) for name, part in zip(names[1:], parts, strict=True)}
        some = live_by(connection, record_type, source=source, **wanted)
        found += (record for record in some if key_of(record) in asked)
    return grouped(in_order(found), key_of)


def grouped_keys(keys: Iterable[tuple[Any, ...]]) -> Mapping[tuple[Any, ...], list[Any]]:
    """The last parts of keys by all that stands before."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for key in keys:
        groups.setdefault(tuple(key[:-1]), []).append(key[-1])
    return groups
