"""Parse: Jira's raw values and small payloads become records here. Issues and changelogs have files of their own.

Raise one of ``connectors.parsing.MALFORMED`` on a payload that does not have the vendor's shape.
"""

from __future__ import annotations

import re
from typing import Any

from connectors.parsing import instant, maybe_day, maybe_instant
from connectors.records import Sprint, Version, Worklog

_SPRINT_ID = re.compile(
    r"@[^\[]*\[id=(\d+)|,id=(\d+),(?:name|rapidViewId|state|incompleteIssuesDestinationId)="
)
"""The id in a sprint's text; ``goal`` and ``name`` beside it are free text and may look like one."""


def maybe_text(value: Any) -> str | None:  # noqa: ANN401
    """The value as text; None where absent or empty."""
    return str(value) if value not in (None, "") else None


def user_id(user: Any) -> str | None:  # noqa: ANN401
    """The accountId (Cloud) or the user name (Data Center); None for no user."""
    return maybe_text(user and (user.get("accountId") or user.get("name")))


def user_name(user: Any) -> str | None:  # noqa: ANN401
    """The name that people see."""
    return maybe_text(user and (user.get("displayName") or user.get("name")))


def texts_of(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    """The values of a custom field as people read them: options, names, users, dates, numbers and plain text; none where empty.

    A cascading option gives the parent and then the child.
    """
    if value is None or value == "":
        return ()
    if isinstance(value, list):
        return tuple(text for item in value for text in texts_of(item))
    if isinstance(value, dict):
        return _texts_of_object(value)
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, float) and value.is_integer():
        return (str(int(value)),)
    return (str(value),)


def _texts_of_object(value: dict[str, Any]) -> tuple[str, ...]:
    if value.get("type") == "doc":
        return texts_of(plain_text(value).strip())
    for name in ("value", "displayName", "name", "key", "id"):
        if value.get(name) not in (None, ""):
            return (*texts_of(value[name]), *texts_of(value.get("child")))
    return ()


def plain_text(value: Any) -> str:  # noqa: ANN401
    """Rich text as plain text: wiki markup as it is, an ADF document (API v3) by its text nodes, a line per block."""
    if isinstance(value, dict):
        inner = "".join(plain_text(node) for node in value.get("content") or ())
        ends_line = value.get("type") in {"paragraph", "heading", "hardBreak", "codeBlock", "listItem"}
        return str(value.get("text") or "") + inner + ("\n" if ends_line else "")
    return str(value or "")


def sprint_ids_of(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Ids in a sprint field, in the vendor's order: objects (Cloud) or ``...Sprint@1f[id=12,name=..]`` texts (Data Center)."""
    if not value:
        return ()
    if isinstance(value, list):
        return tuple(id_ for item in value for id_ in sprint_ids_of(item))
    if isinstance(value, dict):
        return (str(value["id"]),)
    found = _SPRINT_ID.search(str(value))
    if found:
        return (found[1] or found[2],)
    if str(value).isdigit():
        return (str(value),)
    raise ValueError("a sprint without an id")


def parse_version(payload: Any, *, source: str, project_key: str, browse_url: str) -> Version:  # noqa: ANN401
    """A version of the project."""
    return Version(
        source=source,
        id=str(payload["id"]),
        project_key=project_key,
        name=str(payload["name"]),
        url=f"{browse_url}/projects/{project_key}/versions/{payload['id']}",
        is_released=bool(payload.get("released")),
        is_archived=bool(payload.get("archived")),
        start_on=maybe_day(payload.get("startDate")),
        release_on=maybe_day(payload.get("releaseDate")),
    )


def parse_sprint(payload: Any, *, source: str) -> Sprint:  # noqa: ANN401
    """A sprint as the agile API lists it."""
    return Sprint(
        source=source,
        id=str(payload["id"]),
        name=str(payload["name"]),
        state=str(payload["state"]).lower(),
        board_id=maybe_text(payload.get("originBoardId")),
        starts_at=maybe_instant(payload.get("startDate")),
        ends_at=maybe_instant(payload.get("endDate")),
        completed_at=maybe_instant(payload.get("completeDate")),
    )


def parse_worklog(payload: Any, *, source: str) -> Worklog:  # noqa: ANN401
    """A worklog; its comment is not kept."""
    return Worklog(
        source=source,
        id=str(payload["id"]),
        issue_id=str(payload["issueId"]),
        started_at=instant(payload["started"]),
        spent_s=int(payload["timeSpentSeconds"]),
        created_at=instant(payload["created"]),
        updated_at=instant(payload["updated"]),
        author_id=user_id(payload.get("author")),
        author_name=user_name(payload.get("author")),
    )
