"""Merge requests and what hangs on them."""

from __future__ import annotations

from connectors.sandbox.gitlab_routes.common import (
    equal,
    group_of,
    iids,
    ordered,
    paged,
    project_of,
    projects_in,
    within,
)
from connectors.sandbox.gitlab_routes.graph import newest_first, reachable
from connectors.sandbox.http import ReplyError, Request, Response, Route
from connectors.sandbox.state import GitlabState, Payload


def of_project(state: GitlabState, request: Request) -> Response:
    """A project's merge requests."""
    return _listed(list(state.merge_requests[project_of(state, request)["id"]].values()), request)


def of_group(state: GitlabState, request: Request) -> Response:
    """The merge requests of all visible projects below a group."""
    projects = projects_in(state, group_of(state, request))
    return _listed(
        [one for project in projects for one in state.merge_requests[project["id"]].values()], request
    )


def _listed(rows: list[Payload], request: Request) -> Response:
    rows = within(iids(rows, request), request, "updated", "created", "merged", "closed")
    rows = equal(rows, request, "source_branch", "target_branch")
    if (wanted := request.text("state")) and wanted != "all":
        rows = [one for one in rows if one["state"] == wanted]
    if title := request.text("milestone"):
        rows = [one for one in rows if (one.get("milestone") or {}).get("title") == title]
    return paged(ordered(rows, request, "created_at"), request)


def _found(state: GitlabState, request: Request) -> tuple[int, Payload]:
    id_, iid = int(project_of(state, request)["id"]), request.args["iid"]
    row = state.merge_requests[id_].get(int(iid)) if iid.isdecimal() else None
    if row is None:
        raise ReplyError(404, {"message": "404 Not found"})
    return id_, row


def one(state: GitlabState, request: Request) -> Response:
    """One merge request."""
    return Response(body=_found(state, request)[1])


def commits(state: GitlabState, request: Request) -> Response:
    """The commits that the merge request carries, newest first: as kept, else by the graph."""
    return paged(commits_in(state, *_found(state, request)), request, is_counted=False)


def commits_in(state: GitlabState, id_: int, row: Payload) -> list[Payload]:
    """The commits of a merge request of the project ``id_``, as above."""
    kept = state.merge_request_commits.get((id_, row["iid"]))
    return _carried(state, id_, row) if kept is None else kept


def _carried(state: GitlabState, id_: int, row: Payload) -> list[Payload]:
    """Reachable from the head and not from where it went: the merge commit's first parent, else the target's tip."""
    head, landed = row.get("sha"), state.commits[id_].get(row.get("merge_commit_sha") or "")
    base = landed["parent_ids"][0] if landed and landed["parent_ids"] else None
    target = state.branches[id_].get(row["target_branch"], {}).get("commit", {}).get("id")
    shas = reachable(state, id_, head) if head else set()
    return newest_first(state, id_, shas - reachable(state, id_, base or target or ""))


def approvals(state: GitlabState, request: Request) -> Response:
    """Who approved."""
    id_, row = _found(state, request)
    none = {"id": row["id"], "iid": row["iid"], "project_id": id_, "approved": False, "approved_by": []}
    return Response(body=state.approvals.get((id_, row["iid"]), none))


def discussions(state: GitlabState, request: Request) -> Response:
    """The discussions of a merge request, with their notes, oldest first; those on its commits are not among them, unlike in its notes."""
    id_, row = _found(state, request)
    rows = state.discussions.get((id_, row["iid"]), [])
    return paged([one for one in rows if one["notes"][0].get("noteable_type") != "Commit"], request)


def notes(state: GitlabState, request: Request) -> Response:
    """The notes of a merge request, without their discussions."""
    id_, row = _found(state, request)
    said = [note for one in state.discussions.get((id_, row["iid"]), []) for note in one["notes"]]
    return paged(ordered(said, request, "created_at"), request)


def pipelines(state: GitlabState, request: Request) -> Response:
    """The pipelines of a merge request: of its ref or of its head."""
    id_, row = _found(state, request)
    ref = f"refs/merge-requests/{row['iid']}/"
    rows = [
        one
        for one in state.pipelines[id_].values()
        if str(one["ref"]).startswith(ref) or one["sha"] == row.get("sha")
    ]
    return paged(sorted(rows, key=lambda one: int(one["id"]), reverse=True), request)


def closes_issues(state: GitlabState, request: Request) -> Response:
    """No issue of GitLab is closed by a merge request here."""
    _found(state, request)
    return paged([], request)


_ONE = "projects/{project}/merge_requests/{iid}"
ROUTES: tuple[Route[GitlabState], ...] = (
    Route("GET", "projects/{project}/merge_requests", of_project),
    Route("GET", "groups/{group}/merge_requests", of_group),
    Route("GET", _ONE, one),
    Route("GET", f"{_ONE}/commits", commits),
    Route("GET", f"{_ONE}/approvals", approvals),
    Route("GET", f"{_ONE}/discussions", discussions),
    Route("GET", f"{_ONE}/notes", notes),
    Route("GET", f"{_ONE}/pipelines", pipelines),
    Route("GET", f"{_ONE}/closes_issues", closes_issues),
)
