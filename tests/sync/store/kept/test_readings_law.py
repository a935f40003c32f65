"""The reading that is kept up in parts is the one that is worked out whole, after whatever changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Table, delete, select

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import MergeRequestCommits, Project, Record, Ref
from mappings.schema import MappingSpec
from sync.store import records
from sync.store.kept import readings as kept
from sync.store.kept.pieces import graph_now
from sync.store.kept.project import alias_of_each_project
from sync.store.kept.slices import LARGEST
from sync.store.projects import bury_project
from sync.store.tables import graphs, links, marks, metadata, named, readings, reverts
from tests.builders import NOW, branch, commit, mr, project, sha_of
from tests.sync.store.kept import histories
from tests.sync.store.kept.histories import SPECS, Step

KEPT = (links, named, reverts, readings)
SCOPE = Scope(source="gitlab", stream="any", partition="7")
START = (project(), project("8", path="acme/risk"))


def test_the_law_is_about_parts(engine: Engine) -> None:
    """A change of one commit among many is read in part: what stands wrong in the rest of the project stays."""
    many = [commit(f"n{number}", title=f"PAY-{number}") for number in range(1, 20)]
    come(engine, Step(records=(*START, *many, branch("main", sha=sha_of("n1")))))
    kept.refreshed(engine, SPECS[0])
    with engine.begin() as connection:
        connection.execute(delete(links).where(links.c.key == "PAY-7"))
    come(engine, Step(records=(commit("new", title="PAY-99"),)))
    kept.refreshed(engine, SPECS[0])
    with engine.connect() as connection:
        found = set(connection.execute(select(links.c.key)).scalars())
    assert "PAY-99" in found
    assert "PAY-7" not in found


def test_what_names_a_merge_request_of_another_project_hears_of_it(file_engine: Engine) -> None:
    """Of its being merged, of its project's other path, and of its end."""
    theirs = mr(81, reference="!1", project_id="8")
    back = commit("back", title="Back", message="Back\n\nThis reverts merge request acme/risk!1")
    come(file_engine, Step(records=(*START, theirs, back, branch("main", sha=back.sha))))
    merged = replace(theirs, state="merged", merged_at=NOW)
    steps = (
        (Step(), 0),
        (Step(records=(merged,)), 1),
        (Step(records=(project("8", path="acme/other"),)), 0),
        (Step(records=(project("8", path="acme/risk"),)), 1),
        (Step(gone=(merged.ref,)), 0),
        (Step(records=(merged,)), 1),
        (Step(deleted=("8",)), 0),
    )
    for step, count in steps:
        come(file_engine, step)
        kept.refreshed(file_engine, SPECS[0], most=9.0)
        with file_engine.connect() as connection:
            assert len(connection.execute(select(reverts)).all()) == count


def test_a_commit_that_comes_with_a_project_of_its_own_is_heard_by_what_repeats_it(
    file_engine: Engine,
) -> None:
    """Of a project that was never read there are no marks of single changes."""
    pick = commit("pick", title="Port", message=f"Port\n\n(cherry picked from commit {sha_of('origin')})")
    come(file_engine, Step(records=(*START, pick)))
    kept.refreshed(file_engine, SPECS[0], most=9.0)
    origin = commit("origin", title="RISK-3: limits", project_id="9")
    come(file_engine, Step(records=(project("9", path="acme/new"), origin)))
    kept.refreshed(file_engine, SPECS[0], most=9.0)
    with file_engine.connect() as connection:
        found = connection.execute(select(links.c.change_id).where(links.c.key == "RISK-3")).scalars()
        assert set(found) == {pick.id, origin.id}


def test_many_small_changes_are_put_together(file_engine: Engine) -> None:
    """The graph is kept in pieces; there are never many, and together they say what one would."""
    many = [commit(f"n{number}", parent_shas=(sha_of(f"n{number - 1}"),)) for number in range(80)]
    come(file_engine, Step(records=(*START, branch("main", sha=sha_of("n0")), *many[:40])))
    kept.refreshed(file_engine, SPECS[0])
    for one in many[40:]:
        come(file_engine, Step(records=(one,)))
        kept.refreshed(file_engine, SPECS[0])
    with file_engine.connect() as connection:
        assert len(connection.execute(select(graphs.c.piece)).all()) < 40
        assert graph_now(connection, ("gitlab", "7"), ()) == {c.sha: c.parent_shas for c in many}


