"""Bodies of Jira's smaller listings: versions and sprints."""

from __future__ import annotations

import json

from tests.bench.site.jira_world import JiraWorld
from tests.bench.site.people import JIRA
from tests.bench.site.size import DAY_MS, at_text, project_key
from tests.bench.site.texts import sentence

_API = f"{JIRA}/rest/api/2"


def compact(payload: object) -> str:
    """JSON without blanks."""
    return json.dumps(payload, separators=(",", ":"))


def version_text(world: JiraWorld, project: int, number: int) -> str:
    """A version of a project; the newest four are not released."""
    is_out = number < world.size.versions_each - 4
    release_ms = world.series.begin_ms + 700 * DAY_MS + (number - world.size.versions_each + 5) * 20 * DAY_MS
    return compact(
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
    return compact(made | ({"completeDate": made["endDate"]} if left > 2 else {}))
