"""Tables of records: one per record type, its columns read off the record's fields, so that store and vocabulary cannot disagree.

A record's row also says from which partition it came, a digest of its content (an unchanged record is not rewritten) and when the tool
was seen to have lost it (``gone_at``: a tombstone, undone when the record comes back).
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    MetaData,
    Table,
    Text,
    literal_column,
)

from connectors.records import (
    RECORD_TYPES,
    Branch,
    Commit,
    Deployment,
    FieldChange,
    Issue,
    Job,
    MergeRequest,
    PathTouch,
    Pipeline,
    Record,
    Release,
    Worklog,
)
from mappings.observed import PLANNED
from sync.store.types import SCALARS, Instant, PlainText, Tuple

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _column_of(name: str, annotation: object) -> Column[typing.Any]:
    """The column of one record field: ``X | None`` is nullable, tuples are JSON."""
    options = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    kind = next(option for option in options if option is not types.NoneType)
    column_type = Tuple() if typing.get_origin(kind) is tuple else SCALARS[kind]
    return Column(name, column_type, nullable=types.NoneType in options, primary_key=name in {"source", "id"})


def _table_of(record_type: type[Record]) -> Table:
    hints = typing.get_type_hints(record_type)
    columns = [_column_of(name, hints[name]) for name in record_type.__struct_fields__]
    return Table(
        f"{record_type.kind}_records",
        metadata,
        *columns,
        Column("partition", PlainText, nullable=False),
        Column("digest", Text, nullable=False),
        Column("gone_at", Instant),
    )


RECORD_TABLES: Mapping[type[Record], Table] = MappingProxyType({t: _table_of(t) for t in RECORD_TYPES})
"""The table of each record type."""

RECORD_TYPE_BY_KIND: Mapping[str, type[Record]] = MappingProxyType({t.kind: t for t in RECORD_TYPES})
"""Each record type by its kind."""

TABLE_BY_KIND: Mapping[str, Table] = MappingProxyType({t.kind: table for t, table in RECORD_TABLES.items()})
"""The table of each record kind."""

_INDEXED: tuple[tuple[type[Record], tuple[str, ...]], ...] = (
    (Issue, ("key",)),
    (Issue, ("parent_key",)),
    (Issue, ("epic_key",)),
    (Issue, ("project_key", "resolved_at")),
    (Issue, ("status_category",)),
    (Issue, ("status",)),
    (FieldChange, ("source", "issue_id")),
    (Worklog, ("source", "issue_id")),
    (Worklog, ("source", "author_id", "started_at")),
    (Commit, ("sha",)),
    (Commit, ("source", "project_id")),
    (Branch, ("source", "project_id")),
    (Branch, ("committed_at",)),
    (MergeRequest, ("source", "project_id", "source_branch")),
    (MergeRequest, ("source", "milestone_id")),
    (MergeRequest, ("created_at",)),
    (MergeRequest, ("merged_at",)),
    (Pipeline, ("source", "project_id", "ref_name", "created_at")),
    (Job, ("source", "pipeline_id")),
    (PathTouch, ("source", "project_id")),
    (Deployment, ("source", "project_id")),
    (Release, ("source", "project_id")),
)
"""What a judgement looks records up by, beside their ids."""

for _type, _names in _INDEXED:
    Index(
        f"ix_{_type.kind}_records_{'_'.join(_names)}",
        *(RECORD_TABLES[_type].c[name] for name in _names),
    )


def _index_some(column: Column[typing.Any], where: ColumnElement[bool]) -> None:
    """An index of the few rows for which the condition holds; a question uses it that says the same in the same words."""
    name = f"ix_{column.table.name}_{column.name}"
    Index(name, column, sqlite_where=where, postgresql_where=where)


IS_PLANNED = RECORD_TABLES[FieldChange].c.field.in_([literal_column(f"'{name}'") for name in sorted(PLANNED)])
"""True, in SQL, of a change by which an issue joins or leaves a milestone."""

_index_some(RECORD_TABLES[Issue].c.gone_at, RECORD_TABLES[Issue].c.gone_at.is_not(None))
for _name in ("from_value", "from_text"):
    _index_some(RECORD_TABLES[FieldChange].c[_name], IS_PLANNED)
