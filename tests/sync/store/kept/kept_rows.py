"""Records that come into a store, and all that is kept of what their code says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, Table, delete, select

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import MergeRequestCommits, Project, Record, Ref
from mappings.schema import MappingSpec
from sync.store import records
from sync.store.kept import readings as kept
from sync.store.kept.pieces import graph_now
from sync.store.kept.project import alias_of_each_project
from sync.store.projects import bury_project
from sync.store.tables import arrivals, arrived, graphs, links, marks, metadata, named, readings, reverts
from tests.builders import NOW, project
from tests.sync.store.kept.histories import Step

KEPT = (links, named, reverts, readings, arrivals, arrived)
SCOPE = Scope(source="gitlab", stream="any", partition="7")
START = (project(), project("8", path="acme/risk"))


def emptied(engine: Engine) -> None:
    """A store without any row."""
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(delete(table))


def come(engine: Engine, step: Step) -> None:
    """What comes in at once, each record under its project."""
    with engine.begin() as connection:
        come_in(connection, step)


def come_in(connection: Connection, step: Step) -> None:
    """The same in the caller's transaction."""
    by_partition: dict[str, list[Record]] = {}
    for record in step.records:
        by_partition.setdefault(partition_of(record), []).append(record)
    for partition, found in by_partition.items():
        page = Page(records=tuple(found), cursor=Cursor(), aliases=step.aliases)
        records.land(connection, replace(SCOPE, partition=partition), page, now=NOW)
    records.bury(connection, step.gone, now=NOW)
    for id_ in step.deleted:
        bury_project(connection, Ref("gitlab", Project.kind, id_), now=NOW)


def partition_of(record: Record) -> str:
    """The project of a record; that of a merge request is part of its id, see ``histories``."""
    if isinstance(record, MergeRequestCommits):
        return str(int(record.id[1:]) // 10)
    return str(getattr(record, "project_id", "*"))


def rows(connection: Connection) -> dict[str, list[Any]]:
    """All that is kept of code, in an order of its own."""
    places = sorted(
        (row.source, row.project_id)
        for row in connection.execute(select(readings.c.source, readings.c.project_id))
    )
    of_graphs = [repr((place, sorted(graph_now(connection, place, ()).items()))) for place in places]
    return {table.name: sorted(map(repr, _rows(connection, table))) for table in KEPT} | {"graphs": of_graphs}


def _rows(connection: Connection, table: Table) -> Iterable[dict[str, Any]]:
    for row in connection.execute(select(table)).mappings():
        yield {name: _sorted(value) for name, value in row.items()}


def _sorted(value: object) -> object:
    return sorted(map(repr, value)) if isinstance(value, tuple) else value


def kept_as_worked_out_whole(engine: Engine, spec: MappingSpec) -> dict[str, list[Any]]:
    """What is kept, after it was seen that nothing is left to be read and that it is what a whole reading says."""
    with engine.connect() as connection:
        assert not kept.due(connection, spec, alias_of_each_project(connection))
        found = rows(connection)
        assert found == rows_worked_out_whole(connection, spec)
        connection.rollback()
    return found


def rows_worked_out_whole(connection: Connection, spec: MappingSpec) -> dict[str, list[Any]]:
    """What would be kept if nothing had been; it is left so in the transaction."""
    places = connection.execute(select(readings.c.source, readings.c.project_id)).all()
    for table in (*KEPT, graphs, marks):
        connection.execute(delete(table))
    for source, project_id in places:
        kept.read_whole(connection, spec, (source, project_id))
    return rows(connection)
