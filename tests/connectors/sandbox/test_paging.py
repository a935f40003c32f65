"""Pages, windows, filters and refusals are the vendors', and so are their traps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from connectors.sandbox.gitlab_routes import answer_gitlab
from connectors.sandbox.gitlab_routes.common import paged
from connectors.sandbox.http import ReplyError, Request
from connectors.sandbox.jira_routes import answer_jira
from connectors.sandbox.replay import sandbox_of
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Fault, GitlabState, JiraState, Sandbox

NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
LOGIN = {"authorization": "Bearer sandbox-jira-token"}
TOKEN = {"private-token": "sandbox-gitlab-token"}


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


def gitlab() -> GitlabState:
    """A main branch a-b-d and a branch a-c; d touches docs only."""
    state = GitlabState(clock=lambda: NOW, me={"id": 1, "username": "x"})
    state.projects[1] = {
        "id": 1,
        "path_with_namespace": "g/p",
        "default_branch": "main",
        "created_at": "2026-01-01T00:00:00Z",
    }
    for day, (sha, parents) in enumerate({"a": [], "b": ["a"], "c": ["a"], "d": ["b"]}.items(), start=1):
        state.commits[1][sha] = {
            "id": sha, "parent_ids": parents, "committed_date": f"2026-02-0{day}T00:00:00Z", "_files": ["docs/x" if sha == "d" else "src/y"],
        }  # fmt: skip
    for name, sha in (("main", "d"), ("topic", "c")):
        state.branches[1][name] = {"name": name, "commit": {"id": sha}}
    return state


def read(state: GitlabState, path: str, /, **query: str):
    given = {name: [value] for name, value in query.items()}
    return answer_gitlab(state, Request(method="GET", path=f"/api/v4/{path}", query=given, headers=TOKEN))


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


def test_commits_by_range_path_and_all_refs():
    state = gitlab()

    def shas(**query: str) -> list[str]:
        return [one["id"] for one in read(state, "projects/1/repository/commits", **query).body]

    assert shas() == ["d", "b", "a"]
    assert shas(all="true") == ["d", "c", "b", "a"]
    assert shas(ref_name="main..topic") == ["c"]
    assert shas(ref_name="topic..main") == ["d", "b"]
    assert shas(path="src") == ["b", "a"]
    assert "X-Total" not in read(state, "projects/1/repository/commits").headers


def test_totals_are_left_out_above_the_bound():
    request, rows = Request(method="GET", path="/x", query={"per_page": ["2"]}), [{"id": n} for n in range(5)]
    assert paged(rows, request, counted=5).headers["X-Total"] == "5"
    headers = paged(rows, request, counted=4).headers
    assert "X-Total" not in headers
    assert "last" not in headers["Link"]
    assert 'rel="next"' in headers["Link"]


def test_child_pipelines_and_retried_jobs_are_shown_only_where_asked_for():
    state = gitlab()
    for id_, source in ((1, "push"), (2, "parent_pipeline")):
        state.pipelines[1][id_] = {"id": id_, "source": source}
    state.jobs[1] = [
        {"id": 1, "name": "test"},
        {"id": 2, "name": "test"},
        {"id": 3, "name": "t", "downstream_pipeline": {"id": 2}},
    ]
    assert [one["id"] for one in read(state, "projects/1/pipelines").body] == [1]
    assert [one["id"] for one in read(state, "projects/1/pipelines", source="parent_pipeline").body] == [2]
    assert [one["id"] for one in read(state, "projects/1/pipelines/1/jobs").body] == [2]
    assert [one["id"] for one in read(state, "projects/1/pipelines/1/jobs", include_retried="true").body] == [
        2,
        1,
    ]
    assert [one["id"] for one in read(state, "projects/1/pipelines/1/bridges").body] == [3]


def test_a_forbidden_project_is_403_a_hidden_one_404_and_a_small_scope_is_named():
    state = gitlab()
    for mark, status in (("_forbidden", 403), ("_hidden", 404)):
        state.projects[1] |= {mark: True}
        assert read(state, "projects/1").status == status
        assert read(state, "projects").body == []
    answer = answer_gitlab(state, Request(method="POST", path="/api/v4/projects/1/x", headers=TOKEN))
    assert (answer.status, answer.body["error"]) == (403, "insufficient_scope")


def test_faults_answer_limit_log_in_page_and_delay():
    sandbox = Sandbox(jira=jira(), gitlab=gitlab())
    sandbox.faults += [
        Fault(pattern="GET .*/user$", status=429, headers={"Retry-After": "3"}, body="Retry later"),
        Fault(pattern="GET .*/user$", kind="html"),
        Fault(pattern="GET .*/user$", kind="hang", delay_s=0.3),
    ]
    with SandboxServer(sandbox) as server, requests.Session() as session:
        url = f"{server.gitlab_url}/api/v4/user"
        limited = session.get(url, headers=TOKEN, timeout=5)
        assert (limited.status_code, limited.headers["Retry-After"], limited.text) == (
            429,
            "3",
            "Retry later",
        )
        page = session.get(url, headers=TOKEN, timeout=5)
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html;charset=UTF-8")
        with pytest.raises(requests.ReadTimeout):
            session.get(url, headers=TOKEN, timeout=0.1)
        assert session.get(url, headers=TOKEN, timeout=5).json()["username"] == "x"


def test_a_replay_tells_the_product_by_its_people_and_derives_what_is_missing(tmp_path):
    (tmp_path / "jira").mkdir()
    (tmp_path / "gitlab").mkdir()
    issue = '{"id": "1", "key": "A-1", "fields": {"reporter": {"name": "x", "key": "x"}}}'
    (tmp_path / "jira" / "issues.jsonl").write_text(issue)
    (tmp_path / "gitlab" / "projects.jsonl").write_text(
        '{"gitlab_id": "5", "star_count": "3", "path_with_namespace": "g/5"}'
    )
    request = '{"id": 9, "iid": 1, "project_id": 5, "created_at": "2026-01-01T00:00:00Z", "merged_at": "2026-01-02T00:00:00Z"}'
    (tmp_path / "gitlab" / "merge_requests.jsonl").write_text(request)
    sandbox = sandbox_of(tmp_path, clock=lambda: NOW)
    assert sandbox.jira.flavour == "datacenter"
    assert sandbox_of(tmp_path, clock=lambda: NOW, flavour="cloud").jira.flavour == "cloud"
    assert sandbox.gitlab.projects[5]["star_count"] == 3
    assert sandbox.gitlab.merge_requests[5][1]["updated_at"] == "2026-01-02T00:00:00Z"
