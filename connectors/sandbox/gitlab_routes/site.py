"""Server, account, token and users."""

from __future__ import annotations

from connectors.sandbox.gitlab_routes.common import MISSING, paged
from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.state import GitlabState


def version(state: GitlabState, _request: Request) -> Response:
    """Version of the server."""
    return Response(
        body={
            "version": state.version,
            "revision": "0a1b2c3d4e5",
            "enterprise": True,
            "kas": {"enabled": False},
        }
    )


def user(state: GitlabState, _request: Request) -> Response:
    """The account of the token."""
    return Response(body=state.me)


def token(state: GitlabState, request: Request) -> Response:
    """The token that asks."""
    secret = request.headers.get("private-token") or request.headers.get("authorization", "").removeprefix(
        "Bearer "
    )
    return Response(body={"id": 1, "name": "sandbox", "revoked": False, "active": True, "user_id": state.me.get("id", 0),
                          "created_at": "2026-01-01T00:00:00.000Z", **state.tokens[secret]})  # fmt: skip


def users(state: GitlabState, request: Request) -> Response:
    """Users, all or by username."""
    wanted = request.text("username")
    return paged([one for one in state.users.values() if not wanted or one["username"] == wanted], request)


def one_user(state: GitlabState, request: Request) -> Response:
    """One user."""
    id_ = request.args["user"]
    if not id_.isdecimal() or int(id_) not in state.users:
        raise MISSING
    return Response(body=state.users[int(id_)])


ROUTES: tuple[Route[GitlabState], ...] = (
    Route("GET", "version", version),
    Route("GET", "metadata", version),
    Route("GET", "user", user),
    Route("GET", "personal_access_tokens/self", token),
    Route("GET", "users", users),
    Route("GET", "users/{user}", one_user),
)
