"""What is searched for in the store is what a search through everything finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Record
from mappings.observed import Observed
from sync.store import records
from sync.store.kept import StoredObserved, causes
from tests.builders import NOW, change, issue, mr, pipeline, worklog

SCOPE = Scope(source="gitlab", stream="any", partition="7")
PASSED = frozenset({"success", "manual"})
MAIN = ("gitlab", "7", "main")
instants = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours))
pipelines = st.builds(
    pipeline,
    st.integers(1, 12),
    status=st.sampled_from(("success", "manual", "failed", "running")),
    at=instants,
    origin=st.sampled_from(("push", "push", "merge_request_event", "parent_pipeline")),
    ref_name=st.sampled_from(("main", "main", "develop")),
    project_id=st.sampled_from(("7", "7", "8")),
)
worklogs = st.builds(
    worklog,
    st.sampled_from(("PAY-1", "PAY-2")),
    st.integers(1, 9),
    instants,
    id=st.integers(1, 12).map(str),
    author_id=st.sampled_from(("zmin", "liwei", None)),
)
law = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(found=st.lists(pipelines, max_size=8))
@law
def test_the_runs_since_a_branch_passed(engine: Engine, found: list[Record]) -> None:
    with both_of(engine, found) as (connection, stored, whole):
        for until in (NOW, NOW + timedelta(hours=9)):
            runs = stored.runs_since_passed(MAIN, passed=PASSED, until=until)
            assert runs == whole.runs_since_passed(MAIN, passed=PASSED, until=until)
            again = StoredObserved(connection, small=stored)
            assert again.runs_since_passed(MAIN, passed=PASSED, until=until) is runs


@given(found=st.lists(worklogs, max_size=8))
@law
def test_the_hours_of_late(engine: Engine, found: list[Record]) -> None:
    with both_of(engine, found) as (_, stored, whole):
        for accounts in ({("jira", "zmin"), ("jira", "nobody")}, {("jira", "zmin"), ("jira", "liwei")}):
            assert stored.worklogs_since(NOW, accounts) == whole.worklogs_since(NOW, accounts)


issues = st.builds(
    issue,
    st.sampled_from(("PAY-1", "PAY-2", "RISK-1", "RISK-2", "ZOO-9")),
    type=st.sampled_from(("Story", "Bug")),
    status=st.sampled_from(("To Do", "Done", "Parked")),
    status_category=st.sampled_from(("new", "indeterminate", "done", "", "undefined")),
    is_subtask=st.booleans(),
    created_at=instants,
    resolved_at=st.none() | instants,
)
departures = st.builds(
    change,
    st.sampled_from(("PAY-1", "PAY-2")),
    st.sampled_from(("next", "v1")),
    instants,
    id=st.integers(1, 9).map(str),
    field=st.sampled_from(("fix_version", "parent", "status")),
    was=st.sampled_from(("v1", "100", "other")),
    from_value=st.sampled_from(("100", "200", None)),
)


@given(found=st.lists(issues, max_size=6))
@law
def test_open_items_and_the_projects_that_resolve_theirs(engine: Engine, found: list[Record]) -> None:
    with both_of(engine, found) as (_, stored, whole):
        assert stored.resolving_projects == whole.resolving_projects
        for named in ((), ("Parked", "Done")):
            items = tuple(stored.items_before(frozenset({"Story"}), NOW, named=named))
            assert items == tuple(whole.items_before(frozenset({"Story"}), NOW, named=named))


@given(found=st.lists(departures, max_size=8))
@law
def test_what_was_taken_out_of_a_plan(engine: Engine, found: list[Record]) -> None:
    with both_of(engine, found) as (_, stored, whole):
        for ids in (frozenset({"v1", "100"}), frozenset({"200"}), frozenset[str]()):
            assert tuple(stored.taken_out(ids)) == tuple(whole.taken_out(ids))


def test_no_search_goes_through_what_grows_with_a_company(file_engine: Engine) -> None:
    """Of tables with years of history SQLite looks at what an index finds."""
    with file_engine.connect() as connection:
        asked: list[tuple[str, Any]] = []
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
        stored = StoredObserved(connection)
        stored.items_before(frozenset({"Story"}), NOW, named=("Parked",))
        stored.taken_out(frozenset({"v1", "100"}))
        stored.requests_since(NOW)
        stored.branches_since(NOW)
        stored.runs_since_passed(MAIN, passed=PASSED, until=NOW)
        stored.worklogs_since(NOW, {("jira", "zmin")})
        stored.issue_refs.fetch(["PAY-1"])
        assert not stored.resolving_projects
        assert not stored.gone
        assert not causes.affected(connection)
        plans = {
            step.detail: statement
            for statement, values in tuple(asked)
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        }
    assert len(asked) > 10
    through = {detail.split()[1] for detail in plans if detail.startswith("SCAN")}
    assert through <= {"marks", "keys", "json_each"}


def test_what_several_projects_and_accounts_are_asked_for_is_one_question(engine: Engine) -> None:
    found = [
        *(mr(n, project_id=project_id, source_branch=name) for n, (project_id, name) in enumerate(_PLACES)),
        *(worklog("PAY-1", 1.0, NOW, id=author, author_id=author) for author in ("liwei", "zmin")),
    ]
    with both_of(engine, found) as (connection, stored, whole):
        asked: list[str] = []
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2]))
        places = [("gitlab", project_id, name) for project_id, name in _PLACES[:2]]
        stored.requests_from.fetch(places)
        for place in places:
            assert stored.requests_from[place] == whole.requests_from[place]
        assert len(asked) == 1
        stored.worklogs_since(NOW, {("jira", "liwei"), ("jira", "zmin"), ("jira", "nobody")})
        assert len(asked) == 2


_PLACES = (("7", "main"), ("8", "dev"), ("7", "dev"))
"""Of the first two the last one has the project and the branch, and is not meant."""


@contextmanager
def both_of(engine: Engine, found: Iterable[Record]) -> Iterator[tuple[Connection, StoredObserved, Observed]]:
    """What was found, one record for each ref, in the store until the end of the block and in memory."""
    unique = tuple({record.ref: record for record in found}.values())
    with engine.connect() as connection:
        records.land(connection, SCOPE, Page(records=unique, cursor=Cursor()), now=NOW)
        yield connection, StoredObserved(connection), Observed.of(unique)
        connection.rollback()
