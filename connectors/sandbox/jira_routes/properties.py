"""Entity properties of issues and comments."""

from __future__ import annotations

import json
from typing import Any

from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.jira_routes.comments import every
from connectors.sandbox.jira_routes.common import demand, refused, visible_issue
from connectors.sandbox.state import JiraState, Payload


def _keys(held: dict[str, Any], request: Request) -> Response:
    return Response(
        body={"keys": [{"self": f"{request.base}{request.path}/{key}", "key": key} for key in held]}
    )


def _value(held: dict[str, Any], request: Request) -> Response:
    key = request.args["key"]
    if key not in held:
        raise refused(404, f"The property with key '{key}' does not exist.")
    return Response(body={"key": key, "value": held[key]})


def _check(request: Request) -> None:
    if len(request.args["key"]) > 255 or len(json.dumps(request.body)) > 32_768 or request.body is None:
        raise refused(400, "The property key or value is too long, or there is no value.")


def issue_keys(state: JiraState, request: Request) -> Response:
    """The keys of an issue's properties."""
    return _keys(state.properties[visible_issue(state, request.args["issue"])["id"]], request)


def issue_property(state: JiraState, request: Request) -> Response:
    """One property of an issue."""
    return _value(state.properties[visible_issue(state, request.args["issue"])["id"]], request)


def set_issue_property(state: JiraState, request: Request) -> Response:
    """Set a property: 201 if it is new, else 200."""
    issue = visible_issue(state, request.args["issue"])
    demand(state, issue, "EDIT_ISSUES")
    _check(request)
    held = state.properties[issue["id"]]
    status = 200 if request.args["key"] in held else 201
    held[request.args["key"]] = request.body
    return Response(status=status, body={})


def drop_issue_property(state: JiraState, request: Request) -> Response:
    """The property is gone."""
    issue = visible_issue(state, request.args["issue"])
    demand(state, issue, "EDIT_ISSUES")
    _value(state.properties[issue["id"]], request)
    del state.properties[issue["id"]][request.args["key"]]
    return Response(status=204)


def _comment(state: JiraState, request: Request) -> tuple[Payload, Payload, dict[str, Any]]:
    for issue, comment in every(state):
        if comment["id"] == request.args["comment"]:
            return issue, comment, {one["key"]: one["value"] for one in comment.get("properties") or []}
    raise refused(404, f"Can not find a comment for the id: {request.args['comment']}.")


def comment_keys(state: JiraState, request: Request) -> Response:
    """The keys of a comment's properties."""
    return _keys(_comment(state, request)[2], request)


def comment_property(state: JiraState, request: Request) -> Response:
    """One property of a comment."""
    return _value(_comment(state, request)[2], request)


def set_comment_property(state: JiraState, request: Request) -> Response:
    """Set a comment's property."""
    issue, comment, held = _comment(state, request)
    demand(state, issue, "EDIT_OWN_COMMENTS")
    _check(request)
    status = 200 if request.args["key"] in held else 201
    held[request.args["key"]] = request.body
    comment["properties"] = [{"key": key, "value": value} for key, value in held.items()]
    return Response(status=status, body={})


def drop_comment_property(state: JiraState, request: Request) -> Response:
    """The property is gone."""
    issue, comment, held = _comment(state, request)
    demand(state, issue, "EDIT_OWN_COMMENTS")
    _value(held, request)
    del held[request.args["key"]]
    comment["properties"] = [{"key": key, "value": value} for key, value in held.items()]
    return Response(status=204)


ROUTES: tuple[Route[JiraState], ...] = (
    Route("GET", "issue/{issue}/properties", issue_keys),
    Route("GET", "issue/{issue}/properties/{key}", issue_property),
    Route("PUT", "issue/{issue}/properties/{key}", set_issue_property),
    Route("DELETE", "issue/{issue}/properties/{key}", drop_issue_property),
    Route("GET", "comment/{comment}/properties", comment_keys),
    Route("GET", "comment/{comment}/properties/{key}", comment_property),
    Route("PUT", "comment/{comment}/properties/{key}", set_comment_property),
    Route("DELETE", "comment/{comment}/properties/{key}", drop_comment_property),
)
