"""Small sites for tests of the sandbox itself: one Jira project of three issues, and a GitLab of 25 projects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.sandbox.state import GitlabState, JiraState, Sandbox

NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
JIRA = {"Authorization": "Bearer sandbox-jira-token"}
GITLAB = {"Private-Token": "sandbox-gitlab-token"}


def small(flavour: str = "cloud") -> Sandbox:
    """Issues A-1 to A-3, updated 1 to 3 hours ago, and projects g/p1 to g/p25."""
    sandbox = Sandbox(
        jira=JiraState(clock=lambda: NOW, flavour=flavour, me={"accountId": "a", "name": "a"}),
        gitlab=GitlabState(clock=lambda: NOW, me={"id": 1, "username": "x"}),
    )
    sandbox.jira.projects["A"] = {"id": "1", "key": "A", "name": "A"}
    for number in range(1, 4):
        updated = (NOW - timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        fields = {"project": {"id": "1", "key": "A"}, "summary": f"s{number}", "updated": updated}
        sandbox.jira.issues[str(number)] = {"id": str(number), "key": f"A-{number}", "fields": fields}
    for id_ in range(1, 26):
        sandbox.gitlab.projects[id_] = {
            "id": id_,
            "path_with_namespace": f"g/p{id_}",
            "created_at": "2026-01-01T00:00:00Z",
        }
    return sandbox
