"""Issue payloads of Jira (API v2), made from planned items."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from connectors.sandbox.state import Payload
from connectors.sandbox.world import jira_payloads as vendor
from connectors.sandbox.world.jira_payloads import FIELD_IDS
from connectors.sandbox.world.people import JIRA, jira_user
from connectors.sandbox.world.plan import DONE, Item
from connectors.sandbox.world.stamps import jira_time
from connectors.sandbox.world.truth import Flavour

_API = f"{JIRA}/rest/api/2"
_BLOCKS = {
    "id": "10000",
    "name": "Blocks",
    "inward": "is blocked by",
    "outward": "blocks",
    "self": f"{_API}/issueLinkType/10000",
}
_HOUR_S = 3600


def brief(item: Item) -> Payload:
    """An issue as other issues show it: parent, sub-task or link."""
    return {
        "id": item.id,
        "key": item.key,
        "self": f"{_API}/issue/{item.id}",
        "fields": {
            "summary": item.title,
            "status": vendor.status(item.status),
            "priority": vendor.priority(3),
            "issuetype": vendor.issue_type(item.type),
        },
    }


class Around(Struct, frozen=True, kw_only=True):
    """What an issue shows of its surroundings. ``spent_s`` sums its worklogs, ``updated`` is its last event."""

    project: Payload
    versions: list[Payload]
    sprints: list[Payload]
    spent_s: int
    updated: datetime


def issue(item: Item, around: Around, *, flavour: Flavour) -> Payload:
    """The whole issue without links and sub-tasks, which need the other issues."""
    done_at = None if item.is_unresolved else item.resolved_at or item.done_at
    fields: dict[str, Any] = {
        "summary": item.title,
        "description": _description(item),
        "issuetype": vendor.issue_type(item.type),
        "project": {
            k: around.project[k] for k in ("self", "id", "key", "name", "projectTypeKey", "avatarUrls")
        },
        "status": vendor.status(item.status),
        "priority": vendor.priority(item.priority or (2 if item.type == "Bug" else 3)),
        "resolution": vendor.resolution(item.status if item.status in DONE else "Done") if done_at else None,
        "resolutiondate": jira_time(done_at) if done_at else None,
        "created": jira_time(item.created_at),
        "updated": jira_time(around.updated),
        "duedate": item.due_on.isoformat() if item.due_on else None,
        "assignee": jira_user(item.assignee, flavour),
        "reporter": jira_user(item.reporter, flavour),
        "creator": jira_user(item.reporter, flavour),
        "labels": list(item.labels),
        "components": [_component(name) for name in item.components],
        "fixVersions": [
            {k: v for k, v in version.items() if not k.startswith("_")} for version in around.versions
        ],
        "versions": [],
        "issuelinks": [],
        "subtasks": [],
        FIELD_IDS["Story Points"]: item.points,
        FIELD_IDS["Sprint"]: [vendor.sprint_value(s, flavour) for s in around.sprints] or None,
    }
    fields |= {
        FIELD_IDS[name]: item.fields.get(name) for name in ("Accepted until", "Deferred features", "Modules")
    }
    fields |= _times(item, around.spent_s) | _above(item, flavour)
    return {
        "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
        "id": item.id,
        "self": f"{_API}/issue/{item.id}",
        "key": item.key,
        "fields": fields,
    }


def connect(issues: Mapping[str, Payload], items: list[Item]) -> None:
    """Write sub-tasks and blocking links into the issues on both sides."""
    number = 40_000
    for item in items:
        if item.parent:
            issues[item.parent.id]["fields"]["subtasks"].append(brief(item))
        for other in item.blocks:
            number += 1
            link = {"id": str(number), "self": f"{_API}/issueLink/{number}", "type": _BLOCKS}
            issues[item.id]["fields"]["issuelinks"].append(link | {"outwardIssue": brief(other)})
            issues[other.id]["fields"]["issuelinks"].append(link | {"inwardIssue": brief(item)})


def _component(name: str) -> Payload:
    return {"self": f"{_API}/component/10300", "id": "10300", "name": name}


def _description(item: Item) -> str:
    if item.type == "Epic":
        return f"h3. {item.title}\n\nOne programme increment; see the plan for its scope."
    return f"As agreed with the line.\n\n*Done when*\n* {item.title}\n* tests pass in staging"


def estimate_s(item: Item) -> int | None:
    """The original estimate: four hours a point."""
    return int(item.points * 4 * _HOUR_S) if item.points else None


def _times(item: Item, spent_s: int) -> Payload:
    estimated = estimate_s(item)
    remaining = (
        max((estimated or 0) - spent_s, 0) if estimated and not item.done_at else (0 if estimated else None)
    )
    tracking = {
        "originalEstimateSeconds": estimated,
        "remainingEstimateSeconds": remaining,
        "timeSpentSeconds": spent_s or None,
    }
    words = {"originalEstimate": estimated, "remainingEstimate": remaining, "timeSpent": spent_s or None}
    return {
        "timetracking": {k: v for k, v in tracking.items() if v is not None}
        | {k: f"{v // _HOUR_S}h" for k, v in words.items() if v is not None},
        "timeoriginalestimate": estimated,
        "timeestimate": remaining,
        "timespent": spent_s or None,
        "aggregatetimeoriginalestimate": estimated,
        "aggregatetimeestimate": remaining,
        "aggregatetimespent": spent_s or None,
    }


def _above(item: Item, flavour: Flavour) -> Payload:
    """Parent and epic as the product shows them: one parent field on Cloud, parent and epic link on Data Center."""
    link = FIELD_IDS["Epic Link"]
    if flavour == "cloud":
        above = item.parent or item.epic
        return {link: None} | ({"parent": brief(above)} if above else {})
    parent = {"parent": brief(item.parent)} if item.parent else {}
    return {link: item.epic.key if item.epic else None} | parent
