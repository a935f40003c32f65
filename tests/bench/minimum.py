"""Minimum: the fewest requests that a pull of everything can be made with.

What counts is what the tools document, gives the very same records, and has a price that is known before it is paid. Listings are asked by REST: GraphQL tells times without fractions of a second and commits
without their parents. Why each way that looks cheaper is none is told in decision 0016.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

from tests.bench.site.gitlab_world import FIRST_PROJECT, path_of
from tests.bench.site.size import OPEN_COMMITS, Size

_PAGE = 100
"""Rows of GitLab's listings and GraphQL connections, and issues of Jira's searches with fields."""
_SPRINTS = 50
"""Sprints of a page of a board's."""
_IN_BULK = 1000
"""Worklogs of one page of their feed and of one bulk."""
SHOWN = 20
"""Worklogs that an issue shows of itself."""
AT_ONCE = 5
"""Projects whose merge requests one query tells: approvals and notes of those of one cost 43 of 250 points, however many they are."""
_ALONE = re.compile(r"/api/v4/projects/([^/]+)/(merge_requests|pipelines)/(\d+)/\w+")


def least_of_listings(size: Size, *, worklogs: int, long: Sequence[int]) -> int:
    """Requests for every record that a listing tells. ``long`` holds the number of worklogs of each issue that has more than it shows."""
    return _of_jira(size, worklogs=worklogs, long=long) + _of_gitlab(size)


def _of_jira(size: Size, *, worklogs: int, long: Sequence[int]) -> int:
    return sum(
        (
            3,  # which product it is, the account with its zone, the ids of the fields
            size.jira_projects,  # versions: all of a project at once
            size.jira_projects,  # boards: only asked for a project they tell that they belong to it
            size.jira_projects * _pages(size.sprints_each, _SPRINTS),
            # issues of all projects in one search. It shows their histories, as none has more than are shown (bulks of changelogs are for those), and their first worklogs
            _pages(size.issues, _PAGE),
            _of_further_worklogs(worklogs, long),
        )
    )


def _of_further_worklogs(worklogs: int, long: Sequence[int]) -> int:
    """Requests for the worklogs that issues do not show: of each such issue alone, or by the feed, which tells the ids of all, and bulks of the lacking ones."""
    lacking = sum(count - SHOWN for count in long)
    return min(len(long), _pages(worklogs, _IN_BULK) + _pages(lacking, _IN_BULK))


def _of_gitlab(size: Size) -> int:
    each = {
        # as if a listing told what is on the default branch and what is on others in pages of both: the newest commits of all branches can tell all that has no range of its own
        "commits": _pages(size.main_each + size.open_each * OPEN_COMMITS, _PAGE),
        "branches": _pages(1 + size.open_each, _PAGE),
        # pipelines, and those that others began, which are listed apart
        "pipelines": _pages(size.pipelines // size.gitlab_projects, _PAGE) + 1,
        "deployments": _pages(size.deployments // size.gitlab_projects, _PAGE),
        "releases": _pages(size.releases_each, _PAGE),
        "milestones": 1,  # the group's listing leaves out those of projects
    }
    of_group = {
        "token": 1,
        "projects": _pages(size.gitlab_projects, _PAGE),
        "milestones": 1,
        "issues": _pages(size.gitlab_issues, _PAGE),
        "merge requests": _pages(size.requests, _PAGE),
    }
    return sum(each.values()) * size.gitlab_projects + sum(of_group.values())


def least_of_details(asked: Iterable[tuple[str, str, str]]) -> int:
    """Requests for what no listing tells, by the requests (method, target, body) that asked for it.

    Approvals and notes of up to 100 merge requests of a project are told together by one query, which can ask for several projects. A pipeline's jobs are one request: they are asked of few, each in a project
    of its own.
    """
    requests: defaultdict[str, set[str]] = defaultdict(set)
    pipelines: set[str] = set()
    for _, target, sent in asked:
        path = urlsplit(target).path
        if path == "/api/graphql":
            given = json.loads(sent)["variables"]
            requests[given["path"]].update(given["iids"])
        elif (found := _ALONE.fullmatch(path)) and found[2] == "pipelines":
            pipelines.add(found[3])
        elif found:
            requests[_home(found[1])].add(found[3])
    groups = sum(-(-len(iids) // _PAGE) for iids in requests.values())
    return -(-groups // AT_ONCE) + len(pipelines)


def _home(project: str) -> str:
    """The path of a project that is named by its id or its path."""
    return path_of(int(project) - FIRST_PROJECT) if project.isdecimal() else unquote(project)


def _pages(count: int, size: int) -> int:
    """Pages of a listing; an empty one is asked too."""
    return max(1, -(-count // size))
