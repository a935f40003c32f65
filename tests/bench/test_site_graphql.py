"""The site's GraphQL: it tells what the single routes tell, counts as GitLab counts, and refuses what GitLab refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.gitlab.connector import CONNECTOR
from connectors.gitlab.parse import Place
from connectors.gitlab.parse_work import parse_merge_request
from connectors.gitlab.queries import APPROVALS, COMMITS, NOTES, POINTS, document, variables
from connectors.port import Policy, Site, Skipped, as_they_are
from connectors.records import MergeRequest
from sync.cli.main import exit_status
from sync.cli.options import Options
from sync.settings import Settings, SourceSettings
from tests.bench.site.gitlab_world import path_of
from tests.bench.site.running import RunningSite
from tests.bench.site.small import SMALL

pytestmark = pytest.mark.process
KINDS = ("merge_request_commits", "approvals", "notes")
SINGLE = ("/commits", "/approvals", "/discussions")


def _requests(site: RunningSite) -> tuple[MergeRequest, ...]:
    """Every merge request, as the group's listing tells them."""
    rows = requests.get(f"{site.url}/api/v4/groups/acme/merge_requests?per_page=100", timeout=10).json()
    place = Place(source="gitlab", browse_url=site.url)
    return tuple(parse_merge_request(row, place) for row in rows)


def _told(site: RunningSite, name: str, *, is_graphql_on: bool) -> dict[str, Any]:
    """What a kind of detail tells of every merge request, by its ref."""
    one = Site(
        source="gitlab",
        url=site.url,
        token="bench",
        policy=Policy(attempts=1),
        is_graphql_on=is_graphql_on,
    )
    connector = CONNECTOR.open(one, {"groups": ("acme",)})
    connector.connect()
    kind = next(kind for kind in connector.details() if kind.name == name)
    asked = [(group, kind.fetch(group, as_they_are)) for group in kind.groups(_requests(site))]
    found = {str(r.ref): one for group, told in asked for r, one in zip(group, told, strict=True)}
    connector.close()
    return found


def _singles(site: RunningSite) -> int:
    """Requests about one merge request."""
    counts = site.counts()["requests"]
    return sum(n for route, n in counts.items() if "/merge_requests/" in route and route.endswith(SINGLE))


def _ask(site: RunningSite, fields: str, *, status: int = 200, **changed: Any) -> Any:
    body = {"query": document(fields, beside=POINTS), "variables": variables(path_of(1), ("1", "2"))}
    answer = requests.post(f"{site.url}/api/graphql", json=body | changed, timeout=10)
    assert answer.status_code == status
    return answer.json()


@pytest.mark.parametrize("name", KINDS)
def test_the_same_records_come_by_graphql_and_by_single_routes(site: RunningSite, name: str) -> None:
    at_once = _told(site, name, is_graphql_on=True)
    assert site.counts()["requests"]["POST /api/graphql"] == SMALL.gitlab_projects
    assert _singles(site) == 0
    one_by_one = _told(site, name, is_graphql_on=False)
    assert _singles(site) >= SMALL.requests
    assert at_once == one_by_one
    assert len(at_once) == SMALL.requests
    assert not any(isinstance(one, Skipped) for one in at_once.values())
    details = [record for records in at_once.values() for record in records]
    told = [getattr(one, "notes", None) or getattr(one, "approver_ids", None) or one for one in details]
    assert any(told)


def test_a_pull_asks_for_details_in_bulk(site: RunningSite, tmp_path: Path) -> None:
    mapping = tmp_path / "tandem.yaml"
    mapping.write_text(site.mapping(commitments=SMALL.jira_projects * SMALL.versions_each), encoding="utf-8")
    sources = {name: SourceSettings(url=site.url, token="bench") for name in ("jira", "gitlab")}
    settings = Settings(mapping=mapping, database=f"sqlite:///{tmp_path / 'tandem.db'}", sources=sources)
    assert exit_status(["pull"], options=Options(settings=settings)) == 0
    assert site.counts()["requests"]["POST /api/graphql"] > 1
    assert _singles(site) == 0


@pytest.mark.parametrize(
    ("fields", "points"),
    [(APPROVALS, 14), (COMMITS, 15), (NOTES, 39), (f"{APPROVALS} {COMMITS} {NOTES}", 54)],
)
def test_points_are_counted_by_gitlabs_formula(site: RunningSite, fields: str, points: int) -> None:
    told = _ask(site, fields)["data"]["queryComplexity"]
    assert told == {"score": points, "limit": 250}


def test_rows_that_are_not_named_cost_points_and_too_many_are_refused(site: RunningSite) -> None:
    unnamed = _ask(site, NOTES, variables={"path": path_of(1), "first": 10})
    assert unnamed["data"]["queryComplexity"]["score"] == 4 + int(35 * 1.1)
    many = " ".join(f"n{number}: {NOTES}" for number in range(8))
    assert _ask(site, many)["errors"] == [
        {"message": "Query has complexity of 263, which exceeds max complexity of 250"}
    ]


def test_a_page_holds_what_is_asked_for_and_says_whether_more_follow(site: RunningSite) -> None:
    listed = "query($path: ID!) { project(fullPath: $path) { mergeRequests(first: %d) { nodes { iid } pageInfo { hasNextPage } } } }"
    each = SMALL.requests_each
    for first, has_next in ((each - 1, True), (each, False)):
        page = _ask(site, "", query=listed % first)["data"]["project"]["mergeRequests"]
        assert page["nodes"] == [{"iid": str(each - n)} for n in range(first)]
        assert page["pageInfo"] == {"hasNextPage": has_next}
    told = _ask(site, "iid commits(first: 1) { pageInfo { hasNextPage } nodes { sha } }")
    nodes = told["data"]["project"]["mergeRequests"]["nodes"]
    assert [(one["iid"], len(one["commits"]["nodes"])) for one in nodes] == [("2", 1), ("1", 1)]
    assert all(one["commits"]["pageInfo"]["hasNextPage"] for one in nodes)


def test_a_project_that_does_not_exist_and_iids_that_nothing_has_are_told_as_nothing(
    site: RunningSite,
) -> None:
    assert _ask(site, APPROVALS, variables=variables("acme/none", ("1",)))["data"]["project"] is None
    unknown = _ask(site, APPROVALS, variables=variables(path_of(1), ("0", "999")))
    assert unknown["data"]["project"]["mergeRequests"]["nodes"] == []


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"query": "query { project"}, 200, "Syntax Error"),
        ({"query": "{ project(fullPath: 1) { cost } }"}, 200, "cost"),
        ({"query": "{ ...a } fragment a on Query { queryComplexity { score } }"}, 200, "fragments"),
        ({"variables": {"path": "acme", "iids": [1]}}, 200, "$iids"),
        ({"query": "#" * 10_001}, 422, "too large"),
    ],
)
def test_what_gitlab_refuses_is_refused(
    site: RunningSite, changed: dict[str, Any], status: int, said: str
) -> None:
    answer = _ask(site, APPROVALS, status=status, **changed)
    assert said in answer["errors"][0]["message"]
    assert "data" not in answer
