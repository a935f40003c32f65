"""What is searched for in the store is what a search through everything finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Record
from mappings.observed import Observed
from sync.store import records
from sync.store.kept import StoredObserved
from tests.builders import NOW, mr, pipeline, worklog

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
