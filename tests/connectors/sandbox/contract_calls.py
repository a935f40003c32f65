"""Contract calls: everything that is asked of a sandbox whose answers are held against the vendors' documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from connectors.sandbox.gitlab_routes.files import blob_sha
from connectors.sandbox.state import GitlabState, JiraState


class Call(NamedTuple):
    """One request."""

    method: str
    path: str
    body: Any = None


def _get(path: str, **query: Any) -> Call:
    return Call("GET", path + (f"?{urlencode(query)}" if query else ""))


def jira_calls(state: JiraState) -> Iterator[Call]:
    """Every endpoint of the Jira, on both versions of the API where there are two."""
    versions = (2, 3) if state.flavour == "cloud" else (2,)
    for version in versions:
        yield from _platform(state, f"/rest/api/{version}")
    for board in state.boards:
        yield _get(f"/rest/agile/1.0/board/{board}/sprint", state="active,future,closed")
        yield _get(f"/rest/agile/1.0/board/{board}/configuration")
    yield _get("/rest/agile/1.0/board", projectKeyOrId="IMP")
    yield _get(f"/rest/agile/1.0/sprint/{next(iter(state.sprints))}")


def _platform(state: JiraState, api: str) -> Iterator[Call]:
    for name in ("serverInfo", "myself", "field", "status", "issuetype", "priority", "resolution", "project", "project/IMP",
                 "project/IMP/versions", f"version/{next(iter(state.versions))}"):  # fmt: skip
        yield _get(f"{api}/{name}")
    me = state.me.get("accountId") or state.me["name"]
    yield _get(f"{api}/user", **({"accountId": me} if state.flavour == "cloud" else {"username": me}))
    yield _get(f"{api}/mypermissions", projectKey="IMP", permissions="BROWSE_PROJECTS,ADD_COMMENTS")
    yield from (_cloud if state.flavour == "cloud" else _data_center)(state, api)
    yield from _one_issue(state, f"{api}/issue/{_busiest(state)}", api)
    ids = [int(one["id"]) for rows in state.worklogs.values() for one in rows]
    for start in range(0, len(ids), 1000):
        yield Call("POST", f"{api}/worklog/list", {"ids": ids[start : start + 1000]})
    yield _get(f"{api}/worklog/updated", since=0)
    yield _get(f"{api}/worklog/deleted", since=0)


def _busiest(state: JiraState) -> str:
    return max(state.issues, key=lambda id_: len(state.histories[id_]) + 2 * len(state.worklogs[id_]))


def _cloud(state: JiraState, api: str) -> Iterator[Call]:
    ids = list(state.issues)
    for start in range(0, len(ids), 100):
        yield Call(
            "POST", f"{api}/issue/bulkfetch", {"issueIdsOrKeys": ids[start : start + 100], "fields": ["*all"]}
        )
    yield Call("POST", f"{api}/changelog/bulkfetch", {"issueIdsOrKeys": ids[:1000], "maxResults": 10_000})
    query = "project = IMP ORDER BY id ASC"
    yield _get(f"{api}/search/jql", jql=query, fields="*all", expand="changelog", maxResults=50)
    yield Call("POST", f"{api}/search/jql", {"jql": query, "maxResults": 5000})
    yield Call("POST", f"{api}/search/approximate-count", {"jql": query})
    yield _get(f"{api}/search", jql=query)
    yield _get(f"{api}/project/search")
    yield _get(f"{api}/user/bulk", accountId=next(iter(state.users)))
    yield _get(f"{api}/issue/{_busiest(state)}/changelog")


def _data_center(state: JiraState, api: str) -> Iterator[Call]:
    for start in range(0, len(state.issues), 100):
        yield _get(f"{api}/search", jql="project in (IMP, RISK) ORDER BY id ASC", startAt=start, maxResults=100, fields="*all",
                   expand="changelog")  # fmt: skip
    yield Call("POST", f"{api}/search", {"jql": "project = IMP", "fields": ["summary"], "maxResults": 5})


def _one_issue(state: JiraState, issue: str, api: str) -> Iterator[Call]:
    text: Any = "kept"
    if api.endswith("3"):
        text = {
            "type": "doc",
            "version": 1,
            "content": [{"type": "paragraph", "content": [{"type": "text", "text": "kept"}]}],
        }
    yield _get(issue, expand="changelog")
    yield _get(f"{issue}/worklog")
    yield Call("PUT", f"{issue}/properties/tandem.status", {"health": "done"})
    yield _get(f"{issue}/properties")
    yield _get(f"{issue}/properties/tandem.status")
    yield Call("DELETE", f"{issue}/properties/tandem.status")
    comment = str(1 + max((int(x["id"]) for some in state.comments.values() for x in some), default=10_000))
    yield Call(
        "POST",
        f"{issue}/comment",
        {"body": text, "properties": [{"key": "tandem.marker", "value": {"slot": "x"}}]},
    )
    yield _get(f"{issue}/comment", expand="properties", orderBy="created")
    yield _get(f"{issue}/comment/{comment}", expand="properties")
    yield Call("PUT", f"{issue}/comment/{comment}", {"body": text})
    if state.flavour == "cloud":
        yield Call("POST", f"{api}/comment/list?expand=properties", {"ids": [int(comment)]})
    yield _get(f"{api}/comment/{comment}/properties")
    yield Call("PUT", f"{api}/comment/{comment}/properties/other", 1)
    yield _get(f"{api}/comment/{comment}/properties/other")
    yield Call("DELETE", f"{api}/comment/{comment}/properties/other")
    yield Call(
        "POST", f"{issue}/remotelink", {"globalId": api, "object": {"url": "https://a.example", "title": "t"}}
    )
    yield _get(f"{issue}/remotelink")
    yield _get(issue)
    yield Call("DELETE", f"{issue}/comment/{comment}")


def gitlab_calls(state: GitlabState) -> Iterator[Call]:
    """Every endpoint of the GitLab; long listings of all projects to the end."""
    for name in (
        "version",
        "metadata",
        "user",
        "personal_access_tokens/self",
        "users",
        f"users/{state.me['id']}",
        "projects",
    ):
        yield _get(f"/api/v4/{name}")
    for group in state.groups.values():
        root = f"/api/v4/groups/{quote(group['full_path'], safe='')}"
        yield _get(root)
        yield _get(f"{root}/members/all/{state.me['id']}")
        for name in ("projects", "merge_requests", "milestones", "issues"):
            yield _get(f"{root}/{name}", per_page=100, include_subgroups="true", state="all")
    for id_ in state.projects:
        yield from _project(state, id_)


def _project(state: GitlabState, id_: int) -> Iterator[Call]:
    root = f"/api/v4/projects/{id_}"
    branch = next(iter(state.branches[id_]))
    sha = state.branches[id_][branch]["commit"]["id"]
    yield _get(root)
    yield from (_get(f"{root}/{name}", per_page=100) for name in (
        "repository/branches", "repository/tags", "deployments", "environments", "milestones", "releases", "issues", "jobs"))  # fmt: skip
    yield _get(f"{root}/repository/branches/{quote(branch, safe='')}")
    for start in range(0, len(state.commits[id_]), 100):
        yield _get(
            f"{root}/repository/commits", all="true", trailers="true", per_page=100, page=start // 100 + 1
        )
    yield _get(f"{root}/repository/commits/{sha}")
    yield from _files(root, state.files[id_], ref=sha)
    yield Call("GET", f"{root}/repository/merge_base?refs[]={branch}&refs[]={sha}")
    yield Call("GET", f"{root}/repository/compare?from={sha}&to={branch}")
    for start in range(0, len(state.pipelines[id_]), 100):
        yield _get(f"{root}/pipelines", per_page=100, page=start // 100 + 1)
    for start in range(0, len(state.merge_requests[id_]), 100):
        yield _get(f"{root}/merge_requests", per_page=100, page=start // 100 + 1, state="all")
    busy = next(number for number in state.pipelines[id_] if state.jobs.get(number))
    for name in ("", "/jobs", "/bridges"):
        yield _get(f"{root}/pipelines/{busy}{name}")
    for iid in list(state.merge_requests[id_])[:3]:
        for name in ("", "/commits", "/approvals", "/discussions", "/notes", "/pipelines", "/closes_issues"):
            yield _get(f"{root}/merge_requests/{iid}{name}")


def _files(root: str, files: dict[str, bytes], *, ref: str) -> Iterator[Call]:
    for query in ({}, {"recursive": "true", "pagination": "keyset", "per_page": 100, "ref": ref}):
        yield _get(f"{root}/repository/tree", **query)
    for content in files.values():
        yield _get(f"{root}/repository/blobs/{blob_sha(content)}")
