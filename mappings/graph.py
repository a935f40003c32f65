"""Graph: which commits a merge request carries and which are on the default branch, told from the commits already pulled.

A merge request carries what its merge commit brought in: reachable from the merge commit's other parents, not from its first. An open or
closed one carries what its head has and its target branch has not. A squashed one carries the squash commit (a landed commit with one parent is one). The graph cannot tell where the head was
never pulled, where the history is cut inside the carried part, or where a fast-forward left no merge commit.

Bound: each project's first-parent lines are walked once and every commit is visited once per line that it is new to (main, develop and a release
branch are three lines; a branch cut from another starts where it was cut), so the work grows with commits plus carried commits, not with their product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct

from connectors.records import Branch, MergeRequest, Ref
from mappings.changes import in_request
from mappings.commit_graph import NO_COMMITS, CommitGraph, OfCommits, Reached
from mappings.lines import Lines
from mappings.observed import Observed

Carried: TypeAlias = Mapping[tuple[str, str], tuple[str, ...] | None]
"""Shas by (source, merge request id), newest first; None where neither the graph nor GitLab's own answer tells."""


def carried_commits(observed: Observed) -> Carried:
    """The shas that each merge request carries, its merge commit left out. See the module for the rule and the bound.

    Where the graph cannot tell, GitLab's answer counts if it was asked at the same head.
    """
    return MappingProxyType(
        {
            (request.source, request.id): _asked(request, observed)
            if shas is None
            else _newest_first(shas, request, observed)
            for request, shas in _by_graph(observed)
        }
    )


def carried_shas(observed: Observed) -> Carried:
    """As ``carried_commits``, but in no particular order: that asks for no commit, only for the graph."""
    return MappingProxyType(
        {
            (request.source, request.id): _asked(request, observed) if shas is None else shas
            for request, shas in _by_graph(observed)
        }
    )


def _by_graph(observed: Observed) -> Iterator[tuple[MergeRequest, tuple[str, ...] | None]]:
    """What each merge request carries as far as the graph tells."""
    for project, requests in observed.merge_requests_of.items():
        graph = observed.graph_of.get(project, NO_COMMITS)
        lines = _lines(graph, observed.branches_of.get(project, ()), requests)
        tips = {b.name: b.sha for b in observed.branches_of.get(project, ())}
        for request in requests:
            yield request, _carried(request, lines, tips=tips)


class Carriers(Struct, frozen=True, kw_only=True):
    """Which merge request brought a commit first, where several carry it (a release branch passes on what was merged before)."""

    carried: Carried
    first_of: Mapping[tuple[str, str], Mapping[str, Ref]]
    """By (source, project id), then by sha: the earliest merged one, else the earliest created one."""

    def first(self, request: MergeRequest, sha: str) -> Ref:
        """The merge request that brought ``sha``, one of those that ``request`` carries."""
        return self.first_of[request.source, request.project_id][sha]


def carriers_of(observed: Observed, carried: Carried) -> Carriers:
    """Who brought what, from ``carried_commits(observed)``."""
    first: dict[tuple[str, str], OfCommits[Ref]] = {}
    carrying = ((r, shas) for r in observed.all(MergeRequest) if (shas := carried.get((r.source, r.id))))
    for request, shas in sorted(carrying, key=lambda pair: _landing(pair[0])):
        place = (request.source, request.project_id)
        if place not in first:
            first[place] = OfCommits(observed.graph_of.get(place, NO_COMMITS))
        first[place].give(shas, request.ref)
    return Carriers(carried=carried, first_of=MappingProxyType(first))


def _landing(request: MergeRequest) -> tuple[bool, datetime, Ref]:
    return (request.merged_at is None, request.merged_at or request.created_at, request.ref)


def unresolved(
    observed: Observed, *, projects: frozenset[str], carried: Carried | None = None
) -> tuple[MergeRequest, ...]:
    """Merge requests whose commits must be asked for: the graph cannot tell them, and no branch, title or description names an issue.

    ``projects`` are the project keys that count, ``carried`` is ``carried_commits(observed)``. In ref order.
    """
    known = carried_commits(observed) if carried is None else carried
    return tuple(
        request
        for request in observed.all(MergeRequest)
        if known.get((request.source, request.id)) is None
        and not in_request(request, projects, lower_case=True)
    )


def landed_shas(request: MergeRequest) -> tuple[str, ...]:
    """Shas by which a merge request is known where it landed: merge commit, squash commit and head, those it has."""
    shas = (request.merge_commit_sha, request.squash_commit_sha, request.sha)
    return tuple(dict.fromkeys(sha for sha in shas if sha))


def default_branch_shas(observed: Observed) -> frozenset[tuple[str, str, str]]:
    """(source, project id, sha) of every pulled commit on a default branch. Linear."""
    return frozenset(_on_default(observed))


def _on_default(observed: Observed) -> Iterator[tuple[str, str, str]]:
    for source, project_id in observed.branches_of:
        for sha in landed_in(observed, (source, project_id)):
            yield source, project_id, sha


def landed_in(observed: Observed, project: tuple[str, str]) -> Reached:
    """Shas of the pulled commits on the default branch of one project, (source, project id)."""
    tips = (b.sha for b in observed.branches_of.get(project, ()) if b.is_default)
    return Reached(observed.graph_of.get(project, NO_COMMITS), tips)


def _lines(graph: CommitGraph, branches: tuple[Branch, ...], requests: tuple[MergeRequest, ...]) -> Lines:
    """Lines through the default branch, then the other targets of merge requests, then merge commits that are on none of them, newest first."""
    lines = Lines(graph)
    targets = {r.target_branch for r in requests}
    wanted = sorted(
        (b for b in branches if b.is_default or b.name in targets), key=lambda b: (not b.is_default, b.name)
    )
    for branch in wanted:
        lines.through(branch.sha)
    landed = sorted(
        (r for r in requests if r.merge_commit_sha),
        key=lambda r: (r.merged_at or r.updated_at, r.id),
        reverse=True,
    )
    for request in landed:
        lines.through(request.merge_commit_sha or "")
    return lines


def _carried(request: MergeRequest, lines: Lines, *, tips: Mapping[str, str]) -> tuple[str, ...] | None:
    if request.squash_commit_sha and request.state == "merged":
        return (request.squash_commit_sha,)
    if request.state == "merged":
        return lines.brought(request.merge_commit_sha) if request.merge_commit_sha else None
    tip = lines.through(tips.get(request.target_branch, ""))
    if tip is None or request.sha is None:
        return None
    line, index = tip
    return lines.beyond(line, request.sha, upto=index)


def _asked(request: MergeRequest, observed: Observed) -> tuple[str, ...] | None:
    answer = observed.asked_commits_of.get((request.source, request.id))
    if answer is None or answer.head_sha != request.sha:
        return None
    return tuple(sha for sha, _ in answer.commits)


def _newest_first(shas: tuple[str, ...], request: MergeRequest, observed: Observed) -> tuple[str, ...]:
    commits = (observed.commit.get((request.source, request.project_id, sha)) for sha in shas)
    known = sorted((c for c in commits if c), key=lambda c: (c.committed_at, c.sha), reverse=True)
    return tuple(c.sha for c in known) or shas
