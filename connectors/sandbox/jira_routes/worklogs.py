"""Worklogs: of one issue, the feeds of changed and deleted ones, and by ids."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.jira_routes.common import (
    may,
    millis,
    page,
    project_key,
    refused,
    shown,
    visible_issue,
)
from connectors.sandbox.state import JiraState, Payload

_PAGE = 1000
_WITHHELD_MS = 60_000


def of_issue(state: JiraState, request: Request) -> Response:
    """One issue's worklogs."""
    issue = visible_issue(state, request.args["issue"])
    rows = [_shown(one, request) for one in state.worklogs[issue["id"]]]
    return Response(body=page(rows, request, name="worklogs", default=5000, most=5000))


def _shown(worklog: Payload, request: Request) -> Payload:
    return {**worklog, "comment": shown(worklog["comment"], request)} if "comment" in worklog else worklog


def _all(state: JiraState) -> Iterator[tuple[str, Payload]]:
    for issue_id, rows in state.worklogs.items():
        issue = state.issues.get(issue_id)
        if issue and may(state, project_key(issue), "BROWSE_PROJECTS"):
            yield from ((issue_id, one) for one in rows)


def updated(state: JiraState, request: Request) -> Response:
    """Ids of changed worklogs since a time, oldest first, the last minute withheld."""
    rows = [
        {"worklogId": int(one["id"]), "updatedTime": millis(one["updated"]), "properties": []}
        for _, one in _all(state)
    ]
    return _feed(state, request, rows)


def deleted(state: JiraState, request: Request) -> Response:
    """Ids of deleted worklogs since a time."""
    return _feed(state, request, [{"properties": [], **one} for one in state.deleted_worklogs])


def _feed(state: JiraState, request: Request, rows: list[Payload]) -> Response:
    since = request.number("since", 0)
    newest = round(state.clock().timestamp() * 1000) - _WITHHELD_MS
    fit = sorted(
        (one for one in rows if since <= one["updatedTime"] <= newest), key=lambda one: one["updatedTime"]
    )
    values = fit[:_PAGE]
    until = values[-1]["updatedTime"] if values else since
    body: Payload = {"values": values, "since": since, "until": until, "lastPage": len(fit) <= _PAGE}
    body["self"] = f"{request.base}{request.path}?since={since}"
    if not body["lastPage"]:
        body["nextPage"] = f"{request.base}{request.path}?since={until}"
    return Response(body=body)


def by_ids(state: JiraState, request: Request) -> Response:
    """The worklogs with these ids, at most 1000; those not visible are left out."""
    ids = set(request.words("ids"))
    if not ids or len(ids) > _PAGE:
        raise refused(400, "Between 1 and 1000 ids are allowed.")
    return Response(
        body=[
            _shown({"issueId": issue_id, **one}, request) for issue_id, one in _all(state) if one["id"] in ids
        ]
    )


ROUTES: tuple[Route[JiraState], ...] = (
    Route("GET", "issue/{issue}/worklog", of_issue),
    Route("GET", "worklog/updated", updated),
    Route("GET", "worklog/deleted", deleted),
    Route("POST", "worklog/list", by_ids),
)
