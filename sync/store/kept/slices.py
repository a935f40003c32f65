"""Slices: a project with more code than is read at once is laid out and read as if all of it had changed, a slice at a time, so that memory does not grow with what a project holds."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, insert, literal, select, update

from connectors.records import Branch, Commit, MergeRequest
from sync.store import marks
from sync.store.kept.pieces import keep_graph_as_read
from sync.store.tables import RECORD_TABLES, links, named, readings

LARGEST = 10_000
"""Branches, merge requests and commits that are read at once."""

_KINDS = (Branch, MergeRequest, Commit)


def is_large(connection: Connection, place: tuple[str, str], *, most: int = LARGEST) -> bool:
    """True if a project, (source, id), holds more than ``most`` branches, merge requests and commits."""
    return sum(_count(connection, place)) > most


def _count(connection: Connection, place: tuple[str, str]) -> Iterator[int]:
    for kind in _KINDS:
        table = RECORD_TABLES[kind]
        is_its = (table.c.source == place[0]) & (table.c.project_id == place[1])
        query = select(func.count()).select_from(table).where(is_its, table.c.gone_at.is_(None))
        yield connection.execute(query).scalar_one()


def lay_out(connection: Connection, place: tuple[str, str], *, rules: str) -> None:
    """Lay out all of a project's code to be read, also what is kept about changes that are no more, and keep its graph: from here on it counts as read by these rules."""
    source, project_id = place
    for kind in _KINDS:
        table = RECORD_TABLES[kind]
        query = select(
            table.c.source, literal(marks.LAID_OUT + kind.kind), literal(f"{project_id} ") + table.c.id
        )
        is_its = (table.c.source == source) & (table.c.project_id == project_id)
        marks.mark_found(connection, query.where(is_its, table.c.gone_at.is_(None)))
    for kept in (links, named):
        query = select(
            kept.c.source,
            literal(marks.LAID_OUT) + kept.c.change_kind,
            literal(f"{project_id} ") + kept.c.change_id,
        ).distinct()
        is_change = kept.c.change_kind.in_([kind.kind for kind in _KINDS])
        marks.mark_found(
            connection, query.where(kept.c.source == source, kept.c.project_id == project_id, is_change)
        )
    marks.unmark(connection, {marks.mark_of_whole(source, project_id)})
    keep_graph_as_read(connection, place)
    is_it = (readings.c.source == source) & (readings.c.project_id == project_id)
    if connection.execute(update(readings).where(is_it).values(rules=rules)).rowcount:
        return
    row = {"source": source, "project_id": project_id, "rules": rules, "asked": (), "silent": ()}
    connection.execute(insert(readings), row)
