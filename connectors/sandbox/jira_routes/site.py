"""Who and what the Jira is: server, account, permissions, fields and the small lists."""

from __future__ import annotations

from collections.abc import Callable

from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.jira_routes.common import may, refused, stamp
from connectors.sandbox.state import JiraState, Payload


def server_info(state: JiraState, request: Request) -> Response:
    """Product, version and time."""
    is_cloud = state.flavour == "cloud"
    numbers = [1001, 0, 0] if is_cloud else [10, 3, 24]
    return Response(
        body={
            "baseUrl": request.base,
            "version": "1001.0.0-SNAPSHOT" if is_cloud else "10.3.24",
            "versionNumbers": numbers,
            "deploymentType": "Cloud" if is_cloud else "Server",
            "buildNumber": 100300 if is_cloud else 10030024,
            "serverTime": stamp(state.clock()),
            "serverTitle": "Sandbox Jira",
        }
    )


def myself(state: JiraState, _request: Request) -> Response:
    """The account of the token."""
    return Response(body={"timeZone": state.zone, "active": True, **state.me})


def my_permissions(state: JiraState, request: Request) -> Response:
    """Which of the asked permissions the account has."""
    key = request.text("projectKey") or _key_of_id(state, request.text("projectId"))
    if key and (key not in state.projects or not may(state, key, "BROWSE_PROJECTS")):
        raise refused(404, f"No project could be found with key '{key}'.")
    asked = request.words("permissions")
    if not asked and state.flavour == "cloud":
        raise refused(400, "The 'permissions' query parameter is required.")
    held = (
        set(state.permissions[key])
        if key
        else set().union(*(state.permissions[one] for one in state.projects))
    )
    return Response(
        body={"permissions": {name: _permission(name, name in held) for name in asked or sorted(held)}}
    )


def _permission(name: str, held: bool) -> Payload:  # noqa: FBT001  # one yes-or-no of a payload
    title = name.replace("_", " ").title()
    return {
        "id": "0",
        "key": name,
        "name": title,
        "type": "PROJECT",
        "description": title,
        "havePermission": held,
    }


def _key_of_id(state: JiraState, id_: str) -> str:
    if not id_:
        return ""
    return next((key for key, project in state.projects.items() if str(project["id"]) == id_), id_)


def _listed(name: str) -> Callable[[JiraState, Request], Response]:
    return lambda state, _request: Response(body=getattr(state, name))


def user(state: JiraState, request: Request) -> Response:
    """One account by accountId, name or key."""
    name = request.text("accountId") or request.text("username") or request.text("key")
    if name not in state.users:
        raise refused(404, "Specified user does not exist or you do not have required permissions")
    return Response(body=state.users[name])


def users_bulk(state: JiraState, request: Request) -> Response:
    """The accounts with these ids, unknown ones left out."""
    ids = [id_ for text in request.query.get("accountId", []) for id_ in [text]]
    found = [state.users[id_] for id_ in ids if id_ in state.users]
    return Response(
        body={"startAt": 0, "maxResults": 200, "total": len(found), "isLast": True, "values": found}
    )


ROUTES: tuple[Route[JiraState], ...] = (
    Route("GET", "serverInfo", server_info),
    Route("GET", "myself", myself),
    Route("GET", "mypermissions", my_permissions),
    Route("GET", "field", _listed("fields")),
    Route("GET", "status", _listed("statuses")),
    Route("GET", "issuetype", _listed("issue_types")),
    Route("GET", "priority", _listed("priorities")),
    Route("GET", "resolution", _listed("resolutions")),
    Route("GET", "user", user),
)
CLOUD: tuple[Route[JiraState], ...] = (Route("GET", "user/bulk", users_bulk),)
