"""Deletions: counted completely, confirmed one by one, never confused with lost permission."""

from __future__ import annotations

import pytest

from connectors.errors import ForbiddenError

SEARCH, BULK = "api/2/search/jql", "api/3/issue/bulkfetch"


def test_cloud_ids_come_by_five_thousand_over_all_tokens(cloud):
    census = cloud.connected().censuses()[0]
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    cloud.on("POST", SEARCH, {"issues": [{"id": "1"}], "nextPageToken": "t"})
    cloud.on("POST", SEARCH, {"issues": [{"id": "2"}]})
    assert census.ids("PAY") == {"1", "2"}
    assert cloud.bodies(SEARCH)[0]["maxResults"] == 5000
    assert cloud.bodies(SEARCH)[0]["fields"] == ["id"]


def test_data_center_ids_come_up_to_the_empty_page(server):
    census = server.connected().censuses()[0]
    server.on("GET", "api/2/project/PAY", {"key": "PAY"})
    for rows in ([{"id": "1"}], [{"id": "2"}], []):
        server.on("GET", "api/2/search", {"issues": rows})
    assert census.ids("PAY") == {"1", "2"}


def test_what_bulkfetch_leaves_out_is_gone_and_what_it_failed_on_is_not(cloud):
    census = cloud.connected().censuses()[0]
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    cloud.on(
        "POST", BULK, {"issues": [{"id": "1"}], "issueErrors": [{"id": "3", "errorMessage": "try again"}]}
    )
    assert census.settled("PAY", frozenset({"1", "2", "3"})).gone == {"2"}


def test_bulkfetch_is_asked_for_a_hundred_at_a_time(cloud):
    census = cloud.connected().censuses()[0]
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    cloud.on("POST", BULK, {"issues": []})
    asked = frozenset(map(str, range(250)))
    assert census.settled("PAY", asked).gone == asked
    assert [len(body["issueIdsOrKeys"]) for body in cloud.bodies(BULK)] == [100, 100, 50]


def test_data_center_asks_for_each_candidate_by_id(server):
    census = server.connected().censuses()[0]
    server.on("GET", "api/2/project/PAY", {"key": "PAY"})
    server.on("GET", "api/2/issue/1", {"id": "1"})
    server.on("GET", "api/2/issue/2", {}, status=404)
    assert census.settled("PAY", frozenset({"1", "2"})).gone == {"2"}


@pytest.mark.parametrize(("status", "body"), [(404, {}), (403, {}), (200, {"key": "PAY", "archived": True})])
def test_a_project_out_of_sight_confirms_nothing(cloud, status, body):
    census = cloud.connected().censuses()[0]
    cloud.on("GET", "api/2/project/PAY", body, status=status)
    with pytest.raises(ForbiddenError, match="PAY"):
        census.settled("PAY", frozenset({"1"}))
    with pytest.raises(ForbiddenError, match="PAY"):
        census.ids("PAY")


def test_a_version_that_is_not_listed_is_gone_once_a_direct_read_says_so(cloud):
    census = cloud.connected().censuses()[1]
    cloud.on("GET", "api/2/project/PAY/versions", [{"id": "20"}, {"id": 21}, "odd"])
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    cloud.on("GET", "api/2/version/22", {}, status=404)
    cloud.on("GET", "api/2/version/23", {"id": "23"})
    assert census.ids("PAY") == {"20", "21"}
    assert census.settled("PAY", frozenset({"22", "23"})).gone == {"22"}


def test_versions_of_a_project_out_of_sight_are_not_gone(cloud):
    census = cloud.connected().censuses()[1]
    cloud.on("GET", "api/2/project/PAY", {}, status=404)
    with pytest.raises(ForbiddenError, match="PAY"):
        census.settled("PAY", frozenset({"22"}))


def moved_row(issue):
    return issue(3, "RISK-9") | {"changelog": {"histories": [], "total": 0}}


def test_an_issue_that_moved_to_another_project_is_read_again_with_its_new_key(cloud, issue):
    census = cloud.connected().censuses()[0]
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    cloud.on("POST", BULK, {"issues": [moved_row(issue)]})
    history = {
        "id": "77",
        "created": "2026-11-19T09:00:00.000+0000",
        "items": [{"field": "Key", "fieldId": "", "fromString": "PAY-3", "toString": "RISK-9"}],
    }
    logs = [{"issueId": "3", "changeHistories": [history]}]
    cloud.on("POST", "api/3/changelog/bulkfetch", {"issueChangeLogs": logs})
    settled = census.settled("PAY", frozenset({"2", "3"}))
    assert settled.gone == {"2"}
    ((partition, page),) = settled.moved
    assert partition == "RISK"
    assert [record.key for record in page.records if record.kind == "issue"] == ["RISK-9"]
    assert {alias.key for alias in page.aliases} == {"RISK-9", "PAY-3"}


def test_data_center_reads_a_moved_issue_one_by_one(server, issue):
    census = server.connected().censuses()[0]
    server.on("GET", "api/2/project/PAY", {"key": "PAY"})
    server.on("GET", "api/2/issue/3", moved_row(issue))
    settled = census.settled("PAY", frozenset({"3"}))
    assert settled.gone == frozenset()
    assert [(partition, [r.key for r in page.records]) for partition, page in settled.moved] == [
        ("RISK", ["RISK-9"])
    ]
    assert server.asked("api/2/issue/3")[0]["expand"] == "changelog"


def test_an_issue_that_the_search_left_out_but_is_in_its_project_is_neither_gone_nor_moved(cloud, issue):
    census = cloud.connected().censuses()[0]
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    cloud.on("POST", BULK, {"issues": [issue(3, "PAY-3")]})
    settled = census.settled("PAY", frozenset({"3"}))
    assert (settled.gone, settled.moved) == (frozenset(), ())


def test_sprints_of_every_state_are_counted_and_gone_only_by_a_direct_read(cloud):
    census = cloud.connected().censuses()[2]
    cloud.on("GET", "agile/1.0/board", {"values": [{"id": 8, "type": "scrum"}], "isLast": True})
    cloud.on("GET", "agile/1.0/board/8/sprint", {"values": [{"id": 1}, {"id": 2}], "isLast": True})
    cloud.on("GET", "agile/1.0/sprint/3", {"id": 3})
    cloud.on("GET", "agile/1.0/sprint/4", {}, status=404)
    assert tuple(census.partitions()) == ("*",)
    assert census.ids("*") == {"1", "2"}
    assert cloud.asked("agile/1.0/board/8/sprint")[0]["state"] == "active,future,closed"
    assert census.settled("*", frozenset({"3", "4"})).gone == {"4"}


def test_sprints_are_not_counted_while_a_projects_boards_cannot_be_seen(cloud):
    census = cloud.connected().censuses()[2]
    cloud.on("GET", "agile/1.0/board", {}, status=404)
    with pytest.raises(ForbiddenError, match="PAY"):
        census.ids("*")
