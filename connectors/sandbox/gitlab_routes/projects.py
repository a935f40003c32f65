"""Groups and projects."""

from __future__ import annotations

from connectors.sandbox.gitlab_routes.common import (
    MISSING,
    group_of,
    keyset,
    ordered,
    paged,
    project_of,
    projects_in,
    within,
)
from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.state import GitlabState, Payload


def group(state: GitlabState, request: Request) -> Response:
    """One group."""
    return Response(body=group_of(state, request))


def member(state: GitlabState, request: Request) -> Response:
    """A member of the group or of one above it, the nearest membership first; 404 for anybody else."""
    path, id_ = str(group_of(state, request)["full_path"]), request.args["user"]
    above = [one for one in state.groups.values() if f"{path}/".startswith(f"{one['full_path']}/")]
    for one in sorted(above, key=lambda held: -len(held["full_path"])):
        if id_.isdecimal() and (found := state.members[one["id"]].get(int(id_))):
            return Response(body=found)
    raise MISSING


def _listed(rows: list[Payload], request: Request) -> Response:
    rows = within(rows, request, "last_activity", "updated")
    if request.text("pagination") == "keyset" or request.text("id_after"):
        is_descending = request.text("sort", "desc") == "desc" and not request.text("id_after")
        return keyset(
            rows, request, is_descending=is_descending, parameter="id_before" if is_descending else "id_after"
        )
    return paged(ordered(rows, request, "created_at"), request)


def group_projects(state: GitlabState, request: Request) -> Response:
    """The projects of a group, with its subgroups' where asked for."""
    return _listed(
        projects_in(state, group_of(state, request), is_deep=request.flag("include_subgroups")), request
    )


def projects(state: GitlabState, request: Request) -> Response:
    """All visible projects."""
    return _listed(
        [one for one in state.projects.values() if not one.get("_forbidden") and not one.get("_hidden")],
        request,
    )


def project(state: GitlabState, request: Request) -> Response:
    """One project."""
    return Response(body=project_of(state, request))


ROUTES: tuple[Route[GitlabState], ...] = (
    Route("GET", "groups/{group}", group),
    Route("GET", "groups/{group}/projects", group_projects),
    Route("GET", "groups/{group}/members/all/{user}", member),
    Route("GET", "projects", projects),
    Route("GET", "projects/{project}", project),
)
