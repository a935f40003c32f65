"""Issue payloads of Jira and what they are made of: statuses, types, priorities, resolutions, fields, versions, sprints, worklogs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from connectors.sandbox.state import Payload
from connectors.sandbox.world.people import JIRA
from connectors.sandbox.world.stamps import gitlab_time, jira_time
from connectors.sandbox.world.truth import Flavour

_API = f"{JIRA}/rest/api/2"
_CATEGORIES = {
    "new": (2, "blue-gray", "To Do"),
    "indeterminate": (4, "yellow", "In Progress"),
    "done": (3, "green", "Done"),
}
_STATUSES = {
    "To Do": ("10000", "new"),
    "In Progress": ("3", "indeterminate"),
    "In Review": ("10001", "indeterminate"),
    "Done": ("10002", "done"),
    "Won't Do": ("10003", "done"),
}
_TYPES = {
    "Epic": ("10100", 1),
    "Story": ("10101", 0),
    "Bug": ("10102", 0),
    "Task": ("10103", 0),
    "Improvement": ("10104", 0),
    "Spike": ("10105", 0),
    "Technical Debt": ("10106", 0),
    "Sub-task": ("10107", -1),
}
_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes"
_GREENHOPPER = "com.pyxis.greenhopper.jira"
FIELD_IDS = {
    "Epic Link": "customfield_10014",
    "Story Points": "customfield_10016",
    "Sprint": "customfield_10020",
    "Accepted until": "customfield_10101",
    "Deferred features": "customfield_10102",
    "Modules": "customfield_10103",
}
_KINDS = {
    "Epic Link": ("any", f"{_GREENHOPPER}:gh-epic-link"),
    "Story Points": ("number", f"{_CUSTOM}:float"),
    "Sprint": ("array", f"{_GREENHOPPER}:gh-sprint"),
    "Accepted until": ("date", f"{_CUSTOM}:datepicker"),
    "Deferred features": ("string", f"{_CUSTOM}:textfield"),
    "Modules": ("string", f"{_CUSTOM}:textfield"),
}
_SYSTEM = {
    "summary": ("Summary", "string"),
    "status": ("Status", "status"),
    "issuetype": ("Issue Type", "issuetype"),
    "project": ("Project", "project"),
    "resolution": ("Resolution", "resolution"),
    "resolutiondate": ("Resolved", "datetime"),
    "created": ("Created", "datetime"),
    "updated": ("Updated", "datetime"),
    "assignee": ("Assignee", "user"),
    "reporter": ("Reporter", "user"),
    "priority": ("Priority", "priority"),
    "labels": ("Labels", "array"),
    "components": ("Components", "array"),
    "fixVersions": ("Fix versions", "array"),
    "duedate": ("Due date", "date"),
    "parent": ("Parent", "issuelink"),
    "issuelinks": ("Linked Issues", "array"),
    "subtasks": ("Sub-tasks", "array"),
    "timetracking": ("Time tracking", "timetracking"),
    "timeoriginalestimate": ("Original estimate", "number"),
    "timeestimate": ("Remaining Estimate", "number"),
    "timespent": ("Time Spent", "number"),
    "description": ("Description", "string"),
}


def status(name: str) -> Payload:
    """A status with its category."""
    id_, category = _STATUSES[name]
    number, colour, title = _CATEGORIES[category]
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
            "name": title,
        },
    }


def issue_type(name: str) -> Payload:
    """An issue type."""
    id_, level = _TYPES[name]
    return {
        "self": f"{_API}/issuetype/{id_}",
        "id": id_,
        "description": "",
        "iconUrl": f"{_API}/universal_avatar/view/type/issuetype/avatar/{id_}",
        "name": name,
        "subtask": level < 0,
        "avatarId": int(id_),
        "hierarchyLevel": level,
    }


def priority(id_: int) -> Payload:
    """A priority, 1 (highest) to 5."""
    name = ("Highest", "High", "Medium", "Low", "Lowest")[id_ - 1]
    icon = f"{JIRA}/images/icons/priorities/{name.lower()}.svg"
    return {"self": f"{_API}/priority/{id_}", "iconUrl": icon, "name": name, "id": str(id_)}


def resolution(name: str) -> Payload:
    """A resolution: ``Done`` or ``Won't Do``."""
    id_ = {"Done": "10200", "Won't Do": "10201"}[name]
    return {"self": f"{_API}/resolution/{id_}", "id": id_, "description": "", "name": name}


