"""Bodies of Jira Cloud: issues, histories, worklogs and the small listings, in the vendor's shapes and of realistic size."""

from __future__ import annotations

from connectors.sandbox.world.jira_payloads import issue_type, priority, status
from tests.bench.site import people
from tests.bench.site.jira_gathered import (
    POINTS_FIELD,
    SPRINT_FIELD,
    ZONE,
    due_on,
    histories_text,
    worklog_text,
)
from tests.bench.site.jira_small_bodies import compact, sprint_text, version_text
from tests.bench.site.jira_world import (
    FIRST_ISSUE,
    JiraWorld,
)
from tests.bench.site.people import JIRA, JIRA_USERS
from tests.bench.site.size import DAY_MS, at_text, project_key
from tests.bench.site.texts import paragraph, sentence, template

_API = f"{JIRA}/rest/api/2"
_STAGES = ("To Do", "In Progress", "Done")
_TYPES = ("Story", "Task", "Bug")
_RESOLUTION = {
    "self": f"{_API}/resolution/10200",
    "id": "10200",
    "description": "Work is complete",
    "name": "Done",
}
_STATUSES = tuple(compact(status(name)) for name in _STAGES)
_ISSUE_TYPES = tuple(compact(issue_type(name)) for name in _TYPES)
_BRIEF = {
    "id": "<other_id>",
    "key": "<other_key>",
    "self": f"{_API}/issue/<other_id>",
    "fields": {
        "summary": "<other_title>",
        "status": status("Done"),
        "priority": priority(3),
        "issuetype": issue_type("Epic"),
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
            "priority": priority(3),
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
        "created": at_text(made, zone=ZONE),
        "updated": at_text(world.series.updated(index), zone=ZONE),
        "resolution": compact(_RESOLUTION) if stage == 2 else "null",
        "resolved": f'"{at_text(made + 2 * DAY_MS, zone=ZONE)}"' if stage == 2 else "null",
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
