"""A small listing is read when it is looked through, and once for all views of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Project, Sprint, Version
from sync.store import kept, records
from sync.store.copy import snapshot
from tests import builders
from tests.builders import NOW, project, version

SCOPE = Scope(source="jira", stream="issues", partition="PAY")


@contextmanager
def listening(engine: Engine) -> Iterator[list[str]]:
    """The tables that are read meanwhile, one for each question."""
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.extend(statement.partition("FROM ")[2].split()[:1])

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def stocked(engine: Engine) -> Engine:
    with engine.begin() as connection:
        page = Page(records=(project(), version("2.0")), cursor=Cursor())
        records.land(connection, SCOPE, page, now=NOW)
    return engine


def test_a_listing_is_read_once_for_all_views_of_a_snapshot_and_only_where_it_is_looked_through(
    stocked: Engine,
) -> None:
    with snapshot(stocked) as connection, listening(stocked) as asked:
        observed = kept.StoredObserved(connection)
        again = kept.StoredObserved(connection, small=observed)
        assert len(again.all(Version)) == 1
        assert observed.all(Version) == again.all(Version)
        assert observed.verdicts == again.verdicts == ()
    tables = [name for name in asked if name.endswith("_records") or name == "verdicts"]
    assert tables.count("version_records") == tables.count("verdicts") == 1
    assert {"sprint_records", "todo_records"}.isdisjoint(tables)


def test_the_commitments_of_a_mapping_are_told_by_the_listings_that_it_names(stocked: Engine) -> None:
    spec = builders.spec(
        milestones=[{"key": "m", "title": "M", "scope": {"project": "PAY", "fix_version": "2.0"}}]
    )
    with snapshot(stocked) as connection, listening(stocked) as asked:
        (commitment,) = kept.commitments_in(connection, spec)
    assert commitment.key == "m"
    assert {"version_records"} == {name for name in asked if name.endswith("_records")} - {"issue_records"}


def test_all_small_listings_together_are_the_records(stocked: Engine) -> None:
    with snapshot(stocked) as connection:
        observed = kept.StoredObserved(connection)
        assert {type(record) for record in observed.records} == {Project, Version}
        assert observed.all(Sprint) == ()
