"""Milestones, releases and issues."""

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
from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.state import GitlabState, Payload


def project_milestones(state: GitlabState, request: Request) -> Response:
    """A project's milestones, with its groups' where asked for."""
    project = project_of(state, request)
    rows = list(state.project_milestones[project["id"]].values())
    if request.flag("include_ancestors"):
        rows += _of_ancestors(state, str(project["path_with_namespace"]))
    return _milestones(rows, request)


def group_milestones(state: GitlabState, request: Request) -> Response:
    """A group's milestones, with its ancestors' where asked for."""
    group = group_of(state, request)
    rows = list(state.group_milestones[group["id"]].values())
    if request.flag("include_ancestors"):
        rows += _of_ancestors(state, str(group["full_path"]))
    return _milestones(rows, request)


def _of_ancestors(state: GitlabState, path: str) -> list[Payload]:
    above = [one for one in state.groups.values() if path.startswith(f"{one['full_path']}/")]
    return [row for group in above for row in state.group_milestones[group["id"]].values()]


def _milestones(rows: list[Payload], request: Request) -> Response:
    rows = within(equal(iids(rows, request), request, "state", "title"), request, "updated")
    return paged(sorted(rows, key=lambda one: (one.get("due_date") or "9999", one["id"])), request)


def releases(state: GitlabState, request: Request) -> Response:
    """A project's releases, newest first."""
    rows = within(state.releases[project_of(state, request)["id"]].values(), request, "updated")
    return paged(ordered(rows, request, "released_at"), request)


def issues(state: GitlabState, request: Request) -> Response:
    """A project's issues."""
    return _issues(list(state.issues[project_of(state, request)["id"]].values()), request)


def group_issues(state: GitlabState, request: Request) -> Response:
    """The issues of all visible projects below a group."""
    projects = projects_in(state, group_of(state, request))
    return _issues([one for project in projects for one in state.issues[project["id"]].values()], request)


def _issues(rows: list[Payload], request: Request) -> Response:
    rows = within(iids(rows, request), request, "updated", "created")
    if (wanted := request.text("state")) and wanted != "all":
        rows = [one for one in rows if one["state"] == wanted]
    if title := request.text("milestone"):
        rows = [one for one in rows if (one.get("milestone") or {}).get("title") == title]
    labels = set(request.words("labels"))
    return paged(
        ordered([one for one in rows if labels <= set(one.get("labels") or ())], request, "created_at"),
        request,
    )


ROUTES: tuple[Route[GitlabState], ...] = (
    Route("GET", "projects/{project}/milestones", project_milestones),
    Route("GET", "groups/{group}/milestones", group_milestones),
    Route("GET", "projects/{project}/releases", releases),
    Route("GET", "projects/{project}/issues", issues),
    Route("GET", "groups/{group}/issues", group_issues),
)
