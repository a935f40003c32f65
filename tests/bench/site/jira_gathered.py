"""Bodies of what an issue has gathered: histories and worklogs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

from tests.bench.site import people
from tests.bench.site.jira_small_bodies import compact
from tests.bench.site.jira_world import (
    FIRST_ISSUE,
    LATE,
    MOVE,
    JiraWorld,
    Worklog,
    number_of_history,
)
from tests.bench.site.people import JIRA, JIRA_USERS
from tests.bench.site.size import DAY_MS, at_text
from tests.bench.site.texts import paragraph, template

SPRINT_FIELD, POINTS_FIELD = "customfield_10020", "customfield_10016"
ZONE = "+0000"
_API = f"{JIRA}/rest/api/2"
Change: TypeAlias = tuple[str, str, str, str]
"""A field, its id, and its value before and after."""
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


def histories_text(world: JiraWorld, index: int) -> Iterator[str]:
    """The histories of an issue, oldest first."""
    for id_, at_ms in world.histories_of(index):
        yield _history(world, index, id_, f'"{at_text(at_ms, zone=ZONE)}"')


def bulk_text(world: JiraWorld, rows: Iterable[tuple[int, int, int]]) -> Iterator[str]:
    """Histories, told by (epoch ms, issue, id), below their issues as the bulk listing shows them: ``created`` is a number there."""
    by_issue: dict[int, list[str]] = {}
    for at_ms, index, id_ in rows:
        by_issue.setdefault(index, []).append(_history(world, index, id_, str(at_ms)))
    for index, histories in by_issue.items():
        yield f'{{"issueId":"{FIRST_ISSUE + index}","changeHistories":[{",".join(histories)}]}}'


def _history(world: JiraWorld, index: int, id_: int, made: str) -> str:
    items = ",".join(_item(*one) for one in _changes(world, index, number_of_history(id_)))
    return f'{{"id":"{id_}","author":{JIRA_USERS[id_ % people.COUNT]},"created":{made},"items":[{items}]}}'


def _changes(world: JiraWorld, index: int, number: int) -> tuple[Change, ...]:
    """What the history of that number changed."""
    if number == MOVE:
        return (("Key", "", world.first_key(index), world.key(index)),)
    if number >= LATE:
        revision = number - LATE
        former = due_on(world, index, revision - 1) if revision else ""
        return (("duedate", "duedate", former, due_on(world, index, revision)),)
    first: tuple[tuple[Change, ...], ...] = (
        (("assignee", "assignee", "", people.name(index)),),
        (
            ("status", "status", "To Do", "In Progress"),
            ("Sprint", SPRINT_FIELD, "", f"Sprint {index % 40}"),
        ),
        (("description", "description", paragraph(index)[:120], paragraph(index + 1)[:120]),),
        (("status", "status", "In Progress", "Done"), ("resolution", "resolution", "", "Done")),
        (("timespent", "timespent", "0", "1800"),),
    )
    return first[number]


@lru_cache(maxsize=4096)
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
