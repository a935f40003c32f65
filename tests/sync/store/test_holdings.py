"""How much the store holds, counted without changing it."""

from pathlib import Path

from msgspec.structs import replace
from record_builders import NOW, commit, issue, mr, pipeline, project
from sqlalchemy import Engine
from store_builders import land

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Ref
from sync.store import database, records
from sync.store.holdings import holdings


def test_a_new_store_holds_nothing_to_go_by(engine: Engine) -> None:
    assert holdings(engine) == {}


def test_what_was_read_is_counted_by_project_and_site(engine: Engine) -> None:
    elsewhere = replace(issue("RISK-1", project_key="RISK"), source="other")
    land(engine, issue("PAY-1"), issue("PAY-2"), elsewhere, commit("c1"), commit("c2"), mr(1), pipeline(1))
    land(engine, project(), project("8", "acme/risk"))
    assert holdings(engine) == {
        "issues": 3,
        "commits": 2,
        "merge_requests": 1,
        "pipelines": 1,
        "gitlab_projects": 2,
        "jira_projects": 2,
        "jira_sites": 2,
        "gitlab_sites": 1,
        "commitments": 0,
    }


def test_what_is_gone_does_not_count(engine: Engine) -> None:
    land(engine, issue("PAY-1"), issue("PAY-2"))
    gone = Ref(source="jira", kind="issue", id=issue("PAY-2").id)
    scope = Scope(source="jira", stream="issues", partition="PAY")
    with engine.begin() as connection:
        records.land(connection, scope, Page(records=(), cursor=Cursor(), gone=(gone,)), now=NOW)
    assert holdings(engine)["issues"] == 1


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    engine = database.opened(f"sqlite:///{tmp_path / 'none.db'}")
    assert holdings(engine) == {}
    engine.dispose()
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_another_version_is_left_alone(tmp_path: Path) -> None:
    engine = database.opened(f"sqlite:///{tmp_path / 'old.db'}")
    database.upgrade(engine, to=min(database.revisions()))
    assert holdings(engine) == {}
    engine.dispose()
