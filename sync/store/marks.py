"""Marks: what changed since it was last worked out. Set in the transaction of the change, so that a crash forgets none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, delete, select

from connectors.records import FieldChange, Issue, Worklog
from sync.store.dialect import upsert
from sync.store.tables import marks

CODE = "code"
"""The code of a GitLab project, by its id: branches, commits, merge requests, deployments, releases."""
KEY = "key"
"""The key of an issue that is gone."""

_MEMBERS = frozenset({"issue", "merge_request", "gitlab_issue"})
_CODE = frozenset(
    {
        "branch",
        "commit",
        "merge_request",
        "merge_request_commits",
        "path_touch",
        "deployment",
        "release",
    }
)


def marks_of(kind: str, rows: Iterable[Mapping[str, object]]) -> frozenset[tuple[str, str, str]]:
    """(source, kind, name) of what changes with rows of one kind of record."""
    found: set[tuple[str, str, str]] = set()
    for row in rows:
        source = str(row["source"])
        if kind in _MEMBERS:
            found.add((source, kind, str(row["id"])))
        if kind in _CODE:
            found.add((source, CODE, str(row.get("project_id") or row["partition"])))
        if kind in {FieldChange.kind, Worklog.kind}:
            found.add((source, Issue.kind, str(row["issue_id"])))
    return frozenset(found)


def marks_of_grave(kind: str, row: Mapping[str, object]) -> frozenset[tuple[str, str, str]]:
    """What changes when a record of one kind is gone; the key of an issue names nothing any more."""
    key = {(str(row["source"]), KEY, str(row["key"]))} if kind == Issue.kind else set()
    return marks_of(kind, (row,)) | key


def mark(connection: Connection, found: Iterable[tuple[str, str, str]]) -> None:
    """Note what changed; what is noted already stays noted."""
    rows = [{"source": source, "kind": kind, "name": name} for source, kind, name in sorted(found)]
    if rows:
        connection.execute(upsert(connection, marks).on_conflict_do_nothing(), rows)


def marked(connection: Connection, *kinds: str) -> frozenset[tuple[str, str, str]]:
    """What changed since, of some kinds, as (source, kind, name)."""
    rows = connection.execute(select(marks).where(marks.c.kind.in_(kinds)))
    return frozenset((r.source, r.kind, r.name) for r in rows)


def unmark(connection: Connection, found: Iterable[tuple[str, str, str]]) -> None:
    """Forget marks that were dealt with in the same transaction."""
    rows = [{"_source": source, "_kind": kind, "_name": name} for source, kind, name in sorted(found)]
    if rows:
        is_it = (marks.c.source == bindparam("_source")) & (marks.c.kind == bindparam("_kind"))
        connection.execute(delete(marks).where(is_it, marks.c.name == bindparam("_name")), rows)
