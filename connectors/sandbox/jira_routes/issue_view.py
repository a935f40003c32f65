"""How one issue is shown: selected fields, changelog, properties."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.sandbox.http import Request
from connectors.sandbox.jira_routes.common import page, shown
from connectors.sandbox.state import JiraState, Payload

RICH = ("description", "environment")


def issue_view(state: JiraState, issue: Payload, request: Request, fields: Sequence[str]) -> Payload:
    """The issue with these fields; ``*all`` and ``*navigable`` are all, a leading ``-`` takes one away."""
    view: Payload = {
        "expand": "operations,changelog,renderedFields",
        "id": issue["id"],
        "self": f"{request.base}/rest/api/2/issue/{issue['id']}",
        "key": issue["key"],
    }
    if set(fields) - {"id", "key"}:
        view["fields"] = _fields(state, issue, request, set(fields))
    asked = request.words("properties")[:5]
    if asked:
        held = state.properties[issue["id"]]
        view["properties"] = {key: held[key] for key in held if key in asked or "*all" in asked}
    return view


def _fields(state: JiraState, issue: Payload, request: Request, asked: set[str]) -> Payload:
    all_ = {**issue["fields"], **_parts(state, issue, request, asked)}
    if not asked & {"*all", "*navigable"} and any(not name.startswith("-") for name in asked):
        all_ = {name: value for name, value in all_.items() if name in asked}
    kept = {name: value for name, value in all_.items() if f"-{name}" not in asked}
    return {name: shown(value, request) if name in RICH else value for name, value in kept.items()}


def _parts(state: JiraState, issue: Payload, request: Request, asked: set[str]) -> Payload:
    """Comments and worklogs, which the state keeps beside the issue."""
    parts: Payload = {}
    if asked & {"*all", "comment"}:
        rows = [{**one, "body": shown(one.get("body", ""), request)} for one in state.comments[issue["id"]]]
        parts["comment"] = page(rows, Request(method="GET", path=""), name="comments")
    if asked & {"*all", "worklog"}:
        rows = state.worklogs[issue["id"]]
        parts["worklog"] = page(rows, Request(method="GET", path=""), name="worklogs", default=20)
    return parts


def changelog_view(state: JiraState, issue: Payload, most: int | None) -> Payload:
    """The embedded changelog: all, oldest first; or the newest ``most``, newest first."""
    rows = state.histories[issue["id"]]
    kept = rows if most is None else rows[::-1][:most]
    return {"startAt": 0, "maxResults": len(kept), "total": len(rows), "histories": kept}
