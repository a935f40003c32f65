"""The sandbox's Jira: one routing table per product flavour, one file per resource."""

from __future__ import annotations

import base64

from msgspec.structs import replace

from connectors.sandbox.http import ReplyError, Request, Response, Router
from connectors.sandbox.jira_routes import (
    agile,
    changelogs,
    comments,
    issues,
    projects,
    properties,
    search,
    site,
    worklogs,
)
from connectors.sandbox.state import JiraState

_BOTH = (
    *site.ROUTES, *projects.ROUTES, *search.ROUTES, *issues.ROUTES, *worklogs.ROUTES, *comments.ROUTES,
    *properties.ROUTES, *agile.ROUTES,
)  # fmt: skip
ROUTERS = {
    "datacenter": Router(_BOTH),
    "cloud": Router(
        (
            *search.CLOUD,
            *issues.CLOUD,
            *changelogs.CLOUD,
            *comments.CLOUD,
            *site.CLOUD,
            *projects.CLOUD,
            *_BOTH,
        )
    ),
}
_ROOTS = {
    "cloud": ("/rest/api/2/", "/rest/api/3/", "/rest/agile/1.0/"),
    "datacenter": ("/rest/api/2/", "/rest/agile/1.0/"),
}


def answer_jira(state: JiraState, request: Request) -> Response:
    """The answer of the Jira to one request; raises ReplyError for refusals."""
    path = request.path.replace("/rest/api/latest/", "/rest/api/2/", 1)
    root = next((root for root in _ROOTS[state.flavour] if path.startswith(root)), None)
    rest = path.removeprefix(root or "")
    if (
        root is None
        or (found := ROUTERS[state.flavour].find(request.method, _table_path(root, rest))) is None
    ):
        raise ReplyError(404, {"message": f"null for uri: {request.base}{request.path}", "status-code": 404})
    _admit(state, request, is_open=rest == "serverInfo")
    route, args = found
    return route.answer(state, replace(request, path=path, args=args))


def _table_path(root: str, rest: str) -> str:
    return f"agile:{rest}" if "agile" in root else rest


def _admit(state: JiraState, request: Request, *, is_open: bool) -> None:
    """Refuses a wrong token everywhere, and no token where the endpoint is not open to everybody."""
    given = request.headers.get("authorization", "")
    if (is_open and not given) or _token(given) in state.tokens:
        return
    raise ReplyError(
        401,
        {"message": "Client must be authenticated to access this resource.", "status-code": 401},
        {"WWW-Authenticate": 'OAuth realm="sandbox"', "X-Seraph-LoginReason": "AUTHENTICATED_FAILED"},
    )


def _token(given: str) -> str:
    kind, _, secret = given.partition(" ")
    if kind == "Bearer":
        return secret
    if kind != "Basic":
        return ""
    try:
        return base64.b64decode(secret).decode().partition(":")[2]
    except ValueError:
        return ""
