"""The GraphQL endpoint of the sandbox's GitLab: whatever is asked is executed against the state, as far as the schema goes."""

from __future__ import annotations

from importlib.util import find_spec

from connectors.sandbox.http import ReplyError, Request, Response
from connectors.sandbox.state import GitlabState

PATH = "/api/graphql"
_LARGEST = 10_000
"""Characters of the longest query (docs.gitlab.com/api/graphql)."""


def answer_graphql(state: GitlabState, request: Request) -> Response:
    """The answer to one query; 404 where the state has no such endpoint, or the development dependency graphql-core is not here."""
    if not state.has_graphql or find_spec("graphql") is None or request.method != "POST":
        raise ReplyError(404, {"errors": [{"message": "Not found!"}]})
    if len(request.text("query")) > _LARGEST:
        raise ReplyError(422, {"errors": [{"message": "Query too large"}]})
    # the library takes long to load, and only what is asked by GraphQL needs it
    from connectors.sandbox.gitlab_graphql.execution import executed  # noqa: PLC0415

    given = request.body.get("variables") if isinstance(request.body, dict) else None
    return Response(body=executed(state, request.text("query"), given or {}))
