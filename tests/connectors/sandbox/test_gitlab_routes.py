"""GitLab's pages, filters and refusals are the vendor's; faults and replays do what they say."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

from connectors.sandbox.gitlab_routes import answer_gitlab
from connectors.sandbox.gitlab_routes.common import paged
from connectors.sandbox.http import Request
from connectors.sandbox.replay import sandbox_of
from connectors.sandbox.state import GitlabState

NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
TOKEN = {"private-token": "sandbox-gitlab-token"}


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


def test_the_tree_of_a_folder_is_listed_flat_or_deep_and_its_blobs_are_served():
    state = gitlab()
    state.files[1] = {"src/a.py": b"one", "src/deep/b.py": b"two", "README.md": b"three"}

    def paths(**query: str) -> list[tuple[str, str]]:
        rows = read(state, "projects/1/repository/tree", **query).body
        return [(row["type"], row["path"]) for row in rows]

    assert paths() == [("tree", "src"), ("blob", "README.md")]
    assert paths(path="src", ref="d") == [("tree", "src/deep"), ("blob", "src/a.py")]
    assert paths(path="src", recursive="true")[1:] == [("blob", "src/deep/b.py"), ("blob", "src/a.py")]
    (row,) = (r for r in read(state, "projects/1/repository/tree").body if r["type"] == "blob")
    blob = read(state, f"projects/1/repository/blobs/{row['id']}").body
    assert (blob["size"], base64.b64decode(blob["content"]), blob["sha"]) == (5, b"three", row["id"])


def test_a_tree_is_walked_by_token_to_its_end():
    state = gitlab()
    state.files[1] = {f"{n}.py": b"%d" % n for n in range(5)}
    query, found = {"pagination": "keyset", "per_page": "2"}, []
    while query:
        answer = read(state, "projects/1/repository/tree", **query)
        found += [row["path"] for row in answer.body]
        following = re.search(r"page_token=(\w+)", answer.headers.get("Link", ""))
        query = {**query, "page_token": following[1]} if following else {}
    assert found == [f"{n}.py" for n in range(5)]


def test_what_is_not_in_the_tree_is_not_found():
    state = gitlab()
    state.files[1] = {"src/a.py": b"one"}
    for path, query in (("tree", {"path": "other"}), ("tree", {"ref": "gone"}), ("blobs/00", {})):
        assert read(state, f"projects/1/repository/{path}", **query).status == 404


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


def test_a_member_is_found_in_the_group_or_above_it_and_nobody_else_is():
    state = gitlab()
    state.groups = {
        1: {"id": 1, "full_path": "g"},
        2: {"id": 2, "full_path": "g/h"},
        3: {"id": 3, "full_path": "go"},
    }
    state.members[1] = {7: {"id": 7, "access_level": 20}}
    state.members[2] = {7: {"id": 7, "access_level": 40}, 8: {"id": 8, "access_level": 30}}
    asked = ("1", "7"), ("g%2Fh", "7"), ("2", "8"), ("1", "8"), ("go", "7"), ("1", "x")
    answers = [read(state, f"groups/{group}/members/all/{user}") for group, user in asked]
    assert [one.body.get("access_level") for one in answers] == [20, 40, 30, None, None, None]
    assert [one.status for one in answers[3:]] == [404, 404, 404]


def test_one_branch_is_read_by_its_quoted_name():
    state = gitlab()
    state.branches[1]["feature/A-1 x"] = {"name": "feature/A-1 x", "commit": {"id": "c"}}
    assert read(state, "projects/1/repository/branches/feature%2FA-1%20x").body["commit"]["id"] == "c"
    assert read(state, "projects/1/repository/branches/feature").status == 404


def test_a_token_says_its_scopes_and_when_it_ends():
    state = gitlab()
    state.tokens["sandbox-gitlab-token"]["expires_at"] = "2026-03-09"
    body = read(state, "personal_access_tokens/self").body
    assert (body["scopes"], body["expires_at"], body["active"]) == (["read_api"], "2026-03-09", True)


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
