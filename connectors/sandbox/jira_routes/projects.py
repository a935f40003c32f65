"""Projects and their versions."""

from __future__ import annotations

from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.jira_routes.common import may, page, refused
from connectors.sandbox.state import JiraState, Payload


def visible_projects(state: JiraState) -> list[Payload]:
    """The projects that the account may browse."""
    return [project for key, project in state.projects.items() if may(state, key, "BROWSE_PROJECTS")]


def project_of(state: JiraState, name: str) -> Payload:
    """A project by key or id; 404 where there is none or the account may not see it."""
    for project in visible_projects(state):
        if name in {project["key"], str(project["id"])}:
            return project
    raise refused(404, f"No project could be found with key '{name}'.")


def all_projects(state: JiraState, _request: Request) -> Response:
    """All visible projects in one list."""
    return Response(body=visible_projects(state))


def search_projects(state: JiraState, request: Request) -> Response:
    """Visible projects in pages; ``keys`` and ``id`` narrow them."""
    keys, ids = request.words("keys"), request.words("id")
    found = [
        one for one in visible_projects(state)
        if (not keys or one["key"] in keys) and (not ids or str(one["id"]) in ids)
    ]  # fmt: skip
    return Response(body=page(found, request, name="values"))


def one_project(state: JiraState, request: Request) -> Response:
    """One project with its versions."""
    project = project_of(state, request.args["project"])
    return Response(body={**project, "versions": _versions_of(state, project)})


def versions(state: JiraState, request: Request) -> Response:
    """All versions of a project."""
    return Response(body=_versions_of(state, project_of(state, request.args["project"])))


def _versions_of(state: JiraState, project: Payload) -> list[Payload]:
    return [
        one for one in state.versions.values()
        if one.get("_project") == project["key"] or str(one.get("projectId")) == str(project["id"])
    ]  # fmt: skip


def version(state: JiraState, request: Request) -> Response:
    """One version by id."""
    if request.args["version"] not in state.versions:
        raise refused(404, f"Could not find version for id '{request.args['version']}'")
    return Response(body=state.versions[request.args["version"]])


ROUTES: tuple[Route[JiraState], ...] = (
    Route("GET", "project", all_projects),
    Route("GET", "project/{project}", one_project),
    Route("GET", "project/{project}/versions", versions),
    Route("GET", "version/{version}", version),
)
CLOUD: tuple[Route[JiraState], ...] = (Route("GET", "project/search", search_projects),)
