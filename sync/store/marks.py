"""Marks: what changed since it was last worked out. Set in the transaction of the change, so that a crash forgets none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import Connection, Select, bindparam, delete, select

from connectors.records import FieldChange, Issue, Project, Todo, Worklog
from sync.store import bulk
from sync.store.dialect import upsert
from sync.store.questions import rows_by
from sync.store.tables import marks, readings

Mark: TypeAlias = tuple[str, str, str]
"""Source, kind and name of what changed."""

CODE = "code"
"""The code of a GitLab project, by its id: branches, commits, merge requests, deployments, releases."""
DUE = "due"
"""Such a project that is being read: what its changes can matter to elsewhere is marked, so whatever sets CODE again came later."""
KEY = "key"
"""The key of an issue that is gone."""
NAMED = "named"
"""A key of which the code says something else than before."""
TODO = "todo"
"""A GitLab project in whose files other marks stand than before, by its id."""
PLACE = "place"
"""A Jira project, GitLab project or other partition in which something changed that is no issue's own, by its name there."""
COMMITMENT = "commitment"
"""A commitment to which a record that changed belongs or belonged, by its key; its source is ``*``."""

MEMBERSHIPS = "memberships"
"""That it was worked out where all records belong, by a digest of the rules for it; its source is ``*``."""

CHANGE = "code "
"""How the kind of a mark begins that tells what of a project's code changed, where that was read before; the kind of the record follows. See ``mark_of_change``."""
WHOLE = CHANGE + "whole"
"""So much of a project's code changed at once that it must be read whole; see ``mark_of_whole``."""

LAID_OUT = "laid out "
"""The same of what did not change and is to be read again with all of its project, some at a time: it can matter to nothing else."""

_READ = frozenset({"branch", "commit", "merge_request", "merge_request_commits"})
CHANGES = (WHOLE, *(CHANGE + kind for kind in sorted(_READ)))
"""The kinds of marks of what changed."""
_UNREAD = (*CHANGES, *(LAID_OUT + kind for kind in sorted(_READ)))

_MEMBERS = frozenset({"issue", "merge_request", "gitlab_issue"})
_OF_ISSUES = frozenset({FieldChange.kind, Worklog.kind})
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


def marks_of(kind: str, rows: Collection[Mapping[str, Any]]) -> frozenset[Mark]:
    """(source, kind, name) of what changes with rows of one kind of record."""
    found: set[Mark] = set()
    if kind in _MEMBERS:
        found |= {(row["source"], kind, row["id"]) for row in rows}
    if kind in _CODE:
        found |= {(row["source"], CODE, _place_of(kind, row)) for row in rows}
    if kind in _READ:
        found |= {mark_of_change(row["source"], _place_of(kind, row), kind, row["id"]) for row in rows}
    if kind in _OF_ISSUES:
        found |= {(row["source"], Issue.kind, row["issue_id"]) for row in rows}
    elif kind != Issue.kind:
        found |= {(row["source"], PLACE, _place_of(kind, row)) for row in rows}
    if kind == Todo.kind:
        found |= {(row["source"], TODO, row["project_id"]) for row in rows}
    return frozenset(found)


def mark_of_change(source: str, project_id: str, kind: str, id_: str) -> Mark:
    """The mark of one record of a project's code."""
    return source, CHANGE + kind, f"{project_id} {id_}"


def changes_in(
    connection: Connection, source: str, project_id: str, *, most: int | None = None
) -> frozenset[Mark]:
    """What of a project's code changed since it was read, or is laid out to be read again; ``most`` of it, what changed first."""
    is_its = (marks.c.source == source) & marks.c.name.startswith(f"{project_id} ", autoescape=True)
    query = select(marks).where(is_its, marks.c.kind.in_(_UNREAD)).order_by(marks.c.kind, marks.c.name)
    return frozenset((r.source, r.kind, r.name) for r in connection.execute(query.limit(most)))


def is_whole_changed(connection: Connection, source: str, project_id: str) -> bool:
    """True if a project's code changed as a whole."""
    _, kind, name = mark_of_whole(source, project_id)
    return rows_by(connection, marks, ("kind",), source=source, kind=kind, name=name).first() is not None


