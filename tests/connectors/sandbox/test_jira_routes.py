"""Jira's pages, windows and refusals are the vendor's, and so are their traps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.sandbox.http import ReplyError, Request
from connectors.sandbox.jira_routes import answer_jira
from connectors.sandbox.state import JiraState

NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
LOGIN = {"authorization": "Bearer sandbox-jira-token"}


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def jira(flavour: str = "cloud", issues: int = 10) -> JiraState:
    """Issues A-1, A-2 ... touched an hour apart, the first one longest ago."""
    state = JiraState(clock=lambda: NOW, flavour=flavour, me={"accountId": "a", "name": "a"})
    state.projects["A"] = {"id": "1", "key": "A", "name": "A"}
    for number in range(1, issues + 1):
        fields = {
            "project": {"id": "1", "key": "A"},
            "updated": stamp(NOW - timedelta(hours=issues - number)),
        }
        state.issues[str(number)] = {"id": str(number), "key": f"A-{number}", "fields": fields}
    return state


def ask(state: JiraState, method: str, path: str, body: object = None, **query: str):
    given = {name: [value] for name, value in query.items()}
    return answer_jira(
        state, Request(method=method, path=f"/rest/api/{path}", query=given, headers=LOGIN, body=body)
    )


def refusal(state: JiraState, method: str, path: str, body: object = None, **query: str) -> int:
    with pytest.raises(ReplyError) as caught:
        ask(state, method, path, body, **query)
    return caught.value.response.status


def test_a_row_touched_during_clouds_walk_makes_no_other_row_slip():
    state, seen, token = jira(), [], ""
    while True:
        query = {"nextPageToken": token} if token else {}
        page = ask(
            state,
            "GET",
            "3/search/jql",
            jql="project = A ORDER BY updated ASC, id ASC",
            maxResults="3",
            **query,
        ).body
        seen += [row["id"] for row in page["issues"]]
        state.issues[seen[0]]["fields"]["updated"] = stamp(NOW)
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert set(seen) == set(state.issues)
    assert seen[-2:] == ["1", "10"]


def test_a_deleted_row_does_not_break_a_walk_and_a_strange_token_is_refused():
    state = jira()
    page = ask(state, "GET", "3/search/jql", jql="project = A ORDER BY id DESC", maxResults="4").body
    del state.issues[page["issues"][-1]["id"]]
    rest = ask(
        state, "GET", "3/search/jql", jql="project = A ORDER BY id DESC", nextPageToken=page["nextPageToken"]
    ).body
    assert [row["id"] for row in rest["issues"]] == ["6", "5", "4", "3", "2", "1"]
    for token in ("x", "bnVsbA==", "W10="):
        assert refusal(state, "GET", "3/search/jql", jql="project = A", nextPageToken=token) == 400


def test_clouds_search_must_be_bounded_and_gives_ids_alone_unasked():
    state = jira()
    assert refusal(state, "GET", "3/search/jql", jql="ORDER BY id") == 400
    assert ask(state, "GET", "3/search/jql", jql="project = A AND id = 1").body == {
        "issues": [{"id": "1"}],
        "isLast": True,
    }


def test_data_centers_window_ends_at_10000():
    state = jira("datacenter")
    assert ask(state, "GET", "2/search", jql="", startAt="9900", maxResults="100").body["issues"] == []
    assert refusal(state, "GET", "2/search", jql="", startAt="9901", maxResults="100") == 400
    assert ask(state, "GET", "2/search", jql="", maxResults="5000").body["maxResults"] == 1000


def test_a_projects_absence_shows_in_each_way():
    state = jira()
    state.permissions["A"] = set()
    assert refusal(state, "GET", "3/search/jql", jql="project = A") == 400
    assert refusal(state, "GET", "2/project/A") == 404
    assert refusal(state, "GET", "2/issue/A-1") == 404
    assert ask(state, "POST", "3/issue/bulkfetch", {"issueIdsOrKeys": ["1"]}).body["issues"] == []


def test_comments_are_refused_by_permission_and_length():
    state = jira()
    state.permissions["A"] = {"BROWSE_PROJECTS"}
    assert refusal(state, "POST", "2/issue/1/comment", {"body": "x"}) == 403
    state.permissions["A"] |= {"ADD_COMMENTS"}
    id_ = ask(state, "POST", "2/issue/1/comment", {"body": "x" * 32_767}).body["id"]
    assert refusal(state, "POST", "2/issue/1/comment", {"body": "x" * 32_768}) == 400
    assert refusal(state, "PUT", f"2/issue/1/comment/{id_}", {"body": "y"}) == 403
    assert refusal(state, "DELETE", f"2/issue/1/comment/{id_}") == 403
    state.permissions["A"] |= {"EDIT_OWN_COMMENTS"}
    state.comments["1"][0]["author"] = {"accountId": "somebody"}
    assert refusal(state, "PUT", f"2/issue/1/comment/{id_}", {"body": "y"}) == 400


def test_one_issues_histories_may_be_split_over_pages_and_created_is_a_number():
    state = jira(issues=2)
    for number in range(5):
        at = stamp(NOW - timedelta(minutes=50 - number))
        item = {"field": "status", "fieldId": "status"}
        state.histories[str(1 + number % 2)].append({"id": str(number), "created": at, "items": [item]})
    body, found = {"issueIdsOrKeys": ["1", "A-2"], "maxResults": 2}, []
    while True:
        page = ask(state, "POST", "3/changelog/bulkfetch", body).body
        found.append([(log["issueId"], len(log["changeHistories"])) for log in page["issueChangeLogs"]])
        assert all(
            type(one["created"]) is int for log in page["issueChangeLogs"] for one in log["changeHistories"]
        )
        if "nextPageToken" not in page:
            break
        body = {**body, "nextPageToken": page["nextPageToken"]}
    assert found == [[("1", 1), ("2", 1)], [("1", 1), ("2", 1)], [("1", 1)]]


def test_worklog_feeds_withhold_the_last_minute_and_tell_deletions():
    state = jira(issues=1)
    for id_, age_s in ((7, 61), (8, 59)):
        state.worklogs["1"].append({"id": str(id_), "updated": stamp(NOW - timedelta(seconds=age_s))})
    state.deleted_worklogs.append({"worklogId": 6, "updatedTime": 1000})
    assert [one["worklogId"] for one in ask(state, "GET", "2/worklog/updated", since="0").body["values"]] == [
        7
    ]
    assert [one["worklogId"] for one in ask(state, "GET", "2/worklog/deleted", since="0").body["values"]] == [
        6
    ]
    assert ask(state, "GET", "2/worklog/deleted", since="1001").body["values"] == []
