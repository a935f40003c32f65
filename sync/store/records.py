"""Records in and out of the store. Landing the same page twice leaves the same store; an unchanged record is not rewritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeAlias, TypeVar

from msgspec.structs import asdict
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, select, update

from connectors.port import Page, Scope
from connectors.records import Issue, KeyAlias, Record, Ref
from mappings.observed import Gone
from sync.store import bulk
from sync.store.dialect import is_one_of
from sync.store.digests import digest_of
from sync.store.marks import Mark, mark, marks_of, marks_of_grave
from sync.store.nested import flat, whole
from sync.store.questions import Shape, Wanted, narrowed, rows_by, shape_of
from sync.store.references import parts_of
from sync.store.tables import RECORD_TABLES, TABLE_BY_KIND, aliases
from sync.store.types import storable

R = TypeVar("R", bound=Record)
_BATCH = 2500  # ids per question
_OWN = ("partition", "digest", "gone_at")  # columns that the store adds to a record's


def land(connection: Connection, scope: Scope, page: Page, *, now: datetime) -> int:
    """Store a page's records, aliases and deletions; returns how many rows were new or changed. ``now`` dates the tombstones."""
    (changed,) = land_together(connection, ((scope, page),), now=now)
    return changed


def land_together(connection: Connection, pages: Sequence[tuple[Scope, Page]], *, now: datetime) -> list[int]:
    """As ``land``, several pages by the statements of one; returns the number of each. No record may be in two of them, and all records come before any deletion."""
    changed = [0] * len(pages)
    found = _rows_of(pages)
    for (kind, source), rows in found.items():
        _dig_up_parts(connection, RECORD_TABLES[kind], source, list(rows))
    noted: set[Mark] = set()
    for (kind, source), rows in found.items():
        fresh = _written(connection, RECORD_TABLES[kind], source, [row for _, row in rows.values()])
        noted |= marks_of(kind.kind, fresh)
        for row in fresh:
            changed[rows[row["id"]][0]] += 1
    mark(connection, noted)
    for place, (_, page) in enumerate(pages):
        changed[place] += sum(bury(connection, page.gone, now=now))
    _alias(connection, [alias for _, page in pages for alias in page.aliases])
    return changed


_Rows: TypeAlias = dict[str, tuple[int, dict[str, Any]]]
"""By the id of a record the place of its page and its row."""


def _rows_of(pages: Sequence[tuple[Scope, Page]]) -> Mapping[tuple[type[Record], str], _Rows]:
    """What the records of the pages become, by type and source."""
    found: defaultdict[tuple[type[Record], str], _Rows] = defaultdict(dict)
    for place, (scope, page) in enumerate(pages):
        for record in page.records:
            found[type(record), record.source][record.id] = (place, row_of(record, scope.partition))
    return found


def row_of(record: Record, partition: str) -> dict[str, Any]:
    """The row that a record becomes: its values by column, with its partition and its digest."""
    row = flat(type(record), asdict(record))
    row["digest"], row["partition"], row["gone_at"] = digest_of(row), partition, None
    return row


def digest_of_row(table: Table, row: Row[Any]) -> str:
    """The digest that a stored record ought to have. Raises ValueError, TypeError or KeyError for a row that is no record."""
    return digest_of(
        {str(c.name): value for c, value in zip(table.columns, row, strict=True) if c.name not in _OWN}
    )


