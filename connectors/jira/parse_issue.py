"""Parse issues: one issue of a search answer becomes an Issue."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from connectors.jira.fields import Fields, SiteField
from connectors.jira.parse import maybe_text, plain_text, sprint_ids_of, texts_of, user_id, user_name
from connectors.parsing import instant, maybe_day, maybe_instant
from connectors.records import Issue, IssueLink, LinkDirection

SYSTEM_FIELDS = (
    "summary",
    "issuetype",
    "status",
    "project",
    "created",
    "updated",
    "resolution",
    "resolutiondate",
    "priority",
    "assignee",
    "reporter",
    "labels",
    "components",
    "fixVersions",
    "parent",
    "duedate",
    "timeoriginalestimate",
    "timeestimate",
    "timespent",
    "description",
    "issuelinks",
)
"""What a search asks for beside the mapped custom fields; nothing else is read."""


class IssueContext(Struct, frozen=True, kw_only=True):
    """What an issue's payload does not say itself: the site's name, the address that people open, the mapped fields."""

    source: str
    browse_url: str
    fields: Fields


def parse_issue(payload: Any, context: IssueContext) -> Issue:  # noqa: ANN401
    """The issue with its mapped custom fields. Raises as ``parse`` says."""
    fields, key = payload["fields"], str(payload["key"])
    assignee, parent = fields.get("assignee"), fields.get("parent") or {}
    status, kind = fields["status"], fields["issuetype"]
    return Issue(
        source=context.source,
        id=str(payload["id"]),
        key=key,
        project_key=_project_key(fields, key),
        title=str(fields.get("summary") or ""),
        type=str(kind["name"]),
        is_subtask=bool(kind.get("subtask")),
        status=str(status["name"]),
        status_category=str((status.get("statusCategory") or {}).get("key") or "undefined"),
        created_at=instant(fields["created"]),
        updated_at=instant(fields["updated"]),
        url=f"{context.browse_url}/browse/{key}",
        resolution=_name(fields.get("resolution")),
        resolved_at=maybe_instant(fields.get("resolutiondate")),
        priority=_name(fields.get("priority")),
        assignee_id=user_id(assignee),
        assignee_name=user_name(assignee),
        is_assignee_active=_is_active(assignee),
        reporter_id=user_id(fields.get("reporter")),
        labels=tuple(sorted(map(str, fields.get("labels") or ()))),
        components=_sorted(fields.get("components"), "name"),
        fix_version_ids=_sorted(fields.get("fixVersions"), "id"),
        sprint_ids=sprint_ids_of(_custom(fields, context.fields.sprint)),
        parent_id=maybe_text(parent.get("id")),
        parent_key=maybe_text(parent.get("key")),
        epic_key=_epic_key(parent) or _linked_epic(_custom(fields, context.fields.epic_link)),
        due_on=maybe_day(fields.get("duedate")),
        story_points=_number(_custom(fields, context.fields.story_points)),
        original_estimate_s=_seconds(fields.get("timeoriginalestimate")),
        remaining_estimate_s=_seconds(fields.get("timeestimate")),
        spent_s=_seconds(fields.get("timespent")),
        description=plain_text(fields.get("description")),
        links=tuple(link for payload in fields.get("issuelinks") or () for link in _links(payload)),
        fields=_others(fields, context.fields),
    )


def _project_key(fields: dict[str, Any], key: str) -> str:
    return str((fields.get("project") or {}).get("key") or key.rpartition("-")[0])


def _name(value: Any) -> str | None:  # noqa: ANN401
    return maybe_text(value and value.get("name"))


def _is_active(user: Any) -> bool | None:  # noqa: ANN401
    active = user.get("active") if user else None
    return None if active is None else bool(active)


def _sorted(values: Any, name: str) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(sorted(str(value[name]) for value in values or ()))


def _custom(fields: dict[str, Any], field: SiteField | None) -> Any:  # noqa: ANN401
    return fields.get(field.id) if field else None


def _number(value: Any) -> float | None:  # noqa: ANN401
    return None if value in (None, "") else float(value)


def _seconds(value: Any) -> int | None:  # noqa: ANN401
    return None if value is None else int(value)


def _epic_key(parent: dict[str, Any]) -> str | None:
    """The parent's key where the parent is an epic: level 1 of the hierarchy, whatever its type is called on this site."""
    kind = (parent.get("fields") or {}).get("issuetype") or {}
    is_epic = kind.get("hierarchyLevel") == 1 or str(kind.get("name", "")).casefold() == "epic"
    return maybe_text(parent.get("key")) if is_epic else None


def _linked_epic(value: Any) -> str | None:  # noqa: ANN401
    return maybe_text(value.get("key") if isinstance(value, dict) else value)


def _links(payload: dict[str, Any]) -> tuple[IssueLink, ...]:
    """The link as seen from the issue that holds it; none where the other end is not visible."""
    sides = (("outwardIssue", LinkDirection.OUTWARD), ("inwardIssue", LinkDirection.INWARD))
    return tuple(
        IssueLink(
            type=str(payload["type"]["name"]),
            direction=direction,
            other_id=str(payload[side]["id"]),
            other_key=str(payload[side]["key"]),
        )
        for side, direction in sides
        if payload.get(side)
    )


def _others(fields: dict[str, Any], mapped: Fields) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(sorted((name, texts_of(fields.get(field.id))) for name, field in mapped.others))
