"""Bodies of what an issue has gathered: histories and worklogs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from tests.bench.site import people
from tests.bench.site.jira_small_bodies import compact
from tests.bench.site.jira_world import (
    FIRST_ISSUE,
    JiraWorld,
    Worklog,
    history_id,
    late_history,
    move_history,
)
from tests.bench.site.people import JIRA, JIRA_USERS
from tests.bench.site.size import DAY_MS, at_text
from tests.bench.site.texts import paragraph, template

SPRINT_FIELD, POINTS_FIELD = "customfield_10020", "customfield_10016"
ZONE = "+0000"
_API = f"{JIRA}/rest/api/2"
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


def due_on(world: JiraWorld, index: int, revision: int = -1) -> str:
    """The due date that a change gave, the latest where none is named."""
    number = revision % len(world.revisions[index])
    at_ms = world.revisions[index][number] + (30 + number) * DAY_MS
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


def histories_text(world: JiraWorld, index: int, *, is_epoch: bool = False) -> Iterator[str]:
    """The histories of an issue, oldest first; ``created`` is a number in the bulk listing."""
    for id_, at_ms, items in _histories(world, index):
        made = at_ms if is_epoch else f'"{at_text(at_ms, zone=ZONE)}"'
        yield f'{{"id":"{id_}","author":{JIRA_USERS[id_ % people.COUNT]},"created":{made},"items":[{items}]}}'


def _histories(world: JiraWorld, index: int) -> Iterator[tuple[int, int, str]]:
    """(id, epoch ms, items as JSON)."""
    made = world.series.created(index)
    first = (
        _item("assignee", "assignee", "", people.name(index)),
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


def _item(field: str, id_: str, old: str, new: str) -> str:
    """One changed field; a change of the key has no id of a field."""
    kind = "custom" if id_.startswith("customfield_") else "jira"
    values = {"from": old or None, "fromString": old or None, "to": new, "toString": new}
    return compact({"field": field, "fieldtype": kind} | ({"fieldId": id_} if id_ else {}) | values)


def worklog_text(one: Worklog) -> str:
    """A worklog."""
    return _WORKLOG(
        {
            "id": one.id,
            "issue": FIRST_ISSUE + one.index,
            "who": JIRA_USERS[one.id % people.COUNT],
            "at": at_text(one.at_ms, zone=ZONE),
            "hours": f"{one.spent_s / 3600:g}h",
            "spent": one.spent_s,
        }
    )