SPRINT = timedelta(days=14)
STATUSES = tuple(_STATUSES)
TYPES = tuple(_TYPES)


def fields() -> list[Payload]:
    """What the site says about its fields, as far as anybody here needs them."""
    system = [
        {
            "id": id_,
            "key": id_,
            "name": name,
            "custom": False,
            "orderable": True,
            "navigable": True,
            "searchable": True,
            "clauseNames": [id_],
            "schema": {"type": kind, "system": id_},
        }
        for id_, (name, kind) in _SYSTEM.items()
    ]
    return system + [_custom_field(name, id_) for name, id_ in FIELD_IDS.items()]


def _custom_field(name: str, id_: str) -> Payload:
    number = int(id_.removeprefix("customfield_"))
    kind, custom = _KINDS[name]
    return {
        "id": id_,
        "key": id_,
        "name": name,
        "custom": True,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [f"cf[{number}]", name],
        "schema": {"type": kind, "custom": custom, "customId": number},
    }


def project(key: str, id_: str, name: str, *, lead: Payload) -> Payload:
    """A Jira project."""
    return {
        "self": f"{_API}/project/{id_}",
        "id": id_,
        "key": key,
        "name": name,
        "lead": lead,
        "avatarUrls": {
            f"{n}x{n}": f"{_API}/universal_avatar/view/type/project/avatar/{id_}?size={n}"
            for n in (48, 32, 24, 16)
        },
        "projectTypeKey": "software",
        "simplified": False,
        "style": "classic",
        "isPrivate": False,
    }


def version(id_: str, name: str, *, project: Payload, start: date | None, release: date | None) -> Payload:
    """An open version of a project; absent dates are left out, as Jira does."""
    made: Payload = {
        "self": f"{_API}/version/{id_}",
        "id": id_,
        "description": "",
        "name": name,
        "archived": False,
        "released": False,
        "projectId": int(project["id"]),
        "_project": project["key"],
    }
    dates = {"startDate": start, "releaseDate": release}
    return made | {key: day.isoformat() for key, day in dates.items() if day}


def sprint(id_: int, name: str, *, board_id: int, start: datetime, state: str) -> Payload:
    """A sprint of two weeks as the agile API shows it; ``completeDate`` is there once it is closed."""
    end = start + SPRINT
    made = {
        "id": id_,
        "self": f"{JIRA}/rest/agile/1.0/sprint/{id_}",
        "state": state,
        "name": name,
        "startDate": gitlab_time(start),
        "endDate": gitlab_time(end),
        "originBoardId": board_id,
        "goal": "",
    }
    return made | ({"completeDate": gitlab_time(end)} if state == "closed" else {})


def sprint_value(sprint: Payload, flavour: Flavour) -> Payload | str:
    """A sprint as the Sprint field of an issue holds it: an object on Cloud, a Java object's text on Data Center."""
    if flavour == "cloud":
        keys = ("id", "name", "state", "goal", "startDate", "endDate", "completeDate")
        return {k: sprint[k] for k in keys if k in sprint} | {"boardId": sprint["originBoardId"]}
    inside = (
        f"completeDate={sprint.get('completeDate', '<null>')},endDate={sprint['endDate']},goal=,id={sprint['id']},"
        f"name={sprint['name']},rapidViewId={sprint['originBoardId']},sequence={sprint['id']},"
        f"startDate={sprint['startDate']},state={sprint['state'].upper()}"
    )
    return f"com.atlassian.greenhopper.service.sprint.Sprint@{sprint['id'] * 7919:x}[{inside}]"


def worklog(id_: int, issue_id: str, *, who: Payload, started: datetime, spent_s: int) -> Payload:
    """Time that ``who`` logged on an issue, noted when the work began."""
    noted = jira_time(started)
    made: dict[str, Any] = {
        "self": f"{_API}/issue/{issue_id}/worklog/{id_}",
        "author": who,
        "updateAuthor": who,
        "comment": "",
        "created": noted,
        "updated": noted,
        "started": noted,
        "timeSpent": f"{spent_s // 3600}h",
        "timeSpentSeconds": spent_s,
        "id": str(id_),
        "issueId": issue_id,
    }
    return made
