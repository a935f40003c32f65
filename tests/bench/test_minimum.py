"""The fewest requests: what they are made of, and that the program makes no fewer."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from connectors.gitlab.queries import APPROVALS, NOTES, document, variables
from tests.bench.minimum import AT_ONCE, least_of_details, least_of_listings
from tests.bench.site.gitlab_graphql import SCHEMA
from tests.bench.site.gitlab_world import path_of
from tests.bench.site.queries import MOST_POINTS, Query, points_of, query_of
from tests.bench.site.size import Size, scaled

pytestmark = pytest.mark.pure
JIRA = 3 + 3 * 5 + 100
GITLAB = 1 + 1 + 1 + 2 + 80 + 10 * (50 + 1 + 26 + 1 + 1 + 1)


def test_the_least_requests_are_the_records_over_the_largest_pages() -> None:
    assert least_of_listings(Size(), worklogs=24_600, long=()) == JIRA + GITLAB


@pytest.mark.parametrize(
    ("long", "more"),
    [((25,), 1), ((25,) * 26, 26), ((25,) * 27, 26), ((25,) * 200, 26), ((25,) * 201, 27)],
)
def test_worklogs_that_issues_do_not_show_are_asked_in_the_cheaper_way(
    long: tuple[int, ...], more: int
) -> None:
    assert least_of_listings(Size(), worklogs=24_600, long=long) == JIRA + GITLAB + more


def test_a_longer_history_costs_pages_alone() -> None:
    size = scaled(Size(), by=10)
    pages = 10 * (500 + 251 + 10) + 800 + 1000
    fixed = 3 + 3 * 5 + 1 + 1 + 1 + 2 + 10 * (1 + 1 + 1)
    assert least_of_listings(size, worklogs=246_000, long=()) == pages + fixed


def _by_rest(project: str, what: str, number: int, detail: str) -> tuple[str, str, str]:
    return "GET", f"/api/v4/projects/{project}/{what}/{number}/{detail}?per_page=100", ""


def _by_graphql(project: int, iids: Iterable[int]) -> tuple[str, str, str]:
    body = {"query": document(NOTES), "variables": variables(path_of(project), map(str, iids))}
    return "POST", "/api/graphql", json.dumps(body)


def test_details_of_merge_requests_are_asked_together_however_they_were_asked() -> None:
    one_by_one = [
        _by_rest("1003", "merge_requests", iid, detail)
        for iid in range(1, 101)
        for detail in ("approvals", "discussions")
    ]
    listed = [
        ("GET", "/api/v4/projects/1003/merge_requests?page=2", ""),
        ("GET", "/api/v4/projects/1003/repository/commits?ref_name=main", ""),
    ]
    assert least_of_details(listed) == 0
    assert least_of_details([*listed, *one_by_one, _by_graphql(3, range(50, 101))]) == 1
    assert least_of_details([*one_by_one, *(_by_graphql(n, (1,)) for n in (4, 5, 6, 7))]) == 1
    assert least_of_details([*one_by_one, *(_by_graphql(n, (1,)) for n in (3, 4, 5, 6, 7))]) == 1
    assert (
        least_of_details([_by_graphql(3, range(1, 102)), *(_by_graphql(n, (1,)) for n in range(4, 8))]) == 2
    )


def test_jobs_are_asked_of_each_pipeline_once() -> None:
    asked = [_by_rest("1003", "pipelines", number, "jobs") for number in (7, 8, 8)]
    assert least_of_details(asked) == 2


def test_as_many_projects_are_asked_in_one_query_as_its_points_allow() -> None:
    def points(projects: int) -> int:
        fields = f"{{ mergeRequests(iids: $iids) {{ nodes {{ id {APPROVALS} {NOTES} }} }} }}"
        asked = " ".join(f"p{n}: project(fullPath: $path) {fields}" for n in range(projects))
        query = query_of(SCHEMA, f"query($path: ID!, $iids: [String!]) {{ {asked} }}")
        assert isinstance(query, Query)
        return points_of(query.wanted, {"path": path_of(0), "iids": ["1"]})

    assert points(1) == 43
    assert points(AT_ONCE) <= MOST_POINTS < points(AT_ONCE + 1)