def test_a_full_piece_of_the_graph_is_not_written_again(file_engine: Engine) -> None:
    """However often the graph changes; what stands in it otherwise now, or is gone, is told by the pieces behind."""
    place = ("gitlab", "7")
    many = [commit(f"n{number}", parent_shas=(sha_of(f"n{number - 1}"),)) for number in range(80)]
    come(file_engine, Step(records=(*START, *many)))
    with file_engine.begin() as connection:
        graph_now(connection, place, [c.id for c in many[:30]], full=20)
    left = {c.sha: c.parent_shas for c in many[30:]}
    for one in many[:30]:
        come(file_engine, Step(gone=(one.ref,)))
        with file_engine.begin() as connection:
            graph_now(connection, place, [one.id], full=20)
    for one in many[30:]:
        with file_engine.begin() as connection:
            graph_now(connection, place, [one.id], full=20)
    with file_engine.connect() as connection:
        query = select(graphs.c.piece, graphs.c.commits).order_by(graphs.c.piece)
        pieces = connection.execute(query).all()
        assert graph_now(connection, place, (), full=20) == left
    sizes = [len(orjson.loads(row.commits)) for row in pieces]
    assert [row.piece for row in pieces] == [*range(len(pieces))]
    assert sizes[0] == 30
    assert max(sizes[1:]) == 20
    assert sum(sizes) <= 30 + 30 + 50


def test_a_large_project_is_read_some_at_a_time_and_goes_on_where_that_broke_off(engine: Engine) -> None:
    many = [commit(f"n{number}", title=f"PAY-{number}") for number in range(1, 20)]
    back = commit("back", title='Revert "PAY-1"', message=f"This reverts commit {sha_of('n1')}.")
    come(engine, Step(records=(*START, *many, back, branch("main", sha=sha_of("n1")))))
    read = list[int]()

    def guard(connection: Connection) -> None:
        read.append(len(connection.execute(select(links.c.key)).all()))
        if len(read) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.refreshed(engine, SPECS[0], guard=guard, largest=5)
    kept.refreshed(engine, SPECS[0], guard=guard, largest=5)
    assert read == sorted(read)
    assert len(set(read)) > 4  # each transaction added some
    with engine.connect() as connection:
        assert not kept.due(connection, SPECS[0], alias_of_each_project(connection))
        found = rows(connection)
        assert found == rows_worked_out_whole(connection, SPECS[0])
        assert len(found["links"]) > 15
        connection.rollback()


def test_what_is_read_before_a_commit_that_it_names_knows_of_it(file_engine: Engine) -> None:
    """Both changed at once, and come in slices of their own."""
    earlier, later = sorted(("one", "other"), key=sha_of)
    back = commit(earlier, title="Back", message=f"Back\n\nThis reverts commit {sha_of(later)}.")
    origin = commit(later, title="RISK-3: limits")
    come(file_engine, Step(records=(*START, back)))
    kept.refreshed(file_engine, SPECS[0])
    come(file_engine, Step(records=(origin, branch("main", sha=back.sha))))
    kept.refreshed(file_engine, SPECS[0], largest=2)
    with file_engine.connect() as connection:
        assert not kept.due(connection, SPECS[0], alias_of_each_project(connection))
        found = rows(connection)
        assert found == rows_worked_out_whole(connection, SPECS[0])
        connection.rollback()


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # a history that fails is cut short
@given(history=histories.histories, largest=st.sampled_from((2, 5, LARGEST)))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_kept_up_in_parts_is_what_is_worked_out_whole(
    engine: Engine, history: list[Step], largest: int
) -> None:
    emptied(engine)
    for step in history:
        come(engine, step)
        kept.refreshed(engine, step.spec, most=9.0, largest=largest)
        with engine.connect() as connection:
            assert not kept.due(connection, step.spec, alias_of_each_project(connection))
            found = rows(connection)
            assert found == rows_worked_out_whole(connection, step.spec)
            connection.rollback()


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # a history that fails is cut short
@given(history=histories.histories, largest=st.sampled_from((1, 2, 5)), place=st.integers(1, 6))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_comes_between_two_slices_is_not_lost(
    file_engine: Engine, history: list[Step], largest: int, place: int
) -> None:
    """Every second step comes while the one before is being read, in its ``place``-th transaction, or behind it."""
    emptied(file_engine)
    for step, late in zip(history[::2], (*history[1::2], Step()), strict=False):
        come(file_engine, step)
        transactions = list[int]()

        def guard(connection: Connection, late: Step = late, seen: list[int] = transactions) -> None:
            seen.append(1)
            if len(seen) == place:
                come_in(connection, late)

        kept.refreshed(file_engine, step.spec, guard=guard, most=9.0, largest=largest)
        if len(transactions) < place:
            come(file_engine, late)
        kept.refreshed(file_engine, late.spec, most=9.0, largest=largest)
        with file_engine.connect() as connection:
            assert not kept.due(connection, late.spec, alias_of_each_project(connection))
            found = rows(connection)
            assert found == rows_worked_out_whole(connection, late.spec)
            connection.rollback()


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


def rows_worked_out_whole(connection: Connection, spec: MappingSpec) -> dict[str, list[Any]]:
    """What would be kept if nothing had been; it is left so in the transaction."""
    places = connection.execute(select(readings.c.source, readings.c.project_id)).all()
    for table in (*KEPT, graphs, marks):
        connection.execute(delete(table))
    for source, project_id in places:
        kept.read_whole(connection, spec, (source, project_id))
    return rows(connection)
