"""Observed: everything that was read from the tools, indexed. An immutable view; builds no links and judges nothing."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct

from connectors.port import Verdict
from connectors.records import (
    FieldChange,
    Issue,
    KeyAlias,
    Milestone,
    Project,
    Record,
    Ref,
    Sprint,
    Version,
    Worklog,
)
from mappings.grouping import grouped, grouped_by
from mappings.observed_code import ObservedCode

__all__ = ["PLANNED", "Observed", "grouped", "grouped_by"]

R = TypeVar("R", bound=Record)
K = TypeVar("K", bound=Hashable)


PLANNED = frozenset({"fix_version", "parent"})
"""The fields by whose change an issue joins or leaves a milestone."""


class Gone(Struct, frozen=True, kw_only=True):
    """A Jira issue that a count did not find and a direct read confirmed to be gone, as it was read last. ``noticed_at`` is when; it had gone before."""

    issue: Issue
    noticed_at: datetime


class ItemSeen(NamedTuple):
    """As much of a Jira issue as tells how far it is: what is asked of all issues at once asks for no more."""

    ref: Ref
    key: str
    project_key: str
    status: str
    status_category: str
    resolution: str | None


@dataclass(frozen=True)
class Observed(ObservedCode):
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

    def found(self, refs: Iterable[Ref]) -> tuple[Record, ...]:
        """The records behind some refs, in their order; what is not there is left out."""
        return tuple(record for ref in refs if (record := self.by_ref.get(ref)))

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
    def issue_refs(self) -> Mapping[str, Ref]:
        """Refs of issues by current key and by every former key."""
        return MappingProxyType({key: issue.ref for key, issue in self.issue_by_key.items()})

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
    def worklogs_by(self) -> Mapping[tuple[str, str], tuple[Worklog, ...]]:
        """Hours by (source, account), in ref order; entries without an account are left out."""
        known = (log for log in self.all(Worklog) if log.author_id)
        return grouped(known, lambda log: (log.source, log.author_id or ""))

    def worklogs_since(
        self, at: datetime, accounts: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], tuple[Worklog, ...]]:
        """Hours of each account, (source, id), for work that began at ``at`` or later, in ref order."""
        return {
            account: tuple(log for log in self.worklogs_by.get(account, ()) if log.started_at >= at)
            for account in accounts
        }

    @cached_property
    def worklogs_of(self) -> Mapping[Ref, tuple[Worklog, ...]]:
        """Hours by issue, earliest work first."""
        logs = sorted(self.all(Worklog), key=lambda log: (log.started_at, log.ref))
        return grouped(logs, lambda log: Ref(log.source, Issue.kind, log.issue_id))

    @cached_property
    def resolving_projects(self) -> frozenset[tuple[str, str]]:
        """(source, project key) of the Jira projects whose issues get a resolution date when they are done."""
        return frozenset((i.source, i.project_key) for i in self.all(Issue) if i.resolved_at)

    def issues_marked(
        self,
        projects: Collection[str],
        *,
        types: Collection[str] = (),
        labels: Collection[str] = (),
        components: Collection[str] = (),
    ) -> Iterable[Issue]:
        """Issues of the projects (of all, where none is named) that have one of the types, labels or components; where none of these is asked for, all of the projects named. In ref order."""
        if not (types or labels or components):
            return (i for i in self.all(Issue) if i.project_key in projects)
        inside = (i for i in self.all(Issue) if not projects or i.project_key in projects)
        return (
            i
            for i in inside
            if i.type in types
            or not set(labels).isdisjoint(i.labels)
            or not set(components).isdisjoint(i.components)
        )

    def items_before(
        self, types: frozenset[str], at: datetime, *, named: Collection[str]
    ) -> Iterable[ItemSeen]:
        """Issues of these types that were created at ``at`` or earlier, without sub-tasks, in ref order. Those that the tool calls done are left out, unless their status is ``named``."""
        items = (i for i in self.all(Issue) if i.type in types and not i.is_subtask and i.created_at <= at)
        return (
            ItemSeen(i.ref, i.key, i.project_key, i.status, i.status_category, i.resolution)
            for i in items
            if i.status_category != "done" or i.status in named
        )

    def taken_out(self, ids: frozenset[str]) -> Iterable[FieldChange]:
        """Changes of fix version or epic away from one of ``ids`` (of versions; ids or keys of epics), oldest first."""
        planned = (c for c in self.all(FieldChange) if c.field in PLANNED)
        left = (c for c in planned if c.from_value in ids or c.from_text in ids)
        return sorted(left, key=lambda c: (c.at, len(c.id), c.id))
