"""Execution: a query parsed, checked, counted and resolved over the state."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, execute_sync, get_named_type, parse, validate

from connectors.sandbox.gitlab_graphql.points import LARGEST_PAGE, Asked
from connectors.sandbox.gitlab_graphql.schema import SCHEMA
from connectors.sandbox.gitlab_graphql.views import project_view
from connectors.sandbox.state import GitlabState, Payload


def executed(state: GitlabState, query: str, variables: Mapping[str, Any]) -> Payload:
    """The body of the answer: ``data``, ``errors``, or both. A query above ``state.graphql_points`` is refused unanswered."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return {"errors": [error.formatted]}
    if errors := validate(SCHEMA, document):
        return {"errors": [error.formatted for error in errors]}
    score, limit = Asked(document=document, variables=variables).points, state.graphql_points
    if score > limit:
        said = f"Query has complexity of {score}, which exceeds max complexity of {limit}"
        return {"errors": [{"message": said}]}
    root = {
        "project": lambda given: project_view(state, given["fullPath"]),
        "queryComplexity": {"score": score, "limit": limit},
    }
    result = execute_sync(
        SCHEMA, document, root_value=root, variable_values=dict(variables), field_resolver=_resolved
    )
    return dict(result.formatted)


def _resolved(source: Any, info: GraphQLResolveInfo[Any], /, **given: Any) -> Any:  # noqa: ANN401  # JSON of any shape
    """The value of a field of a view; rows as a page where the field is a connection."""
    value = source[info.field_name]
    value = value(given) if callable(value) else value
    is_connection = get_named_type(info.return_type).name.endswith("Connection")
    return _page(value, given) if is_connection and value is not None else value


def _page(rows: list[Any], given: Mapping[str, Any]) -> Payload:
    """One page of at most 100 rows behind ``after`` or before ``before``, by the rows' places."""
    begin = int(b64decode(given["after"])) + 1 if given.get("after") else 0
    end = int(b64decode(given["before"])) if given.get("before") else len(rows)
    size = min(given.get("first") or given.get("last") or LARGEST_PAGE, LARGEST_PAGE)
    if given.get("last"):
        begin = max(begin, end - size)
    end = min(end, begin + size)
    return {
        "nodes": rows[begin:end],
        "pageInfo": {
            "hasNextPage": end < len(rows),
            "hasPreviousPage": begin > 0,
            "startCursor": _cursor(begin) if begin < end else None,
            "endCursor": _cursor(end - 1) if begin < end else None,
        },
    }


def _cursor(place: int) -> str:
    return b64encode(str(place).encode()).decode()
