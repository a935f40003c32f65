"""Together: one search over all projects is as good as each project's own, and never makes a closed one look read."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from connectors.cursor import Cursor
from connectors.errors import AuthenticationError, NotFoundError, RetryableError
from connectors.jira.client import RefusedError
from connectors.jira.together import Together, by_project, companions_of
from connectors.port import Request, Scope
from connectors.records import FieldChange, Issue

SEARCH, LOGS = "api/2/search/jql", "api/3/changelog/bulkfetch"
HOUR = timedelta(hours=1)
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def row(key):
    return {"id": key.partition("-")[2], "key": key, "fields": {"project": {"key": key.partition("-")[0]}}}


def test_rows_are_told_apart_by_their_project():
    rows = [row("PAY-1"), row("RISK-2"), row("PAY-3")]
    found = by_project(rows, ("PAY", "RISK", "OPS"))
    assert found == {"PAY": (rows[0], rows[2]), "RISK": (rows[1],)}


@pytest.mark.parametrize("odd", [row("NEW-1"), {"id": "1"}, {"fields": {"project": None}}, None])
def test_a_row_that_is_of_no_project_asked_for_tells_nothing_of_any(odd):
    assert by_project([row("PAY-1"), odd], ("PAY", "RISK")) is None


def test_no_more_than_a_hundred_projects_are_searched_together():
    projects = tuple(f"P{n}" for n in range(205))
    groups = {companions_of(project, projects) for project in projects}
    assert sorted(map(len, groups)) == [5, 100, 100]
    assert {p for group in groups for p in group} == set(projects)


class Searches:
    """Gives the pages of its script, or raises what stands there, and counts."""

    def __init__(self, *pages):
        self.pages = pages
        self.since = []

    def __call__(self, projects, since):
        self.since.append(since)
        for page in self.pages:
            if isinstance(page, Exception):
                raise page
            yield page


def together(*pages):
    searches = Searches(*pages)
    return Together(("PAY", "RISK"), search=searches, histories=lambda rows: {}), searches


def test_the_first_to_ask_searches_and_the_others_are_answered_by_it():
    one, searches = together((row("PAY-1"),))
    threads = [threading.Thread(target=lambda: one.gathered(since=AT, start=lambda: AT)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert searches.since == [AT - timedelta(minutes=5)]


def test_a_window_that_begins_before_the_search_is_not_answered_by_it():
    one, _ = together(())
    assert one.gathered(since=AT, start=lambda: AT)
    assert one.gathered(since=AT - timedelta(minutes=5), start=lambda: AT)
    assert one.gathered(since=AT - timedelta(minutes=6), start=lambda: AT) is None


@pytest.mark.parametrize(
    "pages",
    [
        (RefusedError("400"),),
        (NotFoundError("404"),),
        ((row("PAY-1"),), RetryableError("503")),
        ((row("PAY-1"),), (row("PAY-2"),), (row("PAY-3"),), (row("PAY-4"),)),
        ((row("NEW-1"),),),
    ],
)
def test_what_one_search_cannot_tell_is_asked_project_by_project_and_searched_for_once(pages):
    one, searches = together(*pages)
    assert one.gathered(since=AT, start=lambda: AT) is None
    assert one.gathered(since=AT, start=lambda: AT) is None
    assert len(searches.since) == 1


def test_what_concerns_the_site_is_told_as_such():
    one, _ = together(AuthenticationError("401"))
    with pytest.raises(AuthenticationError):
        one.gathered(since=AT, start=lambda: AT)


@pytest.fixture
def pulled(now):
    """Pages by project of one run over the stream of issues, each project read before."""

    def pages(connector, *projects, alone_at=now - timedelta(minutes=5), read_to=now - timedelta(minutes=5)):
        stream = next(s for s in connector.streams() if s.name == "issues")
        tips = (("alone", alone_at.isoformat()),) if alone_at else ()
        return {
            project: list(
                stream.pages(
                    Request(
                        scope=Scope(source="jira", stream="issues", partition=project),
                        cursor=Cursor(read_to=read_to, tips=tips),
                        now=now,
                        max_age=HOUR,
                    )
                )
            )
            for project in projects
        }

    return pages


def asked(scripted):
    return [body["jql"].partition(" AND ")[0] for body in scripted.bodies(SEARCH)]


@pytest.fixture
def three(cloud):
    cloud.selection = {**cloud.selection, "projects": ("PAY", "RISK", "OPS")}
    return cloud


EACH = ['project = "PAY"', 'project = "RISK"', 'project = "OPS"']
ALL = 'project in ("PAY", "RISK", "OPS")'


def test_three_quiet_projects_cost_one_request(three, pulled, now):
    connector = three.connected()
    three.on("POST", SEARCH, {"issues": []})
    before = connector.requests_made
    found = pulled(connector, "PAY", "RISK", "OPS")
    assert connector.requests_made - before == 1
    assert asked(three) == [ALL]
    for pages in found.values():
        assert [page.records for page in pages] == [()]
        assert pages[-1].cursor.read_to == now


def test_what_the_search_names_lands_in_its_project_with_its_changes(three, pulled, issue):
    connector = three.connected()
    named = issue(2, "RISK-2")
    named["fields"]["project"] = {"key": "RISK"}
    three.on("POST", SEARCH, {"issues": [named]})
    item = {"field": "status", "fieldId": "status", "fromString": "To Do", "toString": "Done"}
    history = {"id": "7", "created": "2026-11-01T10:00:00.000+0000", "items": [item]}
    three.on("POST", LOGS, {"issueChangeLogs": [{"issueId": "2", "changeHistories": [history]}]})
    found = pulled(connector, "PAY", "RISK", "OPS")
    assert {p: [r.kind for page in pages for r in page.records] for p, pages in found.items()} == {
        "PAY": [],
        "RISK": [Issue.kind, FieldChange.kind],
        "OPS": [],
    }
    assert [body["issueIdsOrKeys"] for body in three.bodies(LOGS)] == [["2"]]


def test_a_closed_project_is_told_of_and_the_others_are_read(three, pulled):
    connector = three.connected()
    refused = {"errorMessages": ["The value 'OPS' does not exist for the field 'project'."]}
    for status in (400, 400, 200, 200, 400):
        three.on("POST", SEARCH, {"issues": []} if status == 200 else refused, status=status)
    three.on("GET", "api/2/project/OPS", {}, status=404)
    assert all(pulled(connector, "PAY", "RISK").values())
    with pytest.raises(NotFoundError, match="OPS"):
        pulled(connector, "OPS")


@pytest.mark.parametrize("alone_at", [None, AT - HOUR, AT + timedelta(minutes=1)])
def test_once_an_hour_each_project_is_searched_by_itself(three, pulled, alone_at, now):
    connector = three.connected()
    three.on("POST", SEARCH, {"issues": []})
    found = pulled(connector, "PAY", "RISK", "OPS", alone_at=alone_at)
    assert asked(three) == EACH
    assert {dict(pages[-1].cursor.tips)["alone"] for pages in found.values()} == {now.isoformat()}


def test_a_search_together_does_not_count_as_the_projects_own(three, pulled, now):
    connector = three.connected()
    three.on("POST", SEARCH, {"issues": []})
    alone_at = now - timedelta(minutes=30)
    found = pulled(connector, "PAY", alone_at=alone_at)
    assert dict(found["PAY"][-1].cursor.tips)["alone"] == alone_at.isoformat()


def test_where_epoch_literals_are_refused_the_search_together_uses_the_accounts_zone(three, pulled):
    connector = three.connected()
    three.on("POST", SEARCH, {"errorMessages": ["date value is invalid"]}, status=400)
    three.on("POST", SEARCH, {"issues": []})
    pulled(connector, "PAY", "RISK", "OPS")
    assert asked(three) == [ALL, ALL]
    assert 'updated >= "2026-11-20 ' in three.bodies(SEARCH)[1]["jql"]


def test_on_data_center_too_an_empty_answer_is_one_request(server, pulled):
    server.selection = {**server.selection, "projects": ("PAY", "RISK")}
    connector = server.connected()
    server.on("GET", "api/2/search", {"issues": [], "total": 0})
    pulled(connector, "PAY", "RISK")
    (params,) = server.asked("api/2/search")
    assert params["jql"].startswith('project in ("PAY", "RISK") AND updated >= ')


@pytest.mark.parametrize("stream", ["versions", "sprints"])
def test_a_list_without_a_filter_stands_for_an_hour(three, now, stream):
    connector = three.connected()
    chosen = next(s for s in connector.streams() if s.name == stream)
    scope = Scope(source="jira", stream=stream, partition="PAY")
    young = Cursor(read_to=now - timedelta(minutes=59))
    before = connector.requests_made
    assert list(chosen.pages(Request(scope=scope, cursor=young, now=now, max_age=HOUR))) == []
    assert connector.requests_made == before
    three.on("GET", "api/2/project/PAY/versions", [])
    three.on("GET", "agile/1.0/board", {"values": [], "isLast": True})
    for request in (
        Request(scope=scope, cursor=Cursor(read_to=now - HOUR), now=now, max_age=HOUR),
        Request(scope=scope, cursor=young, now=now, max_age=HOUR, is_full=True),
        Request(scope=scope, cursor=young, now=now, max_age=HOUR, reach=HOUR),
        Request(scope=scope, cursor=young.begun(now), now=now, max_age=HOUR),
        Request(scope=scope, cursor=young, now=now),
    ):
        assert [page.cursor.read_to for page in chosen.pages(request)] == [now]
