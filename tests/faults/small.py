"""Small: the company that trials run on, with less of its past, so that a run takes a fraction of a second."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from connectors.sandbox.state import GitlabState, JiraState, Payload
from connectors.sandbox.world import company
from connectors.sandbox.world.truth import Company, Flavour

_NEWEST = 8
"""Pipelines and merged requests of each project, and changes of each done issue, that are kept."""


def small(anchor: datetime, *, flavour: Flavour) -> Company:
    """A small company at ``anchor``. Its drift is another than the full one's: much of what was done has left no trace."""
    made = company(anchor, flavour=flavour, size="small")
    made = replace(made, mapping=_without_breaker(made.mapping))
    _forget_in_jira(made.sandbox.jira)
    _forget_in_gitlab(made.sandbox.gitlab, kept=frozenset(made.requests.values()))
    return made


def _without_breaker(mapping: str) -> str:
    """The mapping with a breaker that never stops a plan: a few days' changes are a large part of so little, and it must not hide what would be written."""
    return mapping.replace("\nwrite:\n", "\nwrite:\n  breaker: {max_withdrawn_percent: 100}\n")


def _forget_in_jira(jira: JiraState) -> None:
    for number, (id_, issue) in enumerate(jira.issues.items()):
        if issue["fields"]["status"]["statusCategory"]["key"] == "done":
            del jira.histories[id_][: -_NEWEST // 4]
        del jira.worklogs[id_][1 if number % 4 == 0 else 0 :]


def _forget_in_gitlab(gitlab: GitlabState, *, kept: frozenset[tuple[int, int]]) -> None:
    for project_id in gitlab.projects:
        requests = gitlab.merge_requests[project_id]
        merged = [iid for iid, one in requests.items() if one["state"] == "merged"]
        for iid in sorted(merged)[:-_NEWEST]:
            if (project_id, iid) not in kept:
                del requests[iid]
        _forget(gitlab.pipelines[project_id])


def _forget(pipelines: dict[int, Payload]) -> None:
    for id_ in sorted(pipelines)[:-_NEWEST]:
        del pipelines[id_]
