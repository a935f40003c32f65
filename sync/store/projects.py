"""Projects: what is kept of one project of a source that was deleted, buried and forgotten together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select, update

from connectors.records import GitlabIssue, Job, MergeRequest, Project, Record, Ref
from sync.store.marks import CODE, PLACE, mark, mark_of_whole
from sync.store.references import parts_of
from sync.store.tables import RECORD_TABLES, cursors


def bury_project(connection: Connection, project: Ref, *, now: datetime) -> int:
    """Mark every record of the project as gone and forget its cursors; returns how many records.

    Without cursors a project that is restored is read from its beginning, which digs its records up again.
    """
    requests = RECORD_TABLES[MergeRequest]
    of_project = select(requests.c.id).where(
        requests.c.source == project.source, requests.c.project_id == project.id
    )
    owned = [
        (table, table.c.project_id == project.id)
        for table in RECORD_TABLES.values()
        if "project_id" in table.c
    ]
    details = [(part.child, part.child.c[part.column].in_(of_project)) for part in parts_of(requests)]
    its_own = {(project.source, kind, project.id) for kind in (CODE, PLACE)}
    whole = mark_of_whole(project.source, project.id)
    mark(connection, its_own | {whole, *_members_of(connection, project)})
    buried = 0
    for table, is_of_project in (*details, *owned):
        statement = update(table).where(
            table.c.source == project.source, is_of_project, table.c.gone_at.is_(None)
        )
        buried += connection.execute(statement.values(gone_at=now)).rowcount
    connection.execute(delete(cursors).where(_is_of(project)))
    return buried


def _members_of(connection: Connection, project: Ref) -> Iterator[tuple[str, str, str]]:
    """Marks for what may have belonged to commitments."""
    for kind in (MergeRequest, GitlabIssue):
        table = RECORD_TABLES[kind]
        is_its = (table.c.source == project.source) & (table.c.project_id == project.id)
        for id_ in connection.execute(select(table.c.id).where(is_its, table.c.gone_at.is_(None))).scalars():
            yield project.source, kind.kind, id_


def _is_of(project: Ref) -> ColumnElement[bool]:
    return (cursors.c.source == project.source) & (cursors.c.partition == project.id)


def read_anew(connection: Connection, project: Ref, *, now: datetime) -> None:
    """Have the project read from its beginning, and the jobs that are still wanted asked again: all its addresses have changed.

    The cursors' tips stay, so that branches which were deleted meanwhile are still noticed.
    """
    nowhere = {"read_to": None, "walk_started_at": None, "position": None}
    connection.execute(update(cursors).where(_is_of(project)).values(nowhere))
    jobs = RECORD_TABLES[Job]
    of_project = (jobs.c.source == project.source) & (jobs.c.project_id == project.id)
    connection.execute(update(jobs).where(of_project, jobs.c.gone_at.is_(None)).values(gone_at=now))


def renamed_among(connection: Connection, found: Iterable[Record]) -> tuple[Ref, ...]:
    """The projects of ``found`` that are stored under another path: every address of what they hold has changed with it."""
    table = RECORD_TABLES[Project]
    paths = {record.ref: record.path for record in found if isinstance(record, Project)}
    if not paths:
        return ()
    stored = connection.execute(
        select(table.c.source, table.c.id, table.c.path).where(
            table.c.id.in_([ref.id for ref in paths]), table.c.gone_at.is_(None)
        )
    )
    known = {Ref(source=r.source, kind=Project.kind, id=r.id): r.path for r in stored}
    return tuple(ref for ref, path in paths.items() if known.get(ref, path) != path)
