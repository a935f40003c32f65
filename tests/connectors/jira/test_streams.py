"""Versions, sprints and worklogs, and the feeds behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.cursor import Cursor
from connectors.errors import FatalError, ForbiddenError, NotFoundError, RetryableError
from connectors.records import Ref

READ_TO = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
SINCE_MS = int(READ_TO.timestamp() * 1000)
BOARD, SPRINTS = "agile/1.0/board", "agile/1.0/board/{}/sprint"
UPDATED, DELETED, LIST = "api/2/worklog/updated", "api/2/worklog/deleted", "api/2/worklog/list"


def _sprint(id_, state="active", **more):
    return {"id": id_, "name": f"S{id_}", "state": state, "originBoardId": 8} | more


def _worklog(id_, issue_id="10"):
    at = "2026-11-19T09:00:00.000+0800"
    return {
        "id": str(id_),
        "issueId": issue_id,
        "started": at,
        "created": at,
        "updated": at,
        "timeSpentSeconds": 3600,
        "author": {"accountId": "a1", "displayName": "Li Wei"},
    }


def _changed(*pairs, until, last=True):
    values = [{"worklogId": id_, "updatedTime": at} for id_, at in pairs]
    return {"values": values, "until": until, "lastPage": last, "nextPage": "https://evil.test/next"}


def test_versions_come_in_one_request_with_dates_and_address(cloud, pull, now):
    connector = cloud.connected()
    version = {
        "id": "20",
        "name": "2.0",
        "released": True,
        "releaseDate": "2026-12-15",
        "self": "https://x.test",
    }
    cloud.on("GET", "api/2/project/PAY/versions", [version, {"id": "21"}])
    (page,) = pull(connector, "versions", "PAY")
    (read,) = page.records
    assert (read.name, read.is_released, read.release_on) == ("2.0", True, date(2026, 12, 15))
    assert read.url == "https://jira.test/projects/PAY/versions/20"
    assert [skipped.what for skipped in page.skipped] == ["version 21"]
    assert page.cursor == Cursor(read_to=now)


def test_versions_of_a_hidden_project_are_not_empty(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", "api/2/project/PAY/versions", {}, status=404)
    cloud.on("GET", "api/2/project/PAY", {}, status=404)
    with pytest.raises(NotFoundError, match="project PAY"):
        pull(connector, "versions", "PAY")


def test_versions_that_are_no_list_are_an_error(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", "api/2/project/PAY/versions", {"values": []})
    with pytest.raises(FatalError, match="no list"):
        pull(connector, "versions", "PAY")


def test_the_first_walk_reads_sprints_of_every_state_and_keeps_the_open_ones(cloud, pull):
    connector = cloud.connected()
    boards = [{"id": 8, "type": "scrum"}, {"id": 9, "type": "kanban"}, {"id": 10, "type": "simple"}]
    cloud.on("GET", BOARD, {"values": boards, "isLast": True})
    cloud.on("GET", SPRINTS.format(8), {"values": [_sprint(1, "closed"), _sprint(2)], "isLast": True})
    cloud.on("GET", SPRINTS.format(10), {"errorMessages": ["The board does not support sprints"]}, status=400)
    (page,) = pull(connector, "sprints", "*")
    assert [(sprint.id, sprint.state) for sprint in page.records] == [("1", "closed"), ("2", "active")]
    assert page.cursor.tips == (("2", "active"),)
    assert cloud.asked(SPRINTS.format(8))[0]["state"] == "active,future,closed"


def test_a_short_page_of_sprints_is_not_the_end(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", BOARD, {"values": [{"id": 8, "type": "scrum"}], "isLast": True})
    cloud.on("GET", SPRINTS.format(8), {"values": [_sprint(1)], "isLast": False, "maxResults": 50})
    cloud.on("GET", SPRINTS.format(8), {"values": [_sprint(2)], "isLast": True})
    (page,) = pull(connector, "sprints", "*")
    assert [sprint.id for sprint in page.records] == ["1", "2"]
    assert [params["startAt"] for params in cloud.asked(SPRINTS.format(8))] == ["0", "1"]


def test_a_sprint_that_left_the_list_is_read_until_it_is_seen_closed(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", BOARD, {"values": [{"id": 8, "type": "scrum"}], "isLast": True})
    cloud.on("GET", SPRINTS.format(8), {"values": [_sprint(2)], "isLast": True})
    closed = _sprint(1, "closed", completeDate="2026-11-20T10:00:00.000Z")
    cloud.on("GET", "agile/1.0/sprint/1", closed)
    cloud.on("GET", "agile/1.0/sprint/3", {}, status=404)
    tips = (("1", "active"), ("2", "active"), ("3", "future"))
    (page,) = pull(connector, "sprints", "*", Cursor(read_to=READ_TO, tips=tips))
    assert {sprint.id: sprint.state for sprint in page.records} == {"1": "closed", "2": "active"}
    assert page.gone == (Ref(source="jira", kind="sprint", id="3"),)
    assert page.cursor.tips == (("2", "active"),)
    assert cloud.asked(SPRINTS.format(8))[0]["state"] == "active,future"


def test_a_scrum_board_that_refuses_is_not_taken_for_one_without_sprints(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", BOARD, {"values": [{"id": 8, "type": "scrum"}], "isLast": True})
    cloud.on("GET", SPRINTS.format(8), {"errorMessages": ["filter is broken"]}, status=400)
    with pytest.raises(FatalError, match="filter is broken"):
        pull(connector, "sprints", "*")


def test_boards_of_a_project_that_cannot_be_seen_are_counted(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", BOARD, {"errorMessages": ["No project could be found"]}, status=400)
    (page,) = pull(connector, "sprints", "*")
    assert [skipped.what for skipped in page.skipped] == ["boards of project PAY"]


def test_boards_that_are_forbidden_are_an_error(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", BOARD, {}, status=403)
    with pytest.raises(ForbiddenError):
        pull(connector, "sprints", "*")


def test_without_a_sprint_field_there_are_no_sprints_to_read(cloud):
    connector = cloud.connected(fields=[])
    stream = next(stream for stream in connector.streams() if stream.name == "sprints")
    assert tuple(stream.partitions(frozenset())) == ()


def test_the_first_worklog_walk_reads_everything_and_asks_for_no_deletions(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", UPDATED, _changed((1, 500), until=500))
    cloud.on("POST", LIST, [_worklog(1)])
    pages = pull(connector, "worklogs", "*")
    assert cloud.asked(UPDATED) == [{"since": "0"}]
    assert [record.spent_s for record in pages[0].records] == [3600]
    assert "GET " + DELETED not in cloud.methods


def test_the_worklog_cursor_stays_behind_the_withheld_minute(cloud, pull, now):
    connector = cloud.connected()
    cloud.on("GET", UPDATED, _changed(until=SINCE_MS))
    cloud.on("GET", DELETED, _changed(until=SINCE_MS))
    pages = pull(connector, "worklogs", "*", Cursor(read_to=READ_TO))
    assert pages[-1].cursor == Cursor(read_to=now - timedelta(minutes=2))


def test_a_full_walk_reads_the_deletions_of_all_times(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", UPDATED, _changed(until=SINCE_MS))
    cloud.on("GET", DELETED, _changed((7, 600), until=600))
    pages = pull(connector, "worklogs", "*", Cursor(), is_full=True)
    assert cloud.asked(DELETED) == [{"since": "0"}]
    assert [ref.id for ref in pages[-1].gone] == ["7"]


def test_deleted_worklogs_are_reported_as_gone(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", UPDATED, _changed(until=SINCE_MS))
    cloud.on("GET", DELETED, _changed((7, SINCE_MS + 5), until=SINCE_MS + 5))
    pages = pull(connector, "worklogs", "*", Cursor(read_to=READ_TO))
    assert cloud.asked(DELETED) == [{"since": str(SINCE_MS)}]
    assert pages[-1].gone == (Ref(source="jira", kind="worklog", id="7"),)


def test_a_full_feed_page_goes_on_one_millisecond_before_its_end(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", UPDATED, _changed((1, 500), (2, 600), until=600, last=False))
    cloud.on("GET", UPDATED, _changed((2, 600), (3, 600), until=600))
    cloud.on("POST", LIST, [])
    pull(connector, "worklogs", "*")
    assert cloud.asked(UPDATED) == [{"since": "0"}, {"since": "599"}]
    assert cloud.bodies(LIST) == [{"ids": [1, 2]}, {"ids": [3]}]


def test_a_page_of_one_instant_does_not_stop_the_feed(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", UPDATED, _changed((1, 600), (2, 600), until=600, last=False))
    cloud.on("GET", UPDATED, _changed((1, 600), (2, 600), until=600, last=False))
    cloud.on("GET", UPDATED, _changed((3, 700), until=700))
    cloud.on("POST", LIST, [])
    pull(connector, "worklogs", "*")
    assert cloud.asked(UPDATED) == [{"since": "0"}, {"since": "599"}, {"since": "600"}]
    assert cloud.bodies(LIST) == [{"ids": [1, 2]}, {"ids": [3]}]


def test_a_feed_that_leads_no_further_is_an_error(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", UPDATED, _changed((1, 600), until=600, last=False))
    cloud.on("POST", LIST, [])
    with pytest.raises(RetryableError, match="leads no further"):
        pull(connector, "worklogs", "*")


def test_an_interrupted_worklog_walk_goes_on_at_its_position(cloud, pull):
    connector = cloud.connected()
    cloud.on("GET", UPDATED, _changed(until=800))
    pull(connector, "worklogs", "*", Cursor(walk_started_at=READ_TO, position="777"))
    assert cloud.asked(UPDATED) == [{"since": "777"}]


def test_a_quiet_cycle_over_two_projects_costs_thirteen_requests(cloud, pull):
    cloud.selection = {"name": "jira", "projects": ("PAY", "RISK")}
    connector = cloud.connected()
    cloud.on("POST", "api/2/search/jql", {"issues": []})
    for key, board in (("PAY", 8), ("RISK", 9)):
        cloud.on("GET", f"api/2/project/{key}/versions", [])
        cloud.on("GET", BOARD, {"values": [{"id": board, "type": "scrum"}], "isLast": True})
        cloud.on("GET", SPRINTS.format(board), {"values": [], "isLast": True})
    cloud.on("GET", UPDATED, _changed(until=SINCE_MS))
    cloud.on("GET", DELETED, _changed(until=SINCE_MS))
    for stream in connector.streams():
        for partition in stream.partitions(frozenset()):
            pull(connector, stream.name, partition, Cursor(read_to=READ_TO))
    assert connector.requests_made == 13
