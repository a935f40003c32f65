"""Faults that lie in a good answer: each vendor's way of paging, told a page or a token again, or nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Fault, Sandbox
from tests.connectors.sandbox.sites import GITLAB, JIRA, small

Walk = Callable[[SandboxServer, int], tuple[list[str], object]]


def _get(url: str, headers: dict[str, str], **query: object) -> requests.Response:
    answer = requests.get(url, headers=headers, params=query, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer


def _token(server: SandboxServer, number: int) -> tuple[list[str], object]:
    """Cloud's search: the page after ``number`` tokens of one row each."""
    token, url = {}, f"{server.jira_url}/rest/api/3/search/jql"
    for _ in range(number + 1):
        body = _get(url, JIRA, jql="project = A ORDER BY id ASC", maxResults=1, **token).json()
        token = {"nextPageToken": body["nextPageToken"]} if "nextPageToken" in body else {}
    return [row["id"] for row in body["issues"]], body.get("nextPageToken")


def _start(server: SandboxServer, number: int) -> tuple[list[str], object]:
    """Data Center's search by startAt; what the answer says where it began."""
    for start in range(number + 1):
        body = _get(
            f"{server.jira_url}/rest/api/2/search", JIRA, jql="ORDER BY id ASC", maxResults=1, startAt=start
        ).json()
    return [row["id"] for row in body["issues"]], body["startAt"]


def _agile(server: SandboxServer, number: int) -> tuple[list[str], object]:
    """Boards by startAt and isLast."""
    for start in range(number + 1):
        body = _get(f"{server.jira_url}/rest/agile/1.0/board", JIRA, maxResults=1, startAt=start).json()
    return [row["id"] for row in body["values"]], (body["startAt"], body["isLast"])


def _pages(server: SandboxServer, number: int) -> tuple[list[str], object]:
    """GitLab's bare lists by page."""
    for page in range(1, number + 2):
        answer = _get(f"{server.gitlab_url}/api/v4/projects", GITLAB, per_page=1, page=page, order_by="id")
    return [str(row["id"]) for row in answer.json()], answer.headers["X-Next-Page"]


def _links(server: SandboxServer, number: int) -> tuple[list[str], object]:
    """GitLab's keyset by Link header."""
    url = f"{server.gitlab_url}/api/v4/projects?pagination=keyset&order_by=id&sort=asc&id_after=1&per_page=1"
    for _ in range(number + 1):
        answer = _get(url, GITLAB)
        url = answer.links.get("next", {}).get("url", "")
    return [str(row["id"]) for row in answer.json()], url.partition("id_after=")[2].partition("&")[0]


def _site(flavour: str = "cloud") -> Sandbox:
    sandbox = small(flavour)
    sandbox.jira.boards = {n: {"id": n, "name": n, "type": "scrum"} for n in ("1", "2", "3")}
    return sandbox


WALKS = {"token": _token, "start": _start, "agile": _agile, "pages": _pages, "links": _links}
each_way = pytest.mark.parametrize("way", WALKS)


def walked(way: str, number: int, *faults: Fault) -> tuple[list[str], object]:
    """The rows and the token of one page, counted from 0, under faults."""
    sandbox = _site("datacenter" if way == "start" else "cloud")
    sandbox.faults += faults
    with SandboxServer(sandbox) as server:
        return WALKS[way](server, number)


@each_way
def test_a_repeated_page_is_the_former_page_with_its_rows_and_its_token(way: str) -> None:
    lied = walked(way, 1, Fault(pattern="GET", kind="repeat_page"))
    assert lied == walked(way, 0)
    assert lied[0] != walked(way, 1)[0]


@each_way
def test_a_repeated_token_leads_back_although_the_rows_are_new(way: str) -> None:
    rows, token = walked(way, 1, Fault(pattern="GET", kind="repeat_token"))
    assert rows == walked(way, 1)[0]
    assert token == walked(way, 0)[1]
    assert token != walked(way, 1)[1] or way == "agile"


@each_way
def test_a_lie_about_a_page_waits_for_a_page_that_has_a_former_one(way: str) -> None:
    fault = Fault(pattern="GET", kind="repeat_page")
    assert walked(way, 0, fault) == walked(way, 0)
    assert fault.times == 1


@pytest.mark.parametrize("way", ["token", "agile", "start"])
def test_an_empty_list_in_jira_has_no_rows_and_no_further_page(way: str) -> None:
    rows, token = walked(way, 0, Fault(pattern="GET", kind="empty_list"))
    assert rows == []
    assert token == {"token": None, "agile": (0, True), "start": 0}[way]


@pytest.mark.parametrize("way", ["pages", "links"])
def test_an_empty_list_in_gitlab_has_no_rows_and_no_further_page(way: str) -> None:
    assert walked(way, 0, Fault(pattern="GET", kind="empty_list")) == ([], "")


def test_an_empty_list_says_a_total_of_nothing() -> None:
    sandbox = _site("datacenter")
    sandbox.faults.append(Fault(pattern="search|projects", kind="empty_list", times=2))
    with SandboxServer(sandbox) as server:
        found = _get(f"{server.jira_url}/rest/api/2/search", JIRA, jql="").json()
        answer = _get(f"{server.gitlab_url}/api/v4/projects", GITLAB)
    assert found["total"] == 0
    assert (answer.headers["X-Total"], answer.links.keys()) == ("0", {"first"})


def test_another_question_on_the_same_path_is_another_walk() -> None:
    sandbox = _site()
    sandbox.faults.append(Fault(pattern="GET", kind="repeat_page"))
    with SandboxServer(sandbox) as server:
        url = f"{server.gitlab_url}/api/v4/projects"
        _get(url, GITLAB, per_page=1)
        assert _get(url, GITLAB, per_page=2, page=2, order_by="id").json()[0]["id"] == 23
    assert sandbox.faults[0].times == 1


def test_a_worklog_feed_repeats_its_page() -> None:
    sandbox = _site()
    for id_ in range(1, 1003):
        at = f"2026-01-01T00:{id_ // 60:02d}:{id_ % 60:02d}.000+0000"
        sandbox.jira.worklogs["1"].append({"id": str(id_), "updated": at})
    sandbox.faults.append(Fault(pattern="worklog/updated", kind="repeat_page"))
    with SandboxServer(sandbox) as server:
        first = _get(f"{server.jira_url}/rest/api/2/worklog/updated", JIRA, since=0).json()
        again = _get(first["nextPage"], JIRA).json()
        assert again == first
        assert _get(first["nextPage"], JIRA).json()["lastPage"]


def test_a_page_asked_for_in_a_body_is_repeated_too() -> None:
    sandbox = _site()
    sandbox.faults.append(Fault(pattern="POST", kind="repeat_page"))
    with SandboxServer(sandbox) as server:
        url, body = f"{server.jira_url}/rest/api/3/search/jql", {"jql": "project = A", "maxResults": 1}
        first = requests.post(url, json=body, headers=JIRA, timeout=5).json()
        body["nextPageToken"] = first["nextPageToken"]
        assert requests.post(url, json=body, headers=JIRA, timeout=5).json() == first
        assert requests.post(url, json=body, headers=JIRA, timeout=5).json() != first