def mark_of_whole(source: str, project_id: str) -> Mark:
    """The mark of a project whose code changed as a whole."""
    return source, WHOLE, f"{project_id} "


def kind_of_change(mark: Mark) -> str:
    """The kind of record of which a mark tells that it is to be read."""
    return mark[1].removeprefix(CHANGE).removeprefix(LAID_OUT)


def _place_of(kind: str, row: Mapping[str, Any]) -> str:
    """A project is its own place; all else has the place of its project, or of where it was listed."""
    own = row["id"] if kind == Project.kind else row.get("project_id") or row.get("project_key")
    return str(own or row["partition"])


def marks_of_grave(kind: str, row: Mapping[str, Any]) -> frozenset[Mark]:
    """What changes when a record of one kind is gone; the key of an issue names nothing any more."""
    key = {(row["source"], KEY, row["key"])} if kind == Issue.kind else set()
    return marks_of(kind, (row,)) | key


def mark(connection: Connection, found: Iterable[Mark]) -> None:
    """Note what changed; what is noted already stays noted."""
    bulk.put_new(connection, marks, _rows_of(_needed(connection, frozenset(found))))


def mark_found(connection: Connection, query: Select[Any]) -> None:
    """Note what a query finds, as source, kind and name; what is noted already stays noted. The query must have a condition, or SQLite reads what follows as a join."""
    statement = upsert(connection, marks).from_select(["source", "kind", "name"], query)
    connection.execute(statement.on_conflict_do_nothing())


def _needed(connection: Connection, found: frozenset[Mark]) -> Iterable[Mark]:
    """Without what all is going to be worked out for anyway: the single changes of code that was never read, and which records changed, as long as nobody worked out where they belong."""
    changes = {mark: (mark[0], mark[2].partition(" ")[0]) for mark in found if mark[1].startswith(CHANGE)}
    if changes:
        sources, ids = (sorted(set(values)) for values in zip(*changes.values(), strict=True))
        found_read = rows_by(connection, readings, ("source", "project_id"), source=sources, project_id=ids)
        read = set(map(tuple, found_read))
        found -= {mark for mark, place in changes.items() if place not in read}
    records = {mark for mark in found if mark[1] in _MEMBERS}
    return found - records if records and not _is_sorted(connection) else found


def _is_sorted(connection: Connection) -> bool:
    """True if it was worked out where all records belong."""
    return rows_by(connection, marks, ("kind",), source="*", kind=MEMBERSHIPS).first() is not None


def marked(connection: Connection, *kinds: str) -> frozenset[Mark]:
    """What changed since, of some kinds, as (source, kind, name)."""
    return frozenset(map(tuple, rows_by(connection, marks, ("source", "kind", "name"), kind=kinds)))


def are_left(connection: Connection, *, but: str) -> bool:
    """True if anything changed that was not dealt with; marks of the kind ``but`` say something else."""
    return connection.execute(select(marks.c.kind).where(marks.c.kind != but).limit(1)).first() is not None


def unmark(connection: Connection, found: Iterable[Mark]) -> None:
    """Forget marks that were dealt with in the same transaction."""
    bulk.remove(connection, marks, _rows_of(found))


def unmarked(connection: Connection, one: Mark) -> bool:
    """Forget a mark; True if it was there."""
    return connection.execute(_UNMARKING, _row_of(one)).rowcount > 0


def remark(connection: Connection, former: Collection[Mark], kind: str) -> None:
    """Note this kind of mark in the place of others."""
    mark(connection, {(source, kind, name) for source, _, name in former})
    unmark(connection, former)


def unmark_all(connection: Connection, *kinds: str) -> None:
    """Forget all marks of some kinds."""
    connection.execute(delete(marks).where(marks.c.kind.in_(kinds)))


_UNMARKING = delete(marks).where(*(column == bindparam(column.name) for column in marks.columns))


def _rows_of(found: Iterable[Mark]) -> list[dict[str, str]]:
    return [_row_of(one) for one in sorted(found)]


def _row_of(one: Mark) -> dict[str, str]:
    return dict(zip(("source", "kind", "name"), one, strict=True))
