"""Minimum: how few requests a pull of everything can be made with, by the largest pages that the tools grant."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.site.size import Size

_PAGE = 100
"""Of GitLab's listings, and of Jira's searches with fields."""
_IN_BULK = 1000
"""Issues of one bulk of changelogs, and worklogs of one page of their feed and of one bulk."""
_SINGLE = ("/approvals", "/discussions", "/jobs", "/commits")
"""What is asked one merge request or pipeline at a time."""


def least_requests(size: Size, *, worklogs: int) -> int:
    """Requests for every record of the company once, by scope: log-ins, listings, and what each project's pages come to."""
    jira = 3 + 3 * size.jira_projects  # log-in; versions, boards and sprints of each project
    jira += _pages(size.issues // size.jira_projects, _PAGE) * size.jira_projects
    jira += _pages(size.issues, _IN_BULK) + 2 * _pages(worklogs, _IN_BULK)
    each = (number // size.gitlab_projects for number in (size.commits, size.pipelines, size.deployments))
    gitlab = 3 + sum(_pages(count, _PAGE) for count in each) * size.gitlab_projects
    gitlab += 2 * size.gitlab_projects  # branches, releases
    gitlab += _pages(size.requests, _PAGE) + _pages(size.gitlab_issues, _PAGE) + 1
    return jira + gitlab


def single_requests(routes: Mapping[str, int]) -> int:
    """How many of the requests asked for what belongs to one merge request or pipeline, which no listing tells."""
    return sum(
        count
        for route, count in routes.items()
        if route.endswith(_SINGLE) and ("/merge_requests/*" in route or "/pipelines/*" in route)
    )


def _pages(count: int, size: int) -> int:
    return max(1, -(-count // size))
