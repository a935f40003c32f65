"""Cloud's search may be late: what it finds then is what was there before, and everything else is fresh."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from connectors.sandbox.http import ReplyError, Request
from connectors.sandbox.jira_routes import answer_jira
from connectors.sandbox.jira_routes.index import reindex
from connectors.sandbox.state import JiraState
from connectors.sandbox.world.clock import Clock
from connectors.sandbox.world.stamps import jira_time
from tests.connectors.sandbox.sites import NOW, small

LOGIN = {"authorization": "Bearer sandbox-jira-token"}
LATE = timedelta(seconds=40)


def late_site(flavour: str = "cloud") -> tuple[JiraState, Clock]:
    state, clock = small(flavour).jira, Clock(NOW)
    state.clock, state.index_lag = clock.now, LATE
    for issue in state.issues.values():
        issue["fields"]["issuetype"] = {"name": "Story"}
    reindex(state)
    return state, clock


def ask(state: JiraState, method: str, path: str, body: object = None, **query: object):
    given = {name: [str(value)] for name, value in query.items()}
    request = Request(method=method, path=f"/rest/api/3/{path}", query=given, headers=LOGIN, body=body)
    return answer_jira(state, request).body


def found(state: JiraState, jql: str = "project = A", **query: object) -> dict[str, str]:
    """Summaries by id as the search gives them."""
    rows = ask(state, "GET", "search/jql", jql=jql, fields="summary", **query)["issues"]
    return {row["id"]: row["fields"]["summary"] for row in rows}


def edit(state: JiraState, id_: str, summary: str, *, at=None) -> None:
    state.issues[id_]["fields"] |= {"summary": summary, "updated": jira_time(at or state.clock())}


def test_an_issue_updated_within_the_lag_is_found_as_it_was_and_later_as_it_is():
    state, clock = late_site()
    edit(state, "1", "new")
    assert found(state) == {"1": "s1", "2": "s2", "3": "s3"}
    clock.advance(LATE - timedelta(seconds=1))
    assert found(state)["1"] == "s1"
    clock.advance(timedelta(seconds=1))
    assert found(state)["1"] == "new"


def test_a_late_row_has_its_old_update_time_so_a_window_misses_it():
    state, clock = late_site()
    edit(state, "3", "new")
    window = 'project = A AND updated >= "2026-03-02 11:30"'
    assert found(state, window) == {}
    assert ask(state, "POST", "search/approximate-count", {"jql": window}) == {"count": 0}
    clock.advance(LATE)
    assert found(state, window) == {"3": "new"}


def test_a_new_issue_is_not_found_until_the_index_has_it():
    state, clock = late_site()
    state.issues["4"] = copy.deepcopy(state.issues["1"]) | {"id": "4", "key": "A-4"}
    edit(state, "4", "just made")
    assert set(found(state)) == {"1", "2", "3"}
    clock.advance(LATE)
    assert found(state)["4"] == "just made"


def test_a_deleted_issue_is_gone_at_once():
    state, _ = late_site()
    del state.issues["2"]
    assert set(found(state)) == {"1", "3"}


def test_what_changes_without_a_new_update_time_is_late_from_the_search_that_first_could_see_it():
    state, clock = late_site()
    clock.advance(timedelta(hours=1))
    state.issues["1"]["fields"]["summary"] = "silent"
    assert found(state)["1"] == "s1"
    clock.advance(LATE)
    assert found(state)["1"] == "silent"


def test_of_two_changes_the_one_that_is_old_enough_is_shown():
    state, clock = late_site()
    edit(state, "1", "first")
    found(state)
    clock.advance(timedelta(seconds=30))
    edit(state, "1", "second")
    assert found(state)["1"] == "s1"
    clock.advance(timedelta(seconds=10))
    assert found(state)["1"] == "first"
    clock.advance(timedelta(seconds=30))
    assert found(state)["1"] == "second"


def test_what_is_read_by_id_is_always_fresh():
    state, _ = late_site()
    edit(state, "1", "new")
    item = {"field": "status", "fieldId": "status"}
    state.histories["1"].append({"id": "9", "created": jira_time(NOW), "items": [item]})
    assert ask(state, "GET", "issue/A-1")["fields"]["summary"] == "new"
    assert (
        ask(state, "POST", "issue/bulkfetch", {"issueIdsOrKeys": ["1"]})["issues"][0]["fields"]["summary"]
        == "new"
    )
    logs = ask(state, "POST", "changelog/bulkfetch", {"issueIdsOrKeys": ["1"]})["issueChangeLogs"]
    assert [log["issueId"] for log in logs] == ["1"]


def test_reconciled_ids_are_fresh_in_the_search_too():
    state, _ = late_site()
    edit(state, "1", "new")
    edit(state, "2", "new")
    assert found(state, reconcileIssues="1") == {"1": "new", "2": "s2", "3": "s3"}
    body = {"jql": "project = A", "fields": ["summary"], "reconcileIssues": [2]}
    rows = ask(state, "POST", "search/jql", body)["issues"]
    assert {row["id"]: row["fields"]["summary"] for row in rows} == {"1": "s1", "2": "new", "3": "s3"}


@pytest.mark.parametrize("ids", [",".join(map(str, range(51))), "A-1"])
def test_more_than_fifty_ids_or_keys_are_refused(ids: str):
    state, _ = late_site()
    with pytest.raises(ReplyError) as caught:
        found(state, reconcileIssues=ids)
    assert caught.value.response.status == 400


def test_data_center_searches_what_is_there():
    state, _ = late_site("datacenter")
    edit(state, "1", "new")
    request = Request(method="GET", path="/rest/api/2/search", query={"jql": ["key = A-1"]}, headers=LOGIN)
    assert answer_jira(state, request).body["issues"][0]["fields"]["summary"] == "new"


def test_without_a_lag_nothing_is_kept_back():
    state, _ = late_site()
    state.index_lag = timedelta(0)
    edit(state, "1", "new")
    assert found(state)["1"] == "new"
