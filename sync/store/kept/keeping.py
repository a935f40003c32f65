"""Keeping: a reading takes the place of the former one; what stands as it stood is not touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, insert

from sync.store import bulk, marks
from sync.store.kept import judgements
from sync.store.kept.arrivals import keep_arrived
from sync.store.kept.reading import Fate, Reading
from sync.store.questions import rows_by
from sync.store.tables import links, named, readings, reverts

_TOGETHER = 2500  # changes in one question
_LINK = ("change_kind", "change_id", "key", "place")
_NAME = ("change_kind", "change_id", "kind", "name")


def keep(connection: Connection, reading: Reading, *, rules: str) -> None:
    """Put the reading in the place of the former one, and note of which keys the code now says something else, and that other things are taken back."""
    moved = _keep_links(connection, reading)
    _keep_names(connection, reading)
    _keep_rest(connection, reading, rules)
    is_other = reading.fate is not None and _keep_fate(connection, reading, reading.fate)
    if judgements.are_kept(connection):
        marks.mark(connection, {(reading.source, marks.NAMED, key) for key in moved})
        if is_other:
            marks.mark(connection, {(reading.source, marks.PLACE, reading.project_id)})


def _at(reading: Reading) -> dict[str, str]:
    return {"source": reading.source, "project_id": reading.project_id}


def _is_its(table: Table, reading: Reading) -> ColumnElement[bool]:
    return (table.c.source == reading.source) & (table.c.project_id == reading.project_id)


def _kept(connection: Connection, table: Table, reading: Reading) -> Iterator[Row[Any]]:
    """The rows that are kept about the changes that were read."""
    if reading.among is None:
        yield from rows_by(connection, table, **_at(reading))
        return
    among = sorted(reading.among)
    kinds = sorted({kind for kind, _ in among})
    # with the project where rows are found by it; elsewhere SQLite would take that for a reason to go through all of its rows
    at = _at(reading) if table.c.project_id.primary_key else {"source": reading.source}
    for start in range(0, len(among), _TOGETHER):
        part = among[start : start + _TOGETHER]
        ids = [id_ for _, id_ in part]
        asked = frozenset(part)
        for row in rows_by(connection, table, **at, change_kind=kinds, change_id=ids):
            if row.project_id == reading.project_id and (row.change_kind, row.change_id) in asked:
                yield row


def _keep_links(connection: Connection, reading: Reading) -> frozenset[str]:
    """Returns the keys of the links that came, went or changed."""
    kept = {
        (r.change_kind, r.change_id, r.key, r.place): (r.role, r.confidence, r.reason)
        for r in _kept(connection, links, reading)
    }
    at = _at(reading)
    gone = sorted(kept.keys() - reading.links.keys())
    left = [at | dict(zip(_LINK, key, strict=True)) for key in gone]
    bulk.remove(connection, links, left)
    fresh = [
        row
        for key, row in reading.links.items()
        if kept.get(key) != (row["role"], row["confidence"], row["reason"])
    ]
    bulk.put(connection, links, fresh)
    return frozenset(row["key"] for row in fresh) | {row["key"] for row in left}


def _keep_names(connection: Connection, reading: Reading) -> None:
    kept = {tuple(getattr(r, name) for name in _NAME) for r in _kept(connection, named, reading)}
    bulk.remove(connection, named, _names(reading, kept - reading.names))
    bulk.put_new(connection, named, _names(reading, reading.names - kept))


def _names(reading: Reading, found: Iterable[tuple[str, ...]]) -> Sequence[dict[str, str]]:
    return [_at(reading) | dict(zip(_NAME, one, strict=True)) for one in sorted(found)]


def _keep_fate(connection: Connection, reading: Reading, fate: Fate) -> bool:
    """True if other changes stand reverted than before, or by others."""
    keep_arrived(connection, (reading.source, reading.project_id), fate.arrived)
    kept = [dict(row) for row in rows_by(connection, reverts, **_at(reading)).mappings()]
    if _sorted(kept) == _sorted(fate.reverts):
        return False
    connection.execute(delete(reverts).where(_is_its(reverts, reading)))
    if fate.reverts:
        connection.execute(insert(reverts), list(fate.reverts))
    return True


def _sorted(rows: Iterable[dict[str, Any]]) -> list[list[Any]]:
    return sorted([row[column.name] for column in reverts.columns] for row in rows)


def _keep_rest(connection: Connection, reading: Reading, rules: str) -> None:
    row = _at(reading) | {
        "rules": rules,
        "asked": reading.asked,
        "silent": tuple(map(tuple, reading.silent)),
    }
    bulk.put(connection, readings, [row])