def _written(
    connection: Connection, table: Table, source: str, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Insert or update the rows of one source whose digest differs or whose record had been buried, and return them; the others are not touched."""
    fresh = [
        row
        for start in range(0, len(rows), _BATCH)
        for row in _changed(connection, table, source, rows[start : start + _BATCH])
    ]
    bulk.put(connection, table, fresh)
    return fresh


def _changed(
    connection: Connection, table: Table, source: str, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    ids = [row["id"] for row in rows]
    known = dict(map(tuple, connection.execute(_asking_digests(table), {"source": source, "id": ids})))
    return [row for row in rows if known.get(storable(row["id"])) != row["digest"]]


@cache
def _asking_digests(table: Table) -> Select[Any]:
    query = select(table.c.id, table.c.digest).where(table.c.gone_at.is_(None))
    return narrowed(query, table, (("source", False), ("id", True)))


def bury(connection: Connection, gone: Iterable[Ref], *, now: datetime) -> list[int]:
    """Mark records as gone, each with what belongs to it; returns one row count per ref. A record that comes back is undone by its next landing."""
    return [_buried(connection, ref, now=now) for ref in gone]


def _buried(connection: Connection, ref: Ref, *, now: datetime) -> int:
    table = TABLE_BY_KIND[ref.kind]
    dying = select(table).where(table.c.source == ref.source, table.c.id == ref.id, table.c.gone_at.is_(None))
    for row in connection.execute(dying).mappings():
        mark(connection, marks_of_grave(ref.kind, dict(row)))
    graves = [(table, table.c.id == ref.id)]
    graves += [(part.child, part.child.c[part.column] == ref.id) for part in parts_of(table)]
    return sum(
        connection.execute(
            update(each)
            .where(each.c.source == ref.source, is_meant, each.c.gone_at.is_(None))
            .values(gone_at=now)
        ).rowcount
        for each, is_meant in graves
    )


def _dig_up_parts(connection: Connection, table: Table, source: str, ids: list[str]) -> None:
    """What was buried with records of a source that are about to come back, and only that: a worklog deleted by itself stays gone. No feed tells of it again."""
    parts = parts_of(table)
    for start in range(0, len(ids) if parts else 0, _BATCH):
        is_back = (
            (table.c.source == source)
            & is_one_of(table.c.id, ids[start : start + _BATCH])
            & table.c.gone_at.is_not(None)
        )
        for buried in connection.execute(
            select(table.c.source, table.c.id, table.c.gone_at).where(is_back)
        ).all():
            for part in parts:
                child = part.child
                is_its = (child.c.source == buried.source) & (child.c[part.column] == buried.id)
                connection.execute(
                    update(child).where(is_its, child.c.gone_at == buried.gone_at).values(gone_at=None)
                )


def _alias(connection: Connection, seen: Iterable[KeyAlias]) -> None:
    """An old key can come to name another issue once the first was deleted for good: the newest sighting wins. What is known is not written again."""
    newest = {(a.source, a.key): a.issue_id for a in seen}
    rows = [{"source": source, "key": key, "issue_id": id_} for (source, key), id_ in newest.items()]
    for start in range(0, len(rows), _BATCH):
        part = rows[start : start + _BATCH]
        keys = [row["key"] for row in part]
        known = set(map(tuple, rows_by(connection, aliases, source=part[0]["source"], key=keys)))
        fresh = [row for row in part if tuple(row.values()) not in known]
        bulk.put(connection, aliases, fresh)


def all_records(connection: Connection) -> tuple[Record, ...]:
    """Every live record, in no particular order."""
    return tuple(record for record_type in RECORD_TABLES for record in live(connection, record_type))


def live(connection: Connection, record_type: type[R], *where: ColumnElement[bool]) -> Iterator[R]:
    """The live records of one type for which the conditions hold, in no particular order."""
    _, query = _selecting(TABLE_BY_KIND[record_type.kind])
    return _read(connection, record_type, query.where(*where), {})


def live_by(connection: Connection, record_type: type[R], /, **wanted: str | Sequence[str]) -> Iterator[R]:
    """The live records of one type that hold these texts, or one of several, by column; in no particular order."""
    query = _selecting_by(TABLE_BY_KIND[record_type.kind], shape_of(wanted))
    return _read(connection, record_type, query, wanted)


def _read(connection: Connection, record_type: type[R], query: Select[Any], wanted: Wanted) -> Iterator[R]:
    names, _ = _selecting(TABLE_BY_KIND[record_type.kind])
    for row in connection.execute(query, wanted).all():
        yield record_type(**whole(record_type, dict(zip(names, row, strict=True))))


@lru_cache(maxsize=512)
def _selecting_by(table: Table, shape: Shape) -> Select[Any]:
    return narrowed(_selecting(table)[1], table, shape)


@cache
def _selecting(table: Table) -> tuple[tuple[str, ...], Select[Any]]:
    """The names of the columns of a record, and the question for all that are live; it is asked often, and to put it together takes longer than its answer."""
    columns = tuple(c for c in table.columns if c.name not in _OWN)
    return tuple(c.name for c in columns), select(*columns).where(table.c.gone_at.is_(None))


def all_gone(connection: Connection) -> tuple[Gone, ...]:
    """Every issue that is gone and whose tombstone was not pruned, in no particular order."""
    table = RECORD_TABLES[Issue]
    gone = []
    for row in connection.execute(select(table).where(table.c.gone_at.is_not(None))).mappings():
        values = {name: value for name, value in row.items() if name not in _OWN}
        gone.append(Gone(issue=Issue(**whole(Issue, values)), noticed_at=row["gone_at"]))
    return tuple(gone)


def all_aliases(connection: Connection) -> tuple[KeyAlias, ...]:
    """Every key that an issue has had."""
    return tuple(
        KeyAlias(source=r.source, key=r.key, issue_id=r.issue_id) for r in connection.execute(select(aliases))
    )


def live_ids(
    connection: Connection, *, source: str, kind: str, partition: str | None = None
) -> frozenset[str]:
    """Ids of the live records of one kind, of one partition where one is named."""
    table = TABLE_BY_KIND[kind]
    query = select(table.c.id).where(table.c.source == source, table.c.gone_at.is_(None))
    if partition is not None:
        query = query.where(table.c.partition == partition)
    return frozenset(connection.execute(query).scalars())
