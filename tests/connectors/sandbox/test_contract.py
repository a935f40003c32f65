"""Every answer of the sandbox fits the vendors' documents, but for what one table names with a reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import requests

from connectors.sandbox import gitlab_routes, jira_routes
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world import company
from tests.connectors.sandbox.contract_calls import Call, gitlab_calls, jira_calls
from tests.connectors.sandbox.leniencies import LENIENCIES
from tests.connectors.sandbox.vendor_documents import FOLDER, Misfit, document

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the folder with the vendors' documents (../shared/specs) is absent"
)
ANCHOR = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TOOLS = ("cloud", "datacenter", "gitlab")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What one tool gave: misfits with their number, statuses by call, and what was asked."""

    misfits: Counter[Misfit]
    statuses: dict[str, int]
    asked: tuple[Call, ...]


def _answered(tool: str) -> Answered:
    world = company(ANCHOR, flavour="datacenter" if tool == "datacenter" else "cloud").sandbox
    world.gitlab.tokens["sandbox-gitlab-token"]["scopes"] = ["api"]
    misfits: Counter[Misfit] = Counter()
    statuses: dict[str, int] = {}
    asked: list[Call] = []
    with SandboxServer(world) as server, requests.Session() as session:
        is_gitlab = tool == "gitlab"
        base = server.gitlab_url if is_gitlab else server.jira_url
        session.headers["Authorization"] = f"Bearer sandbox-{'gitlab' if is_gitlab else 'jira'}-token"
        for call in gitlab_calls(world.gitlab) if is_gitlab else jira_calls(world.jira):
            answer = session.request(call.method, base + call.path, json=call.body, timeout=10)
            body = answer.json() if answer.content else None
            asked.append(call)
            statuses[f"{call.method} {call.path}"] = answer.status_code
            if answer.status_code < 400 and body is not None:
                misfits.update(_misfits(tool, call, answer.status_code, body))
    return Answered(misfits=misfits, statuses=statuses, asked=tuple(asked))


def _misfits(tool: str, call: Call, status: int, body: object) -> Iterator[Misfit]:
    path = call.path.partition("?")[0]
    if tool == "gitlab":
        return document("gitlab-rest-v4.yaml").misfits(call.method, path, status, body)
    if tool == "datacenter":
        return document("jira-dc-10.3.json", "/rest").misfits(call.method, path, status, body)
    if path.startswith("/rest/agile"):
        return document("jira-cloud-software-agile.json").misfits(call.method, path, status, body)
    path = path.replace("/rest/api/2/", "/rest/api/3/")
    return document("jira-cloud-platform-v3.json").misfits(call.method, path, status, body)


@pytest.fixture(scope="session")
def answers() -> dict[str, Answered]:
    return {tool: _answered(tool) for tool in TOOLS}


def test_every_misfit_has_a_reason(answers):
    unexplained = [
        str(misfit)
        for tool in TOOLS
        for misfit in answers[tool].misfits
        if not any(leniency.covers(misfit) for leniency in LENIENCIES)
    ]
    assert unexplained == []


def test_every_leniency_is_needed(answers):
    misfits = [misfit for tool in TOOLS for misfit in answers[tool].misfits]
    assert [one.reason for one in LENIENCIES if not any(map(one.covers, misfits))] == []


@pytest.mark.parametrize("tool", TOOLS)
def test_only_what_the_vendor_took_away_is_refused(answers, tool):
    refused = {
        (status, call.partition("?")[0]) for call, status in answers[tool].statuses.items() if status >= 400
    }
    gone = {(410, f"GET /rest/api/{number}/search") for number in (2, 3)}
    assert refused == (gone if tool == "cloud" else set())


@pytest.mark.parametrize("tool", TOOLS)
def test_every_route_of_the_sandbox_was_asked(answers, tool):
    """Every route but those that Cloud shares with Data Center and answers 410 to."""
    router = gitlab_routes.ROUTER if tool == "gitlab" else jira_routes.ROUTERS[tool]
    paths = {(call.method, _table_path(call.path)) for call in answers[tool].asked}
    unasked = {
        f"{route.method} {route.template}"
        for route in router.routes
        if not any(method == route.method and route.pattern().fullmatch(path) for method, path in paths)
    }
    assert unasked == ({"POST search"} if tool == "cloud" else set())


def _table_path(path: str) -> str:
    plain = path.partition("?")[0]
    return re.sub(r"^(/rest/api/\d/|/api/v4/)", "", plain).replace("/rest/agile/1.0/", "agile:")


def test_a_sprint_has_the_keys_and_types_of_the_vendors_example():
    text = document("jira-cloud-software-agile.json").example("GET", "/rest/agile/1.0/sprint/1")
    world = company(ANCHOR).sandbox
    for sprint in world.jira.sprints.values():
        absent = set() if sprint["state"] == "closed" else {"completeDate"}
        assert sprint.keys() == text.keys() - absent
        assert {key: type(text[key]) for key in sprint} == {key: type(value) for key, value in sprint.items()}


def test_a_wrong_answer_is_found():
    """The check itself can fail: a number for a text, a key that is not the vendor's, a path that is not."""
    wrong = {"startAt": "0", "maxResults": 50, "total": 0, "comments": [], "surprise": 1}
    platform = document("jira-cloud-platform-v3.json")
    found = list(platform.misfits("GET", "/rest/api/3/issue/1/comment", 200, wrong))
    assert [one.at for one in found] == ["startAt"]
    found = list(platform.misfits("GET", "/rest/api/3/status", 200, [{"id": 1}]))
    assert [one.at for one in found] == ["*.id"]
    assert [one.problem for one in platform.misfits("GET", "/rest/api/3/nothing", 200, {})] == [
        "path unknown"
    ]
