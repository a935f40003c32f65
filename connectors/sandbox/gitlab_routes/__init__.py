"""The sandbox's GitLab: one routing table, one file per resource."""

from __future__ import annotations

from msgspec.structs import replace

from connectors.sandbox.gitlab_graphql import PATH as GRAPHQL
from connectors.sandbox.gitlab_graphql import answer_graphql
from connectors.sandbox.gitlab_routes import (
    files,
    merge_requests,
    pipelines,
    planning,
    projects,
    repository,
    site,
)
from connectors.sandbox.http import ReplyError, Request, Response, Router
from connectors.sandbox.state import GitlabState

ROUTER = Router(
    (
        *site.ROUTES,
        *projects.ROUTES,
        *repository.ROUTES,
        *files.ROUTES,
        *merge_requests.ROUTES,
        *pipelines.ROUTES,
        *planning.ROUTES,
    )
)
_LIMITS = {
    "RateLimit-Limit": "2000",
    "RateLimit-Observed": "1",
    "RateLimit-Remaining": "1999",
    "RateLimit-Name": "throttle_authenticated_api",
}
_OF_THE_ACCOUNT = frozenset(
    {f"/api/v4/{name}" for name in ("version", "metadata", "user", "personal_access_tokens/self")}
)
"""What a token of the scope read_user may read."""


def answer_gitlab(state: GitlabState, request: Request) -> Response:
    """The answer of the GitLab to one request, with its rate-limit headers."""
    limits = {**_LIMITS, "RateLimit-Reset": str(int(state.clock().timestamp()) + 60)}
    try:
        response = _answer(state, request)
    except ReplyError as error:
        response = error.response
    return replace(response, headers={**limits, **response.headers})


def _answer(state: GitlabState, request: Request) -> Response:
    _admit(state, request)
    if request.path == GRAPHQL:
        return answer_graphql(state, request)
    found = ROUTER.find(request.method, request.path.removeprefix("/api/v4/"))
    if found is None or not request.path.startswith("/api/v4/"):
        raise ReplyError(404, {"error": "404 Not Found"})
    route, args = found
    return route.answer(state, replace(request, args=args))


def _admit(state: GitlabState, request: Request) -> None:
    token = request.headers.get("private-token") or request.headers.get("authorization", "").removeprefix(
        "Bearer "
    )
    if token not in state.tokens:
        raise ReplyError(401, {"message": "401 Unauthorized"})
    scopes = set(state.tokens[token]["scopes"])
    needed = {"api", "read_api"} if request.method == "GET" or request.path == GRAPHQL else {"api"}
    if not needed & scopes and not ("read_user" in scopes and request.path in _OF_THE_ACCOUNT):
        raise ReplyError(403, {"error": "insufficient_scope", "scope": " ".join(sorted(needed)),
                               "error_description": "The request requires higher privileges than provided by the access token."})  # fmt: skip
