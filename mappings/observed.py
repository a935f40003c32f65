"""Observed: everything that was read from the tools, indexed. An immutable view; builds no links and judges nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from connectors.port import Verdict
from connectors.records import (
    Branch,
    Commit,
    FieldChange,
    Issue,
    Job,
    KeyAlias,
    MergeRequest,
    MergeRequestCommits,
    Milestone,
    PathTouch,
    Project,
    Record,
    Ref,
    Sprint,
    Version,
)

R = TypeVar("R", bound=Record)
K = TypeVar("K", bound=Hashable)


def grouped(records: Iterable[R], key: Callable[[R], K]) -> Mapping[K, tuple[R, ...]]:
    """Records by ``key``, each group in the given order."""
    groups: dict[K, list[R]] = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return MappingProxyType({k: tuple(v) for k, v in groups.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A Jira issue that a count did not find and a direct read confirmed to be gone, as it was read last. ``noticed_at`` is when; it had gone before."""

    issue: Issue
    noticed_at: datetime


@dataclass(frozen=True)
class Observed:
    """All live records, sorted by kind and ref so that order of arrival never matters. What is ``gone`` is in no index but its own.

    Ids are unique within a source, so every index is keyed by (source, id); issue keys are unique across sites.
    """

    records: tuple[Record, ...]
    aliases: tuple[KeyAlias, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    gone: tuple[Gone, ...] = ()

    @classmethod
    def of(
        cls,
        records: Iterable[Record],
        *,
        aliases: Iterable[KeyAlias] = (),
        verdicts: Iterable[Verdict] = (),
        gone: Iterable[Gone] = (),
    ) -> Observed:
        """The view over ``records`` in any order."""
        return cls(
            records=tuple(sorted(records, key=lambda r: (r.kind, r.source, len(r.id), r.id))),
            aliases=tuple(sorted(aliases, key=lambda a: (a.source, a.key))),
            verdicts=tuple(sorted(verdicts, key=lambda v: v.scope)),
            gone=tuple(sorted(gone, key=lambda g: g.issue.ref)),
        )

    @cached_property
    def by_ref(self) -> Mapping[Ref, Record]:
        """Every record by its ref."""
        return MappingProxyType({r.ref: r for r in self.records})

    @cached_property
    def _by_type(self) -> Mapping[type, tuple[Any, ...]]:  # each group holds records of exactly its type
        return grouped(self.records, type)

    def all(self, record_type: type[R]) -> tuple[R, ...]:
        """All records of one type, in ref order."""
        return self._by_type.get(record_type, ())

    @cached_property
    def issue_by_key(self) -> Mapping[str, Issue]:
        """Issues by current key and by every former key; a current key wins over an alias."""
        by_id = {(i.source, i.id): i for i in self.all(Issue)}
        former = {a.key: by_id[a.source, a.issue_id] for a in self.aliases if (a.source, a.issue_id) in by_id}
        return MappingProxyType(former | {i.key: i for i in self.all(Issue)})

    @cached_property
    def gone_by_ref(self) -> Mapping[Ref, Gone]:
        """Issues that are gone, by ref."""
        return MappingProxyType({g.issue.ref: g for g in self.gone})

    @cached_property
    def children_of(self) -> Mapping[str, tuple[Issue, ...]]:
        """Direct children (by parent or epic) by the parent's current key."""
        return grouped(
            (i for i in self.all(Issue) if i.epic_key or i.parent_key),
            lambda i: i.parent_key or i.epic_key or "",
        )

    @cached_property
    def changes_of(self) -> Mapping[Ref, tuple[FieldChange, ...]]:
        """Field changes by issue, oldest first."""
        changes = sorted(self.all(FieldChange), key=lambda c: (c.at, len(c.id), c.id))
        return grouped(changes, lambda c: Ref(source=c.source, kind="issue", id=c.issue_id))

    @cached_property
    def version(self) -> Mapping[tuple[str, str], Version]:
        """Versions by (source, id)."""
        return MappingProxyType({(v.source, v.id): v for v in self.all(Version)})

    @cached_property
    def sprint(self) -> Mapping[tuple[str, str], Sprint]:
        """Sprints by (source, id)."""
        return MappingProxyType({(s.source, s.id): s for s in self.all(Sprint)})

    @cached_property
    def project(self) -> Mapping[tuple[str, str], Project]:
        """GitLab projects by (source, id)."""
        return MappingProxyType({(p.source, p.id): p for p in self.all(Project)})

    @cached_property
    def milestone(self) -> Mapping[tuple[str, str], Milestone]:
        """GitLab milestones by (source, id)."""
        return MappingProxyType({(m.source, m.id): m for m in self.all(Milestone)})

    @cached_property
    def commit(self) -> Mapping[tuple[str, str, str], Commit]:
        """Commits by (source, project id, sha)."""
        return MappingProxyType({(c.source, c.project_id, c.sha): c for c in self.all(Commit)})

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
    def touches_of(self) -> Mapping[tuple[str, str], tuple[PathTouch, ...]]:
        """Commits below a watched path, by (source, project id)."""
        return grouped(self.all(PathTouch), lambda t: (t.source, t.project_id))
