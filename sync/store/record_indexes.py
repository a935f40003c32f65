"""Indexes of the records' tables: what records are looked up by, beside their ids.

They are told apart from the tables, for only who makes a store or compares one with the code wants them, and to declare the partial ones loads all that SQLAlchemy knows of PostgreSQL.
"""

from __future__ import annotations

import typing
from functools import cache

from sqlalchemy import Column, ColumnElement, Index, MetaData

from connectors.records import (
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
from sync.store.record_tables import IS_PLANNED, RECORD_TABLES
from sync.store.tables import metadata

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


@cache
def indexed() -> MetaData:
    """All tables, with the indexes of the records'."""
    for record_type, names in _INDEXED:
        table = RECORD_TABLES[record_type]
        Index(f"ix_{table.name}_{'_'.join(names)}", *(table.c[name] for name in names))
    _index_some(RECORD_TABLES[Issue].c.gone_at, RECORD_TABLES[Issue].c.gone_at.is_not(None))
    for name in ("from_value", "from_text"):
        _index_some(RECORD_TABLES[FieldChange].c[name], IS_PLANNED)
    return metadata


def _index_some(column: Column[typing.Any], where: ColumnElement[bool]) -> None:
    """An index of the few rows for which the condition holds; a question uses it that says the same in the same words."""
    name = f"ix_{column.table.name}_{column.name}"
    Index(name, column, sqlite_where=where, postgresql_where=where)
