"""What Jira's handlers share: times, visibility, pages, refusals, and text as v2 or v3 shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.http import ReplyError, Request
from connectors.sandbox.state import JiraState, Payload


def stamp(at: datetime) -> str:
    """A time as Jira writes it: milliseconds and an offset without a colon."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"


def millis(text: str) -> int:
    """Epoch milliseconds of a payload's time."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def refused(status: int, *messages: str) -> ReplyError:
    """A refusal with Jira's error body."""
    return ReplyError(status, {"errorMessages": list(messages), "errors": {}})


def project_key(issue: Payload) -> str:
    """The key of the project that the issue is in."""
    return str((issue["fields"].get("project") or {}).get("key") or str(issue["key"]).rpartition("-")[0])


def may(state: JiraState, key: str, permission: str) -> bool:
    """True if the account has the permission in the project."""
    return permission in state.permissions[key]


def visible_issue(state: JiraState, name: str) -> Payload:
    """The issue by id, key or former key; 404 where there is none or the account may not see it."""
    id_ = name if name in state.issues else state.old_keys.get(name) or _id_of_key(state, name)
    issue = state.issues.get(id_)
    if issue is None or not may(state, project_key(issue), "BROWSE_PROJECTS"):
        raise refused(404, "Issue does not exist or you do not have permission to see it.")
    return issue


def _id_of_key(state: JiraState, key: str) -> str:
    return next((id_ for id_, issue in state.issues.items() if issue["key"] == key), "")


def demand(state: JiraState, issue: Payload, permission: str) -> None:
    """403 unless the account has the permission in the issue's project."""
    if not may(state, project_key(issue), permission):
        raise refused(403, f"You do not have the permission {permission} to do this in the project.")


def page(rows: list[Payload], request: Request, *, name: str, default: int = 50, most: int = 100) -> Payload:
    """One page by startAt and maxResults in Jira's envelope; ``name`` is the key of the rows."""
    start = max(0, request.number("startAt", 0))
    size = max(0, min(request.number("maxResults", default), most))
    return {
        "startAt": start,
        "maxResults": size,
        "total": len(rows),
        "isLast": start + size >= len(rows),
        name: rows[start : start + size],
    }


def is_v3(request: Request) -> bool:
    """True if rich text is ADF in this request."""
    return request.path.startswith("/rest/api/3/")


def shown(text: Any, request: Request) -> Any:  # noqa: ANN401  # text or document
    """Rich text as this version of the API shows it."""
    return adf_of(text) if is_v3(request) and isinstance(text, str) else text


def adf_of(text: str) -> Payload:
    """A minimal ADF document: one paragraph per line."""
    lines = [[{"type": "text", "text": line}] if line else [] for line in text.split("\n")]
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": line} for line in lines],
    }


def text_of(document: Any) -> str:  # noqa: ANN401  # a string, a document or a part of one
    """The text of an ADF document, its top blocks on lines of their own; a string stays as it is."""
    if isinstance(document, str):
        return document
    if not isinstance(document, dict):
        raise refused(400, "Comment body is not valid!")
    if document.get("type") in {"text", "hardBreak"}:
        return str(document.get("text", "\n"))
    parts = [text_of(part) for part in document.get("content") or []]
    return ("\n" if document.get("type") == "doc" else "").join(parts)
