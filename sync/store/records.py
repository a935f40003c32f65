"""Records in and out of the store. Landing the same page twice leaves the same store; an unchanged record is not rewritten."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Table, select, update

from connectors.port import Page, Scope
from connectors.records import (
    FieldChange,
    Issue,
    IssueLink,
    KeyAlias,
    LinkDirection,
    Record,
    Ref,
    Worklog,
)
from sync.store.tables import RECORD_TABLES, TABLE_BY_KIND, aliases
from sync.store.types import storable

_BATCH = 500  # ids per question
_OWN = ("partition", "digest", "gone_at")  # columns that the store adds to a record's


def upsert(connection: Connection, table: Table) -> Any:  # noqa: ANN401  # the two dialects' inserts share no public base
    """An INSERT of the connection's dialect that knows ON CONFLICT."""
    return _dialect(connection.dialect.name).insert(table)


@cache
def _dialect(name: str) -> Any:  # noqa: ANN401  # two modules without a common type
    """The module of the dialect that a connection has loaded, and not that of the other, which takes long to load."""
    return importlib.import_module(f"sqlalchemy.dialects.{name}")


def land(connection: Connection, scope: Scope, page: Page, *, now: datetime) -> int:
    """Store a page's records, aliases and deletions; returns how many rows were new or changed. ``now`` dates the tombstones."""
    by_type: defaultdict[type[Record], dict[str, dict[str, Any]]] = defaultdict(dict)
    for record in page.records:
        by_type[type(record)][record.id] = _row_of(record, scope.partition)
    _dig_up_parts(connection, list(by_type.get(Issue, {}).values()))
    changed = sum(
        _write(connection, RECORD_TABLES[kind], list(rows.values())) for kind, rows in by_type.items()
    )
    changed += sum(bury(connection, page.gone, now=now))
    _alias(connection, page.aliases)
    return changed


def _row_of(record: Record, partition: str) -> dict[str, Any]:
    values = {f.name: getattr(record, f.name) for f in dataclasses.fields(record)}
    if isinstance(record, Issue):
        values["links"] = tuple(dataclasses.astuple(link) for link in record.links)
    return {**values, "partition": partition, "digest": _digest_of(values), "gone_at": None}


def _digest_of(values: Mapping[str, Any]) -> str:
    """The digest of a record's values, the same before they are stored and after they come back."""
    plain = {name: _as_kept(value) for name, value in values.items()}
    content = json.dumps(plain, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(content.encode(), digest_size=12).hexdigest()


def _as_kept(value: Any) -> Any:  # noqa: ANN401  # a field of any type
    """A value as it comes back from the store: text without what no database can hold, instants in UTC, and 3 and 3.0 as one number."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, tuple):
        return tuple(_as_kept(part) for part in value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value


def digest_of_row(table: Table, row: Row[Any]) -> str:
    """The digest that a stored record ought to have. Raises ValueError, TypeError or KeyError for a row that is no record."""
    return _digest_of(
        {c.name: value for c, value in zip(table.columns, row, strict=True) if c.name not in _OWN}
    )


def _write(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """Insert or update the rows whose digest differs or whose record had been buried; the others are not touched."""
    fresh = [
        row
        for start in range(0, len(rows), _BATCH)
        for row in _changed(connection, table, rows[start : start + _BATCH])
    ]
    if fresh:
        insert = upsert(connection, table)
        news = {c.name: insert.excluded[c.name] for c in table.columns if not c.primary_key}
        connection.execute(insert.on_conflict_do_update(index_elements=["source", "id"], set_=news), fresh)
    return len(fresh)


def _changed(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    query = select(table.c.id, table.c.digest).where(
        table.c.source == rows[0]["source"],
        table.c.id.in_([row["id"] for row in rows]),
        table.c.gone_at.is_(None),
    )
    known = {found.id: found.digest for found in connection.execute(query)}
    return [row for row in rows if known.get(row["id"]) != row["digest"]]


def bury(connection: Connection, gone: Iterable[Ref], *, now: datetime) -> list[int]:
    """Mark records as gone, an issue with what belongs to it; returns one row count per ref. A record that comes back is undone by its next landing."""
    return [_buried(connection, ref, now=now) for ref in gone]


def _buried(connection: Connection, ref: Ref, *, now: datetime) -> int:
    table = TABLE_BY_KIND[ref.kind]
    graves = [
        (table, table.c.id == ref.id),
        *((part, part.c.issue_id == ref.id) for part in _parts_of(ref.kind)),
    ]
    return sum(
        connection.execute(
            update(each)
            .where(each.c.source == ref.source, is_meant, each.c.gone_at.is_(None))
            .values(gone_at=now)
        ).rowcount
        for each, is_meant in graves
    )


def _parts_of(kind: str) -> tuple[Table, ...]:
    return (TABLE_BY_KIND[FieldChange.kind], TABLE_BY_KIND[Worklog.kind]) if kind == Issue.kind else ()


def _dig_up_parts(connection: Connection, issues: list[dict[str, Any]]) -> None:
    """What was buried with issues that are about to come back, and only that: a worklog deleted by itself stays gone. No feed tells of it again."""
    table = RECORD_TABLES[Issue]
    for start in range(0, len(issues), _BATCH):
        ids = [row["id"] for row in issues[start : start + _BATCH]]
        is_back = (table.c.source == issues[0]["source"]) & table.c.id.in_(ids) & table.c.gone_at.is_not(None)
        for buried in connection.execute(
            select(table.c.source, table.c.id, table.c.gone_at).where(is_back)
        ).all():
            for part in _parts_of(Issue.kind):
                is_its = (part.c.source == buried.source) & (part.c.issue_id == buried.id)
                connection.execute(
                    update(part).where(is_its, part.c.gone_at == buried.gone_at).values(gone_at=None)
                )


def _alias(connection: Connection, seen: Iterable[KeyAlias]) -> None:
    rows = {(a.source, a.key): {"source": a.source, "key": a.key, "issue_id": a.issue_id} for a in seen}
    if rows:
        insert = upsert(connection, aliases).values(list(rows.values()))
        # an old key can come to name another issue once the first was deleted for good: the newest sighting wins
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["source", "key"], set_={"issue_id": insert.excluded.issue_id}
            )
        )


def all_records(connection: Connection) -> tuple[Record, ...]:
    """Every live record, in no particular order."""
    return tuple(
        record
        for record_type, table in RECORD_TABLES.items()
        for record in _records_in(connection, record_type, table)
    )


def _records_in(connection: Connection, record_type: type[Record], table: Table) -> Iterator[Record]:
    columns = [column for column in table.columns if column.name not in _OWN]
    names = [column.name for column in columns]
    rows = connection.execute(select(*columns).where(table.c.gone_at.is_(None))).all()
    return (_record_of(record_type, dict(zip(names, row, strict=True))) for row in rows)


def _record_of(record_type: type[Record], values: dict[str, Any]) -> Record:
    if record_type is Issue:
        values["links"] = tuple(
            IssueLink(type=t, direction=LinkDirection(d), other_id=i, other_key=k)
            for t, d, i, k in values["links"]
        )
    return record_type(**values)


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
