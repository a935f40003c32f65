"""What the site answers: pages, bounds and bodies as the vendors have them."""

import itertools
import json
from dataclasses import replace

import pytest
import requests

from tests.bench.site.running import RunningSite, running
from tests.bench.site.small import SMALL

pytestmark = pytest.mark.process


@pytest.mark.parametrize("jql", ['project = "PAA"', 'project in ("PAA", "PAC")', "updated >= 0"])
def test_a_search_goes_by_tokens_to_its_end(site: RunningSite, jql: str) -> None:
    order = "updated ASC, id ASC" if "updated" in jql else "id ASC"
    body: dict[str, object] = {"jql": f"{jql} ORDER BY {order}", "fields": ["summary"], "maxResults": 7}
    found: list[str] = []
    while True:
        answer = requests.post(f"{site.url}/rest/api/3/search/jql", json=body, timeout=10).json()
        found += [row["key"] for row in answer["issues"]]
        if answer["isLast"]:
            break
        body["nextPageToken"] = answer["nextPageToken"]
    keys = {state.split()[0] for state in site.truth("issue").values()}
    wanted = {key for key in keys if key[:3] in jql or "updated" in jql}
    assert len(found) == len(wanted)
    assert set(found) == wanted
    counted = requests.post(f"{site.url}/rest/api/3/search/approximate-count", json={"jql": jql}, timeout=10)
    assert counted.json() == {"count": len(wanted)}


def _bulk(site: RunningSite, **body: object) -> tuple[list[tuple[str, str, int]], str]:
    """(issue, history, instant) of each history on a page of changelogs, and the token of the next page."""
    told = requests.post(f"{site.url}/rest/api/3/changelog/bulkfetch", json=body, timeout=10).json()
    logs = ((log["issueId"], one) for log in told["issueChangeLogs"] for one in log["changeHistories"])
    return [(id_, one["id"], one["created"]) for id_, one in logs], told.get("nextPageToken", "")


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_changelogs_in_bulk_are_paged_by_their_histories(own_site: RunningSite, size: int) -> None:
    own_site.change(0.05)
    issues = sorted(own_site.truth("issue"))
    whole, token = _bulk(own_site, issueIdsOrKeys=issues, maxResults=10_000)
    assert token == ""
    single = [
        (id_, one["id"])
        for id_ in issues
        for one in requests.get(f"{own_site.url}/rest/api/2/issue/{id_}?expand=changelog", timeout=10).json()[
            "changelog"
        ]["histories"]
    ]
    assert sorted(single) == sorted((id_, history) for id_, history, _ in whole)
    pages: list[list[tuple[str, str, int]]] = []
    while token or not pages:
        more = {"nextPageToken": token} if token else {}
        page, token = _bulk(own_site, issueIdsOrKeys=issues, maxResults=size, **more)
        pages.append(page)
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert 0 < len(pages[-1]) <= size
    assert sorted(row for page in pages for row in page) == sorted(whole)
    bounds = [(min(at for *_, at in page), max(at for *_, at in page)) for page in pages]
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(bounds))


def test_a_page_of_changelogs_holds_a_thousand_histories_where_nothing_is_said() -> None:
    with running(replace(SMALL, issues=300)) as site:
        issues = sorted(site.truth("issue"))
        page, token = _bulk(site, issueIdsOrKeys=issues)
        rest, end = _bulk(site, issueIdsOrKeys=issues, nextPageToken=token)
        whole, _ = _bulk(site, issueIdsOrKeys=issues, maxResults=10_000)
    assert (len(page), end) == (1000, "")
    assert len(whole) == len(page) + len(rest)


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 200), (1000, 200), (1001, 400)])
def test_changelogs_of_one_to_a_thousand_issues_are_told_in_bulk(
    site: RunningSite, count: int, status: int
) -> None:
    names = [f"PAA-{number}" for number in range(1, count + 1)]
    url = f"{site.url}/rest/api/3/changelog/bulkfetch"
    assert requests.post(url, json={"issueIdsOrKeys": names}, timeout=10).status_code == status


def test_listings_of_gitlab_are_counted_and_linked(site: RunningSite) -> None:
    target = f"{site.url}/api/v4/projects/1001/pipelines?per_page=6&order_by=id&sort=desc"
    found: list[int] = []
    while target:
        answer = requests.get(target, timeout=10)
        assert answer.headers["X-Total"] == str(SMALL.pipelines // SMALL.gitlab_projects)
        found += [row["id"] for row in answer.json()]
        target = answer.links.get("next", {}).get("url", "")
    assert found == sorted(found, reverse=True)
    assert len(found) == SMALL.pipelines // SMALL.gitlab_projects


def test_what_does_not_exist_is_not_found(site: RunningSite) -> None:
    for path in (
        "/api/v4/projects/999",
        "/api/v4/groups/other",
        "/rest/api/2/project/XX",
        "/rest/api/2/issue/1",
    ):
        assert requests.get(site.url + path, timeout=10).status_code == 404


def test_every_answer_waits_for_the_round_trip(site: RunningSite) -> None:
    site.begin(round_trip_s=0.2)
    answer = requests.get(f"{site.url}/rest/api/2/myself", timeout=10)
    assert answer.elapsed.total_seconds() >= 0.2
    assert site.counts()["requests"] == {"GET /rest/api/2/myself": 1}
    site.begin()
    assert site.counts()["requests"] == {}


def test_bodies_are_of_realistic_size(site: RunningSite) -> None:
    body = {"jql": 'project = "PAA"', "fields": ["summary"], "maxResults": 100}
    issues = requests.post(f"{site.url}/rest/api/3/search/jql", json=body, timeout=10).json()["issues"]
    sizes = [len(json.dumps(one)) for one in issues]
    assert min(sizes) > 2000
    assert max(sizes) < 9000
    commits = requests.get(f"{site.url}/api/v4/projects/1000/repository/commits", timeout=10).json()
    assert 600 < sum(len(json.dumps(one)) for one in commits) / len(commits) < 1100
