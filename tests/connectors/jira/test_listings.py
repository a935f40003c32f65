"""Listings: each one asserts its own end; one that repeats, breaks off or contradicts its own count is an error, never short."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.cursor import Cursor
from connectors.errors import RetryableError
from connectors.port import Request, Scope

SEARCH, LOGS = "api/2/search/jql", "api/3/changelog/bulkfetch"
BOARDS, SPRINTS = "agile/1.0/board", "agile/1.0/board/8/sprint"


def with_board(scripted):
    connector = scripted.connected()
    scripted.on("GET", BOARDS, {"values": [{"id": 8, "type": "scrum"}], "isLast": True})
    return connector


@pytest.mark.parametrize(
    "answers",
    [
        ({"values": [], "isLast": False},),
        ({"values": []},),
        ({"values": [{"id": 1}], "isLast": False}, {"values": [], "isLast": False}),
        ({"values": [{"id": 1}], "isLast": True, "total": 2},),
        ({"values": [{"id": 1}], "isLast": False}, {"values": [{"id": 1}], "isLast": True}),
        ({"values": [{"id": 1}], "total": 2}, {"values": [], "total": 2}),
    ],
)
def test_an_agile_listing_that_does_not_reach_its_end_is_an_error(cloud, pull, answers):
    connector = with_board(cloud)
    for answer in answers:
        cloud.on("GET", SPRINTS, answer)
    with pytest.raises(RetryableError, match="without being at its end"):
        pull(connector, "sprints", "*")


@pytest.mark.parametrize(
    "answers",
    [
        ({"values": [{"id": 1}], "isLast": False}, {"values": [], "isLast": True}),
        ({"values": [{"id": 1}], "total": 2}, {"values": [{"id": 2}], "total": 2}),
        ({"values": [], "total": 0},),
    ],
)
def test_an_agile_listing_ends_where_it_says_so_or_its_total_is_reached(cloud, answers):
    connector = with_board(cloud)
    for answer in answers:
        cloud.on("GET", SPRINTS, answer)
    assert len(connector.censuses()[2].ids("*")) == sum(len(answer["values"]) for answer in answers)


def test_a_boards_list_that_breaks_off_buries_no_sprint(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", BOARDS, {"values": []})
    with pytest.raises(RetryableError):
        pull(connector, "sprints", "*", Cursor(tips=(("1", "active"),)))


def test_a_data_center_page_that_is_empty_while_rows_are_counted_behind_it_is_an_error(server, pull, issue):
    connector = server.connected()
    server.on("GET", "api/2/search", {"issues": [issue(1, "PAY-1")], "total": 3})
    server.on("GET", "api/2/search", {"issues": [], "total": 2})
    with pytest.raises(RetryableError, match="2 rows follow"):
        pull(connector, "issues", "PAY")


def test_a_data_center_page_that_repeats_a_row_within_itself_is_an_error(server, pull, issue):
    connector = server.connected()
    server.on("GET", "api/2/search", {"issues": [issue(1, "PAY-1"), issue(1, "PAY-1")]})
    with pytest.raises(RetryableError, match="leads no further"):
        pull(connector, "issues", "PAY")


def test_a_cloud_walk_by_id_in_which_a_row_comes_twice_is_an_error(cloud, pull, issue):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")], "nextPageToken": "t1"})
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1"), issue(2, "PAY-2")]})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    with pytest.raises(RetryableError, match="came twice"):
        pull(connector, "issues", "PAY")


def test_a_cloud_page_without_a_token_that_is_not_the_last_is_an_error(cloud, pull, issue):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")], "isLast": False})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    with pytest.raises(RetryableError, match="breaks off"):
        pull(connector, "issues", "PAY")


def test_a_row_that_changes_during_a_walk_by_time_comes_again_in_its_new_state(cloud, pull, issue, now):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")], "nextPageToken": "t1"})
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1", summary="Newer")]})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    pages = pull(connector, "issues", "PAY", Cursor(read_to=now))
    assert [r.title for page in pages for r in page.records] == ["Issue PAY-1", "Newer"]


def test_a_cloud_page_that_comes_twice_in_a_walk_by_time_is_an_error(cloud, pull, issue, now):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")], "nextPageToken": "t1"})
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")], "nextPageToken": "t2"})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    with pytest.raises(RetryableError, match="came twice"):
        pull(connector, "issues", "PAY", Cursor(read_to=now))


def far(stream, partition, now):
    scope = Scope(source="jira", stream=stream, partition=partition)
    return Request(scope=scope, cursor=Cursor(read_to=now), now=now, reach=timedelta(hours=48))


def test_a_long_reach_moves_the_lower_bound_of_the_issues_window(cloud, now):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": []})
    stream = next(s for s in connector.streams() if s.name == "issues")
    list(stream.pages(far("issues", "PAY", now)))
    since_ms = int((now - timedelta(hours=48)).timestamp() * 1000)
    assert f"updated >= {since_ms} " in cloud.bodies(SEARCH)[0]["jql"]


def test_a_long_reach_moves_the_start_of_both_worklog_feeds(cloud, now):
    connector = cloud.connected()
    for feed in ("updated", "deleted"):
        cloud.on("GET", f"api/2/worklog/{feed}", {"values": [], "until": 5, "lastPage": True})
    stream = next(s for s in connector.streams() if s.name == "worklogs")
    list(stream.pages(far("worklogs", "*", now)))
    since_ms = str(int((now - timedelta(hours=48)).timestamp() * 1000))
    asked = [cloud.asked(f"api/2/worklog/{feed}")[0]["since"] for feed in ("updated", "deleted")]
    assert asked == [since_ms, since_ms]
