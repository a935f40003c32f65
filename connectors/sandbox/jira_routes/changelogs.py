"""Changelogs on Cloud: of one issue, and in bulk."""

from __future__ import annotations

import base64

from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.jira_routes.common import may, millis, page, project_key, refused, visible_issue
from connectors.sandbox.state import JiraState, Payload


def one_changelog(state: JiraState, request: Request) -> Response:
    """One issue's histories, oldest first."""
    issue = visible_issue(state, request.args["issue"])
    return Response(body=page(state.histories[issue["id"]], request, name="values", default=100))


def bulk_changelogs(state: JiraState, request: Request) -> Response:
    """Histories of up to 1000 issues, oldest first; ``created`` is a number, and one issue may be split over pages."""
    names, fields = request.words("issueIdsOrKeys"), request.words("fieldIds")
    if not names or len(names) > 1000 or len(fields) > 10:
        raise refused(400, "Between 1 and 1000 issues and at most 10 fieldIds are allowed.")
    rows = _rows(state, set(names), set(fields))
    size = max(1, min(request.number("maxResults", 1000), 10_000))
    start = _offset(request.text("nextPageToken"))
    body: Payload = {"issueChangeLogs": _grouped(rows[start : start + size])}
    if start + size < len(rows):
        body["nextPageToken"] = base64.urlsafe_b64encode(f"log:{start + size}".encode()).decode()
    return Response(body=body)


def _offset(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("log:")) if token else 0
    except ValueError as error:
        raise refused(400, "The provided next page token is invalid or expired.") from error


def _rows(state: JiraState, names: set[str], fields: set[str]) -> list[tuple[int, str, Payload]]:
    """(created, issue id, history) with only the asked fields' items."""
    names = names | {state.old_keys[name] for name in names if name in state.old_keys}
    rows = []
    for id_, issue in state.issues.items():
        if not names & {id_, issue["key"]} or not may(state, project_key(issue), "BROWSE_PROJECTS"):
            continue
        for history in state.histories[id_]:
            items = [
                one for one in history["items"] if not fields or one.get("fieldId", one["field"]) in fields
            ]
            if items:
                rows.append((millis(history["created"]), id_, {**history, "items": items}))
    return sorted(rows, key=lambda row: (row[0], int(row[1])))


def _grouped(rows: list[tuple[int, str, Payload]]) -> list[Payload]:
    by_issue: dict[str, list[Payload]] = {}
    for created, id_, history in rows:
        by_issue.setdefault(id_, []).append({**history, "created": created})
    return [{"issueId": id_, "changeHistories": histories} for id_, histories in by_issue.items()]


CLOUD: tuple[Route[JiraState], ...] = (
    Route("POST", "changelog/bulkfetch", bulk_changelogs),
    Route("GET", "issue/{issue}/changelog", one_changelog),
)
