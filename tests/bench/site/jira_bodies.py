"""Bodies of Jira Cloud: issues, histories, worklogs and the small listings, in the vendor's shapes and of realistic size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.bench.site import people
from tests.bench.site.jira_world import (
    FIRST_ISSUE,
    JiraWorld,
    Worklog,
    history_id,
    late_history,
    move_history,
)
from tests.bench.site.people import JIRA, JIRA_USERS
from tests.bench.site.size import DAY_MS, at_text, project_key
from tests.bench.site.texts import paragraph, sentence, template

_API = f"{JIRA}/rest/api/2"
_ICON = f"{_API}/universal_avatar/view/type/issuetype/avatar"
_STAGES = (
    ("To Do", "10000", "new", 2, "blue-gray"),
    ("In Progress", "3", "indeterminate", 4, "yellow"),
    ("Done", "10002", "done", 3, "green"),
)
_TYPES = ("Story", "Task", "Bug")
SPRINT_FIELD, POINTS_FIELD = "customfield_10020", "customfield_10016"


def _compact(payload: Any) -> str:
    return json.dumps(payload, separators=(",", ":"))


def _status(stage: int) -> dict[str, Any]:
    name, id_, category, number, colour = _STAGES[stage]
    return {
        "self": f"{_API}/status/{id_}",
        "description": "",
        "iconUrl": f"{JIRA}/images/icons/statuses/generic.png",
        "name": name,
        "id": id_,
        "statusCategory": {
            "self": f"{_API}/statuscategory/{number}",
            "id": number,
            "key": category,
            "colorName": colour,
            "name": name,
        },
    }


def _type(number: int, name: str, level: int = 0) -> dict[str, Any]:
    id_ = str(10100 + number)
    return {
        "self": f"{_API}/issuetype/{id_}",
        "id": id_,
        "description": f"A {name.lower()} of the team's work",
        "iconUrl": f"{_ICON}/{id_}?size=medium",
        "name": name,
        "subtask": False,
        "avatarId": int(id_),
        "hierarchyLevel": level,
    }


_PRIORITY = {
    "self": f"{_API}/priority/3",
    "iconUrl": f"{JIRA}/images/icons/priorities/medium.svg",
    "name": "Medium",
    "id": "3",
}
_RESOLUTION = {
    "self": f"{_API}/resolution/10200",
    "id": "10200",
    "description": "Work is complete",
    "name": "Done",
}
_STATUSES = tuple(_compact(_status(stage)) for stage in range(3))
_ISSUE_TYPES = tuple(_compact(_type(number, name)) for number, name in enumerate(_TYPES))
_BRIEF = {
    "id": "<other_id>",
    "key": "<other_key>",
    "self": f"{_API}/issue/<other_id>",
    "fields": {
        "summary": "<other_title>",
        "status": _status(2),
        "priority": _PRIORITY,
        "issuetype": _type(9, "Epic", 1),
    },
}
_LINK = template(
    {
        "id": "<link_id>",
        "self": f"{_API}/issueLink/<link_id>",
        "type": {
            "id": "10000",
            "name": "Blocks",
            "inward": "is blocked by",
            "outward": "blocks",
            "self": f"{_API}/issueLinkType/10000",
        },
        "outwardIssue": _BRIEF,
    }
)
_ISSUE = template(
    {
        "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
        "id": "<id>",
        "self": f"{_API}/issue/<id>",
        "key": "<key>",
        "fields": {
            "summary": "<title>",
            "issuetype": "<<type>>",
            "status": "<<status>>",
            "project": {
                "self": f"{_API}/project/<project_id>",
                "id": "<project_id>",
                "key": "<project>",
                "name": "Product <project>",
                "projectTypeKey": "software",
                "simplified": False,
                "avatarUrls": {
                    f"{n}x{n}": f"{_API}/universal_avatar/view/type/project/avatar/<project_id>?size={n}"
                    for n in (48, 32, 24, 16)
                },
            },
            "created": "<created>",
            "updated": "<updated>",
            "resolution": "<<resolution>>",
            "resolutiondate": "<<resolved>>",
            "priority": _PRIORITY,
            "assignee": "<<assignee>>",
            "reporter": "<<reporter>>",
            "labels": ["<label>"],
            "components": [{"self": f"{_API}/component/10300", "id": "10300", "name": "core"}],
            "fixVersions": "<<versions>>",
            "parent": _BRIEF,
            "duedate": "<<due>>",
            "timeoriginalestimate": 28800,
            "timeestimate": 0,
            "timespent": "<<spent>>",
            "description": "<text>",
            "issuelinks": "<<links>>",
            POINTS_FIELD: "<<points>>",
            SPRINT_FIELD: "<<sprints>>",
        },
    }
)
_WORKLOG = template(
    {
        "self": f"{_API}/issue/<issue>/worklog/<id>",
        "author": "<<who>>",
        "updateAuthor": "<<who>>",
        "comment": "As planned",
        "created": "<at>",
        "updated": "<at>",
        "started": "<at>",
        "timeSpent": "<hours>",
        "timeSpentSeconds": "<<spent>>",
        "id": "<id>",
        "issueId": "<issue>",
    }
)
_ZONE = "+0000"


def issue_text(
    world: JiraWorld, index: int, *, has_worklogs: bool = False, has_histories: bool = False
) -> str:
    """An issue with all fields that are ever asked for, and on request with its first worklogs and its histories inside."""
    text = _ISSUE(_values(world, index))
    if has_worklogs:
        text = f"{text[:-2]},{_own_worklogs(world, index)}}}}}"
    if has_histories:
        text = f"{text[:-1]},{_own_histories(world, index)}}}"
    return text


def _values(world: JiraWorld, index: int) -> dict[str, object]:
    size, stage, number = world.size, world.stage(index), index // world.size.jira_projects
    project, made = world.project_of(index), world.series.created(index)
    other = max(0, index - 10 * size.jira_projects)
    brief = {
        "other_id": FIRST_ISSUE + other,
        "other_key": world.first_key(other),
        "other_title": sentence(other),
    }
    return brief | {
        "id": FIRST_ISSUE + index,
        "key": world.key(index),
        "title": sentence(index),
        "type": _ISSUE_TYPES[index % len(_TYPES)],
        "status": _STATUSES[stage],
        "project": project_key(project),
        "project_id": 10000 + project,
        "created": at_text(made, zone=_ZONE),
        "updated": at_text(world.series.updated(index), zone=_ZONE),
        "resolution": _compact(_RESOLUTION) if stage == 2 else "null",
        "resolved": f'"{at_text(made + 2 * DAY_MS, zone=_ZONE)}"' if stage == 2 else "null",
        "assignee": JIRA_USERS[index % people.COUNT],
        "reporter": JIRA_USERS[index * 3 % people.COUNT],
        "label": f"area-{index % 12}",
        "versions": _versions_of(world, index),
        "due": f'"{due_on(world, index)}"' if index in world.revisions else "null",
        "spent": sum(one.spent_s for one in world.worklogs_of(index)),
        "text": paragraph(index),
        "links": f"[{_LINK(brief | {'link_id': 40000 + index})}]" if index % 4 == 0 else "[]",
        "points": 1 + index % 8,
        "sprints": f"[{sprint_text(world, project, number % size.sprints_each)}]",
    }


def _versions_of(world: JiraWorld, index: int) -> str:
    """The version that the issue is planned for; what is older than all of them has none."""
    number = world.version_of(index)
    return "[]" if number is None else f"[{version_text(world, index % world.size.jira_projects, number)}]"


def _own_worklogs(world: JiraWorld, index: int) -> str:
    """The first twenty, as an issue shows them."""
    rows = world.worklogs_of(index)
    shown = ",".join(worklog_text(one) for one in rows[:20])
    return f'"worklog":{{"startAt":0,"maxResults":20,"total":{len(rows)},"worklogs":[{shown}]}}'


def _own_histories(world: JiraWorld, index: int) -> str:
    rows = list(histories_text(world, index))[::-1]
    return f'"changelog":{{"startAt":0,"maxResults":{len(rows)},"total":{len(rows)},"histories":[{",".join(rows)}]}}'


def due_on(world: JiraWorld, index: int, revision: int = -1) -> str:
    """The due date that a change gave, the latest where none is named."""
    number = revision % len(world.revisions[index])
    at_ms = world.revisions[index][number] + (30 + number) * DAY_MS
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


def histories_text(world: JiraWorld, index: int, *, is_epoch: bool = False) -> Iterator[str]:
    """The histories of an issue, oldest first; ``created`` is a number in the bulk listing."""
    for id_, at_ms, items in _histories(world, index):
        made = at_ms if is_epoch else f'"{at_text(at_ms, zone=_ZONE)}"'
        yield f'{{"id":"{id_}","author":{JIRA_USERS[id_ % people.COUNT]},"created":{made},"items":[{items}]}}'


def _histories(world: JiraWorld, index: int) -> Iterator[tuple[int, int, str]]:
    """(id, epoch ms, items as JSON)."""
    made = world.series.created(index)
    first = (
        _item("assignee", "assignee", "", person(index)),
        _item("status", "status", "To Do", "In Progress")
        + ","
        + _item("Sprint", SPRINT_FIELD, "", f"Sprint {index % 40}"),
        _item("description", "description", paragraph(index)[:120], paragraph(index + 1)[:120]),
        _item("status", "status", "In Progress", "Done")
        + ","
        + _item("resolution", "resolution", "", "Done"),
        _item("timespent", "timespent", "0", "1800"),
    )
    for number in range(world.histories(index)):
        yield history_id(index, number), made + (number + 1) * DAY_MS // 3, first[number]
    for number, at_ms in enumerate(world.revisions.get(index, ())):
        former = due_on(world, index, number - 1) if number else ""
        yield (
            late_history(index, number),
            at_ms,
            _item("duedate", "duedate", former, due_on(world, index, number)),
        )
    if index in world.moved:
        yield (
            move_history(index),
            world.moved[index][2],
            _item("Key", "", world.first_key(index), world.key(index)),
        )


def person(number: int) -> str:
    """The name of an account."""
    return people.name(number)


def _item(field: str, id_: str, old: str, new: str) -> str:
    """One changed field; a change of the key has no id of a field."""
    kind = "custom" if id_.startswith("customfield_") else "jira"
    values = {"from": old or None, "fromString": old or None, "to": new, "toString": new}
    return _compact({"field": field, "fieldtype": kind} | ({"fieldId": id_} if id_ else {}) | values)


def worklog_text(one: Worklog) -> str:
    """A worklog."""
    return _WORKLOG(
        {
            "id": one.id,
            "issue": FIRST_ISSUE + one.index,
            "who": JIRA_USERS[one.id % people.COUNT],
            "at": at_text(one.at_ms, zone=_ZONE),
            "hours": f"{one.spent_s / 3600:g}h",
            "spent": one.spent_s,
        }
    )


def version_text(world: JiraWorld, project: int, number: int) -> str:
    """A version of a project; the newest four are not released."""
    is_out = number < world.size.versions_each - 4
    release_ms = world.series.begin_ms + 700 * DAY_MS + (number - world.size.versions_each + 5) * 20 * DAY_MS
    return _compact(
        {
            "self": f"{_API}/version/{version_id(project, number)}",
            "id": version_id(project, number),
            "description": "",
            "name": f"{number + 1}.0",
            "archived": False,
            "released": is_out,
            "releaseDate": at_text(release_ms)[:10],
            "projectId": 10000 + project,
        }
    )


def version_id(project: int, number: int) -> str:
    """The id of a project's version."""
    return str(20000 + project * 1000 + number)


def sprint_id(project: int, number: int) -> int:
    """The id of a sprint of a project's board."""
    return 1 + project * 1000 + number


def sprint_text(world: JiraWorld, project: int, number: int) -> str:
    """A sprint of two weeks; the last but one is active."""
    left = world.size.sprints_each - number
    begin = world.series.begin_ms + 700 * DAY_MS - (left - 1) * 14 * DAY_MS
    made: dict[str, object] = {
        "id": sprint_id(project, number),
        "self": f"{JIRA}/rest/agile/1.0/sprint/{sprint_id(project, number)}",
        "state": "future" if left == 1 else "active" if left == 2 else "closed",
        "name": f"{project_key(project)} sprint {number + 1}",
        "startDate": at_text(begin),
        "endDate": at_text(begin + 14 * DAY_MS),
        "originBoardId": project + 1,
        "goal": sentence(number),
    }
    return _compact(made | ({"completeDate": made["endDate"]} if left > 2 else {}))
