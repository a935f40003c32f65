"""A Jira that answers from a script, for one test at a time. Stateful end-to-end tests use the sandbox's server instead."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from connectors.cursor import Cursor
from connectors.jira.connector import JiraConnector, open_site
from connectors.port import Page, Policy, Request, Scope, Site

BASE = "https://jira.test"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SPRINT = {
    "id": "customfield_10020",
    "name": "Sprint",
    "schema": {"custom": "com.pyxis.greenhopper.jira:gh-sprint"},
}
POINTS = {
    "id": "customfield_10016",
    "name": "Story Points",
    "schema": {"custom": "com.atlassian.jira.plugin.system.customfieldtypes:float"},
}


def issue_payload(id_: int, key: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(id_),
        "key": key,
        "fields": {
            "summary": f"Issue {key}",
            "issuetype": {"name": "Story", "subtask": False},
            "status": {"id": "3", "name": "In Progress", "statusCategory": {"key": "indeterminate"}},
            "project": {"id": "1", "key": key.partition("-")[0]},
            "created": "2026-10-01T09:00:00.000+0800",
            "updated": "2026-11-19T09:00:00.000+0800",
        }
        | fields,
    }


@dataclass
class ScriptedJira:
    """Answers by method and path, in the order in which they were given; the last one of a path stays."""

    mock: responses.RequestsMock
    is_cloud: bool = True
    selection: dict[str, Any] = field(default_factory=lambda: {"name": "jira", "projects": ("PAY",)})

    def on(self, method: str, path: str, body: Any = None, status: int = 200, **kwargs: Any) -> None:
        kwargs.setdefault("headers", {"Date": "Fri, 20 Nov 2026 12:00:05 GMT"})
        if isinstance(body, str):
            self.mock.add(method, f"{BASE}/rest/{path}", body=body, status=status, **kwargs)
        else:
            self.mock.add(method, f"{BASE}/rest/{path}", json=body, status=status, **kwargs)

    def login(self, fields: list[dict[str, Any]] | None = None) -> None:
        deployment = "Cloud" if self.is_cloud else "Server"
        me = (
            {"accountId": "acc-bot", "displayName": "Sync Bot", "timeZone": "Asia/Shanghai"}
            if self.is_cloud
            else {
                "name": "bot",
                "key": "JIRAUSER1",
                "displayName": "Sync Bot",
                "timeZone": "America/New_York",
            }
        )
        self.on("GET", "api/2/serverInfo", {"deploymentType": deployment, "version": "10.3.24"})
        self.on("GET", "api/2/myself", me)
        self.on("GET", "api/2/field", fields if fields is not None else [SPRINT, POINTS])

    def open(self, **site: Any) -> JiraConnector:
        policy = Policy(attempts=2, first_wait_s=0.0, longest_wait_s=0.0)
        defaults: dict[str, Any] = {
            "source": "jira",
            "url": BASE,
            "token": "secret-token",
            "user": "bot@example.test",
        }
        return open_site(Site(**(defaults | {"policy": policy} | site)), self.selection)

    def connected(self, fields: list[dict[str, Any]] | None = None) -> JiraConnector:
        self.login(fields)
        connector = self.open() if self.is_cloud else self.open(user=None)
        connector.connect()
        return connector

    def bodies(self, path: str) -> list[Any]:
        """What was posted to ``path``, in order."""
        return [
            json.loads(call.request.body)
            for call in self.mock.calls
            if call.request.url and call.request.url.partition("?")[0] == f"{BASE}/rest/{path}"
        ]

    def asked(self, path: str) -> list[dict[str, str]]:
        """Query parameters of the GETs of ``path``, in order."""
        return [
            call.request.params  # type: ignore[attr-defined]
            for call in self.mock.calls
            if call.request.url and call.request.url.partition("?")[0] == f"{BASE}/rest/{path}"
        ]

    @property
    def methods(self) -> list[str]:
        """``METHOD path`` of every request, in order."""
        return [
            f"{call.request.method} {str(call.request.url).partition('?')[0].removeprefix(BASE + '/rest/')}"
            for call in self.mock.calls
        ]


@pytest.fixture
def mock():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as requests_mock:
        yield requests_mock


@pytest.fixture
def cloud(mock):
    return ScriptedJira(mock)


@pytest.fixture
def server(mock):
    return ScriptedJira(mock, is_cloud=False)


@pytest.fixture
def pull():
    """Pages of one stream's partition: ``pull(connector, "issues", "PAY")``."""

    def pages(
        connector: JiraConnector,
        stream: str,
        partition: str,
        cursor: Cursor | None = None,
        *,
        is_full: bool = False,
    ) -> list[Page]:
        chosen = next(candidate for candidate in connector.streams() if candidate.name == stream)
        scope = Scope(source=connector.source, stream=stream, partition=partition)
        request = Request(scope=scope, cursor=cursor or Cursor(), now=NOW, is_full=is_full)
        return list(chosen.pages(request))

    return pages


@pytest.fixture
def issue():
    return issue_payload


@pytest.fixture
def now():
    return NOW
