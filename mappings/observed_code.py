"""Observed code: the records of GitLab that were read, indexed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from connectors.records import (
    Approval,
    Branch,
    Commit,
    Job,
    MergeRequest,
    MergeRequestCommits,
    MergeRequestNotes,
    PathTouch,
    Pipeline,
    Record,
)
from mappings.commit_graph import CommitGraph
from mappings.grouping import grouped
from mappings.parents import Parents

R = TypeVar("R", bound=Record)


NOT_OF_BRANCH = frozenset({"parent_pipeline", "merge_request_event"})
"""Origins of pipelines that have a branch's name and did not run for the branch."""


def in_time(pipelines: Iterable[Pipeline]) -> list[Pipeline]:
    """Pipelines, oldest first."""
    return sorted(pipelines, key=lambda p: (p.created_at, len(p.id), p.id))


class ObservedCode(ABC):
    """Indexes over the records of code and delivery. Keyed by (source, id), for ids are unique within a source."""

    @abstractmethod
    def all(self, record_type: type[R]) -> tuple[R, ...]:
        """All records of one type, in ref order."""

    @cached_property
    def commit(self) -> Mapping[tuple[str, str, str], Commit]:
        """Commits by (source, project id, sha)."""
        return MappingProxyType({(c.source, c.project_id, c.sha): c for c in self.all(Commit)})

    @cached_property
    def graph_of(self) -> Mapping[tuple[str, str], CommitGraph]:
        """The parents of each commit by its sha, by (source, project id)."""
        commits = grouped(self.all(Commit), lambda c: (c.source, c.project_id))
        return MappingProxyType(
            {
                place: CommitGraph([c.sha for c in own], (Parents.of((c.sha, c.parent_shas) for c in own),))
                for place, own in commits.items()
            }
        )

    @cached_property
    def jobs_of(self) -> Mapping[tuple[str, str], tuple[Job, ...]]:
        """Jobs by (source, pipeline id)."""
        return grouped(self.all(Job), lambda j: (j.source, j.pipeline_id))

    @cached_property
    def branches_of(self) -> Mapping[tuple[str, str], tuple[Branch, ...]]:
        """Branches by (source, project id)."""
        return grouped(self.all(Branch), lambda b: (b.source, b.project_id))

    @cached_property
    def merge_requests_of(self) -> Mapping[tuple[str, str], tuple[MergeRequest, ...]]:
        """Merge requests by (source, project id)."""
        return grouped(self.all(MergeRequest), lambda m: (m.source, m.project_id))

    @cached_property
    def asked_commits_of(self) -> Mapping[tuple[str, str], MergeRequestCommits]:
        """Commits of a merge request where GitLab had to be asked, by (source, merge request id)."""
        return MappingProxyType({(c.source, c.id): c for c in self.all(MergeRequestCommits)})

    @cached_property
    def approval_of(self) -> Mapping[tuple[str, str], Approval]:
        """Who approved, by (source, merge request id); only of merge requests of which it was asked."""
        return MappingProxyType({(a.source, a.id): a for a in self.all(Approval)})

    @cached_property
    def notes_of(self) -> Mapping[tuple[str, str], MergeRequestNotes]:
        """What was said, by (source, merge request id); only of merge requests of which it was asked."""
        return MappingProxyType({(n.source, n.id): n for n in self.all(MergeRequestNotes)})

    @cached_property
    def touches_of(self) -> Mapping[tuple[str, str], tuple[PathTouch, ...]]:
        """Commits below a watched path, by (source, project id)."""
        return grouped(self.all(PathTouch), lambda t: (t.source, t.project_id))

    @cached_property
    def touches_below(self) -> Mapping[tuple[str, str, str], tuple[PathTouch, ...]]:
        """Commits below a watched path, by (source, project id, prefix without a closing slash)."""
        return grouped(self.all(PathTouch), lambda t: (t.source, t.project_id, t.prefix.rstrip("/")))

    @cached_property
    def requests_from(self) -> Mapping[tuple[str, str, str], tuple[MergeRequest, ...]]:
        """Merge requests by (source, project id, source branch)."""
        return grouped(self.all(MergeRequest), lambda m: (m.source, m.project_id, m.source_branch))

    @cached_property
    def requests_in(self) -> Mapping[tuple[str, str], tuple[MergeRequest, ...]]:
        """Merge requests by (source, id of their GitLab milestone)."""
        planned = (m for m in self.all(MergeRequest) if m.milestone_id)
        return grouped(planned, lambda m: (m.source, m.milestone_id or ""))

    @cached_property
    def _runs_on(self) -> Mapping[tuple[str, str, str], tuple[Pipeline, ...]]:
        runs = (p for p in self.all(Pipeline) if p.origin not in NOT_OF_BRANCH)
        return grouped(in_time(runs), lambda p: (p.source, p.project_id, p.ref_name))

    def runs_since_passed(
        self, branch: tuple[str, str, str], *, passed: frozenset[str], until: datetime
    ) -> tuple[Pipeline, ...]:
        """The pipelines that ran for a branch, (source, project id, name), created at ``until`` or before: from the newest with a status among ``passed`` on, all where there is none. Oldest first."""
        runs = [p for p in self._runs_on.get(branch, ()) if p.created_at <= until]
        last = max((p.created_at for p in runs if p.status in passed), default=None)
        return tuple(p for p in runs if last is None or p.created_at >= last)

    def requests_since(self, at: datetime) -> Iterable[MergeRequest]:
        """Merge requests that were opened or merged at ``at`` or later, in ref order."""
        return (m for m in self.all(MergeRequest) if max(m.created_at, m.merged_at or m.created_at) >= at)

    def branches_since(self, at: datetime) -> Iterable[Branch]:
        """Branches whose tip was committed at ``at`` or later, in ref order."""
        return (b for b in self.all(Branch) if b.committed_at >= at)
