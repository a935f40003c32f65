"""Guesses: the size of what was not said, from what was: as large as it usually is beside the rest."""

from __future__ import annotations

from collections.abc import Mapping

SIZES = (
    "issues",
    "gitlab_projects",
    "jira_projects",
    "jira_sites",
    "gitlab_sites",
    "commits",
    "merge_requests",
    "pipelines",
    "commitments",
)
"""What a company's size is told by, in the order in which it is told."""

_COMMITS_PER_ISSUE, _COMMITS_PER_REQUEST = 5, 8
_ISSUES_PER_PROJECT, _ISSUES_PER_COMMITMENT, _ISSUES_PER_GITLAB_PROJECT = 2_000, 500, 1_000


def sizes_of(given: Mapping[str, int | None], held: Mapping[str, int]) -> dict[str, int]:
    """Every size: as given, else as the store holds it, else guessed from the number of issues. Raises KeyError where that number is not known either."""
    known = {**held, **{name: size for name, size in given.items() if size is not None}}
    issues = known["issues"]
    commits = known.get("commits", issues * _COMMITS_PER_ISSUE)
    requests = known.get("merge_requests", commits // _COMMITS_PER_REQUEST)
    guessed = {
        "gitlab_projects": max(1, issues // _ISSUES_PER_GITLAB_PROJECT),
        "jira_projects": max(1, issues // _ISSUES_PER_PROJECT),
        "jira_sites": 1,
        "gitlab_sites": 1,
        "commits": commits,
        "merge_requests": requests,
        "pipelines": requests,
        "commitments": max(1, issues // _ISSUES_PER_COMMITMENT),
    }
    return {name: known.get(name, guessed.get(name, 0)) for name in SIZES}
