"""Landing: what is new lands at once with its cursor; what holds nothing waits for the next transaction, and a crash takes no more than that."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from engine_fakes import NOW, FakeConnector, ListedCensus, ScriptedStream, an_issue, page
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Engine, Row, event, select

from connectors.cursor import Cursor
from connectors.errors import RetryableError
from connectors.port import Page, Scope, Skipped
from connectors.records import Issue, Project, Record, Ref
from sync.engine import census
from sync.engine.landing import Landing
from sync.engine.pull import Landed, Pull, pull
from sync.store import progress, records
from sync.store.tables import metadata
from tests.builders import job as a_job
from tests.builders import project, worklog

LATER = Cursor(read_to=NOW)


def scope_of(partition: str) -> Scope:
    return Scope(source="jira", stream="issues", partition=partition)


@dataclass
class Guard:
    """Counts the transactions that write."""

    count: int = 0
    refuses_from: int = 1_000
    seen: list[int] = field(default_factory=list)

    def __call__(self, _: object) -> None:
        if self.count >= self.refuses_from:
            raise KeyboardInterrupt
        self.count += 1


def read_to(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {str(scope) for scope in progress.read_instants(connection)}


def quiet(partitions: int) -> FakeConnector:
    script: dict[str, tuple[Page, ...]] = {f"P{number}": (page(),) for number in range(partitions)}
    return FakeConnector(streams_=(ScriptedStream(script),))


@pytest.mark.parametrize("workers", [1, 8])
def test_a_quiet_pull_of_forty_scopes_is_one_transaction(engine: Engine, job: Pull, workers: int) -> None:
    pull(job, [quiet(40)])
    guard = Guard()
    found = pull(replace(job, guard=guard, now=NOW + timedelta(hours=1), workers=workers), [quiet(40)])
    assert guard.count == 1
    assert {v.at for v in found} == {NOW + timedelta(hours=1)}


def test_what_waits_is_bounded(engine: Engine, job: Pull) -> None:
    guard = Guard()
    pull(replace(job, guard=guard), [quiet(100)])  # each with its cursor and that of its reach
    assert guard.count == 5
    assert len(read_to(engine)) == 200


def test_a_page_with_records_takes_along_what_waits(engine: Engine, job: Pull) -> None:
    landing = Landing(job)
    landing.pages([(scope_of("A"), page(cursor=LATER))])
    assert read_to(engine) == set()
    landing.pages([(scope_of("B"), page(an_issue("1"), cursor=LATER))])
    assert read_to(engine) == {"jira/issues/A", "jira/issues/B"}


@pytest.mark.parametrize(
    "told",
    [
        page(skipped=(Skipped(what="issue 1", reason="no status"),)),
        page(gone=(an_issue("1").ref,)),
        page(an_issue("1")),
    ],
    ids=["skipped", "gone", "records"],
)
def test_whatever_a_page_tells_lands_at_once(engine: Engine, job: Pull, told: Page) -> None:
    Landing(job).pages([(scope_of("A"), told)])
    assert read_to(engine) == {"jira/issues/A"}


def test_a_crash_takes_only_the_progress_of_scopes_that_had_nothing_new(engine: Engine, job: Pull) -> None:
    script = {"A": (page(),), "B": (page(an_issue("1")),), "C": (page(),), "D": (page(),)}
    with pytest.raises(KeyboardInterrupt):
        pull(replace(job, guard=Guard(refuses_from=1)), [FakeConnector(streams_=(ScriptedStream(script),))])
    assert {name for name in read_to(engine) if "reach" not in name} == {"jira/issues/A", "jira/issues/B"}


def test_what_waits_for_a_scope_that_breaks_off_is_kept(engine: Engine, job: Pull) -> None:
    middle = Cursor(walk_started_at=NOW, position="7")
    script = {"A": (page(cursor=middle), RetryableError("503"))}
    pull(job, [FakeConnector(streams_=(ScriptedStream(script),))])
    with engine.connect() as connection:
        assert progress.cursor_of(connection, scope_of("A")) == middle


def test_the_cursors_of_a_stream_are_looked_up_together(engine: Engine, job: Pull) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    numbers = []
    for partitions in (1, 10, 20):  # of those that an earlier pull has read, the long reach is not due
        asked.clear()
        pull(job, [quiet(partitions)])
        numbers.append(sum("FROM cursors" in text for text in asked))
    assert 0 < numbers[1] == numbers[2]


def test_whether_a_count_is_due_is_asked_without_a_transaction_that_writes(engine: Engine, job: Pull) -> None:
    site = FakeConnector(
        streams_=(ScriptedStream({"PAY": (page(an_issue("1")),)}),),
        censuses_=(ListedCensus(now_there=frozenset({"1"})),),
    )
    found = pull(job, [site])
    guard = Guard()
    for _ in range(3):
        census.count(replace(job, guard=guard), [site], found, every=timedelta(days=1))
    assert guard.count == 1  # the first one starts the clock


def test_pages_that_were_heard_together_land_in_one_transaction_in_their_order(
    engine: Engine, job: Pull
) -> None:
    guard, seen = Guard(), list[Landed]()
    middle = Cursor(walk_started_at=NOW, position="1")
    heard = [
        (scope_of("A"), page(an_issue("1", title="old"), cursor=middle)),
        (scope_of("B"), page(cursor=LATER)),
        (scope_of("A"), page(an_issue("1", title="new"), an_issue("2"), cursor=LATER)),
    ]
    Landing(replace(job, guard=guard, watch=seen.append)).pages(heard)
    assert guard.count == 1
    assert [(one.scope.partition, one.changed) for one in seen] == [("A", 1), ("B", 0), ("A", 2)]
    assert read_to(engine) == {"jira/issues/A", "jira/issues/B"}
    with engine.connect() as connection:
        titles = {one.id: one.title for one in records.all_records(connection) if isinstance(one, Issue)}
        assert progress.cursor_of(connection, scope_of("A")) == LATER
    assert titles == {"1": "new", "2": "Retry settlement"}


def test_in_a_long_silence_the_leases_are_held(engine: Engine, job: Pull) -> None:
    guard, clock = Guard(), [0.0]
    landing = Landing(replace(job, guard=guard), seconds=lambda: clock[0])
    for seconds, transactions in ((30.0, 0), (59.0, 0), (60.0, 1), (110.0, 1), (125.0, 2)):
        clock[0] = seconds
        landing.pages([(scope_of(f"{seconds}"), page(cursor=LATER))])
        assert guard.count == transactions
    clock[0] = 190.0
    landing.hold_on()  # nothing was heard meanwhile
    landing.hold_on()
    assert guard.count == 3


def test_a_cursor_that_waits_does_not_outlive_the_reset_of_its_project(engine: Engine, job: Pull) -> None:
    def a_project(path: str) -> Project:
        return Project(source="jira", id="7", path=path, name="seven", url="https://x.test")

    landing = Landing(job)
    landing.pages([(scope_of("*"), page(a_project("team/seven"), cursor=LATER))])
    landing.pages(
        [(scope_of("7"), page(cursor=LATER)), (scope_of("*"), page(a_project("other/seven"), cursor=LATER))]
    )
    landing.flush()
    assert read_to(engine) == {"jira/issues/*"}


_RECORDS: tuple[Record, ...] = (
    *(an_issue(id_, title=title) for id_ in ("1", "2") for title in ("old", "new")),
    worklog("PAY-1", 2.0, NOW, id="11"),
    a_job(1, "build", project_id="7"),
    project("7", path="acme/pay"),
    project("7", path="acme/paid"),
)
_GONE = (
    Ref(source="jira", kind="issue", id="1"),
    Ref(source="jira", kind="worklog", id="11"),
    Ref(source="gitlab", kind="project", id="7"),
)
_HEARD = st.lists(
    st.tuples(
        st.sampled_from(
            (
                Scope(source="jira", stream="issues", partition="PAY"),
                Scope(source="gitlab", stream="projects", partition="acme"),
                Scope(source="gitlab", stream="pipelines", partition="7"),
            )
        ),
        st.lists(st.sampled_from(_RECORDS), max_size=3),
        st.lists(st.sampled_from(_GONE), max_size=1),
    ),
    min_size=2,
    max_size=5,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=_HEARD)
def test_pages_that_land_together_leave_the_store_that_they_leave_one_by_one(
    engine: Engine, job: Pull, said: list[tuple[Scope, list[Record], list[Ref]]]
) -> None:
    heard = [(scope, page(*found, cursor=LATER, gone=tuple(gone))) for scope, found, gone in said]
    assert stored_by(engine, job, [[one] for one in heard]) == stored_by(engine, job, [heard])


def stored_by(engine: Engine, job: Pull, parts: list[list[tuple[Scope, Page]]]) -> dict[str, set[Row[Any]]]:
    """Every row of the store, by table, once these parts have landed in an empty one."""
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
    landing = Landing(job)
    for scope in {scope for part in parts for scope, _ in part}:
        landing.begin(scope)
    for part in parts:
        landing.pages(part)
    landing.flush()
    with engine.connect() as connection:
        return {table.name: set(connection.execute(select(table))) for table in metadata.sorted_tables}
