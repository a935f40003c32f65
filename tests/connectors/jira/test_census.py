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
    assert census.confirmed_gone("PAY", frozenset({"1", "2", "3"})) == {"2"}


def test_bulkfetch_is_asked_for_a_hundred_at_a_time(cloud):
    census = cloud.connected().censuses()[0]
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    cloud.on("POST", BULK, {"issues": []})
    asked = frozenset(map(str, range(250)))
    assert census.confirmed_gone("PAY", asked) == asked
    assert [len(body["issueIdsOrKeys"]) for body in cloud.bodies(BULK)] == [100, 100, 50]


def test_data_center_asks_for_each_candidate_by_id(server):
    census = server.connected().censuses()[0]
    server.on("GET", "api/2/project/PAY", {"key": "PAY"})
    server.on("GET", "api/2/issue/1", {"id": "1"})
    server.on("GET", "api/2/issue/2", {}, status=404)
    assert census.confirmed_gone("PAY", frozenset({"1", "2"})) == {"2"}


@pytest.mark.parametrize(("status", "body"), [(404, {}), (403, {}), (200, {"key": "PAY", "archived": True})])
def test_a_project_out_of_sight_confirms_nothing(cloud, status, body):
    census = cloud.connected().censuses()[0]
    cloud.on("GET", "api/2/project/PAY", body, status=status)
    with pytest.raises(ForbiddenError, match="PAY"):
        census.confirmed_gone("PAY", frozenset({"1"}))
    with pytest.raises(ForbiddenError, match="PAY"):
        census.ids("PAY")


def test_a_version_that_is_not_listed_is_gone_once_a_direct_read_says_so(cloud):
    census = cloud.connected().censuses()[1]
    cloud.on("GET", "api/2/project/PAY/versions", [{"id": "20"}, {"id": 21}, "odd"])
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    cloud.on("GET", "api/2/version/22", {}, status=404)
    cloud.on("GET", "api/2/version/23", {"id": "23"})
    assert census.ids("PAY") == {"20", "21"}
    assert census.confirmed_gone("PAY", frozenset({"22", "23"})) == {"22"}


def test_versions_of_a_project_out_of_sight_are_not_gone(cloud):
    census = cloud.connected().censuses()[1]
    cloud.on("GET", "api/2/project/PAY", {}, status=404)
    with pytest.raises(ForbiddenError, match="PAY"):
        census.confirmed_gone("PAY", frozenset({"22"}))
