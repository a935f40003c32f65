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
