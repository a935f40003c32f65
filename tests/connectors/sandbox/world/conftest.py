"""One company for all tests that only read it, and a view over its payloads that shares no code with what is tested."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox.world import Company, company

ANCHOR = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_KEY = re.compile(r"(?<![A-Z0-9])(?:IMP|RISK)-[1-9][0-9]*")


class View:
    """Payloads by what the tests ask for: keys in the texts of changes, found by a plain pattern."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.jira = company.sandbox.jira
        self.gitlab = company.sandbox.gitlab
        self.issues = {i["key"]: i for i in self.jira.issues.values()}
        self.issues |= {old: self.jira.issues[id_] for old, id_ in self.jira.old_keys.items()}
        self.requests: list[dict[str, Any]] = [
            m for p in self.gitlab.merge_requests.values() for m in p.values()
        ]
        self.marked = {p.subject for p in (*company.truth, *company.decoys)}

    def is_marked(self, issue: dict[str, Any]) -> bool:
        """True where a planted drift or a decoy is about the issue."""
        return f"jira:issue:{issue['id']}" in self.marked

    def ordinary(self, status: str) -> list[dict[str, Any]]:
        """Code items in a status that nothing planted is about."""
        kinds = {"Story", "Bug", "Task", "Improvement", "Technical Debt"}
        return [
            i
            for i in self.jira.issues.values()
            if i["fields"]["status"]["name"] == status
            and i["fields"]["issuetype"]["name"] in kinds
            and not self.is_marked(i)
        ]

    def requests_by_issue(self) -> dict[str, list[dict[str, Any]]]:
        """Merge requests that name an issue in branch or title, without reverts, by issue id."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for request in self.requests:
            keys = keys_in(request["source_branch"]) | keys_in(request["title"])
            if not request["title"].startswith("Revert"):
                for id_ in {self.issues[k]["id"] for k in keys if k in self.issues}:
                    found[id_].append(request)
        return found

    def branches(self) -> list[tuple[int, dict[str, Any]]]:
        """(project id, branch) of every branch."""
        return [(id_, b) for id_, held in self.gitlab.branches.items() for b in held.values()]


def keys_in(text: str) -> set[str]:
    """Issue keys of the two projects in a text."""
    return set(_KEY.findall(text))


def instant(text: str) -> datetime:
    """The instant that a vendor's timestamp means."""
    return datetime.fromisoformat(text)


@pytest.fixture(scope="session")
def nova() -> Company:
    return company(ANCHOR)


@pytest.fixture(scope="session")
def view(nova: Company) -> View:
    return View(nova)
