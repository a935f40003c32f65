"""The records as a judgement looks them up: small listings whole, everything else by what is asked for, within one snapshot of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection

from connectors.records import (
    Approval,
    Branch,
    Commit,
    FieldChange,
    Issue,
    Job,
    MergeRequest,
    MergeRequestCommits,
    MergeRequestNotes,
    PathTouch,
    Record,
    Ref,
    Worklog,
)
from mappings.observed import Observed, grouped
from sync.store.kept.listings import Listings
from sync.store.kept.lookup import Lookup
from sync.store.kept.project import issue_refs_of
from sync.store.kept.rows import by_column, grouped_keys, in_order
from sync.store.kept.searches import SearchedObserved
from sync.store.records import live_by
from sync.store.tables import RECORD_TABLES, RECORD_TYPE_BY_KIND

R = TypeVar("R", bound=Record)

_ISSUES, _CHANGES = RECORD_TABLES[Issue], RECORD_TABLES[FieldChange]


class StoredObserved(SearchedObserved):
    """``Observed`` over a snapshot: each index asks the store for what it is asked for. Use it while the connection is open.

    ``small`` is one over the same snapshot, whose small listings need not be read again.
    """

    def __init__(self, connection: Connection, *, small: Observed | None = None) -> None:
        near = small if isinstance(small, StoredObserved) else None
        object.__setattr__(self, "_connection", connection)
        object.__setattr__(self, "listings", near.listings if near else Listings(connection))
        if near:
            for name in ("resolving_projects", "found_since"):
                object.__setattr__(self, name, getattr(near, name))

    def found(self, refs: Iterable[Ref]) -> tuple[Record, ...]:
        """The records behind some refs, looked up together, and of issues what became of them too: who asks for many shows them."""
        asked = tuple(refs)
        self.by_ref.fetch(asked)
        self.changes_of.fetch(ref for ref in asked if ref.kind == Issue.kind)
        return super().found(asked)

    def _by(self, record_type: type[R], *names: str) -> Lookup[Any, tuple[R, ...]]:
        return Lookup(lambda keys: by_column(self._connection, record_type, names, keys))

    def _one(self, record_type: type[R], *names: str) -> Lookup[Any, R]:
        return Lookup(
            lambda keys: {
                key: found[-1] for key, found in by_column(self._connection, record_type, names, keys).items()
            }
        )

    @cached_property
    def by_ref(self) -> Lookup[Ref, Record]:
        """Every record by its ref."""
        return Lookup(self._records)

    def _records(self, refs: tuple[Ref, ...]) -> Mapping[Ref, Record]:
        found: dict[Ref, Record] = {}
        for (source, kind), ids in grouped_keys(refs).items():
            record_type = RECORD_TYPE_BY_KIND.get(kind)
            if record_type is None:
                continue
            found |= {r.ref: r for r in live_by(self._connection, record_type, source=source, id=ids)}
        return found

    @cached_property
    def issue_by_key(self) -> Lookup[str, Issue]:
        """Issues by current key and by every former key; a current key wins over an alias."""
        return Lookup(self._issues)

    @cached_property
    def issue_refs(self) -> Lookup[str, Ref]:
        """Refs of issues by current key and by every former key."""
        return Lookup(lambda keys: issue_refs_of(self._connection, keys))

    def _issues(self, keys: tuple[str, ...]) -> Mapping[str, Issue]:
        self.issue_refs.fetch(keys)
        refs = {key: ref for key in keys if (ref := self.issue_refs.get(key))}
        self.by_ref.fetch(refs.values())
        found = {key: self.by_ref.get(ref) for key, ref in refs.items()}
        return {key: issue for key, issue in found.items() if isinstance(issue, Issue)}

    @cached_property
    def children_of(self) -> Lookup[str, tuple[Issue, ...]]:
        """Direct children (by parent or epic) by the parent's current key."""
        return Lookup(self._children)

    def _children(self, keys: tuple[str, ...]) -> Mapping[str, tuple[Issue, ...]]:
        by_parent = live_by(self._connection, Issue, parent_key=keys)
        by_epic = live_by(self._connection, Issue, epic_key=keys)  # in one question, no index serves
        found = in_order((*by_parent, *(issue for issue in by_epic if not issue.parent_key)))
        return grouped(found, lambda i: i.parent_key or i.epic_key or "")

    @cached_property
    def changes_of(self) -> Lookup[Ref, tuple[FieldChange, ...]]:
        """Field changes by issue, oldest first."""
        return Lookup(
            lambda refs: {
                ref: tuple(sorted(found, key=lambda c: (c.at, len(c.id), c.id)))
                for ref, found in self._of_issues(FieldChange, refs).items()
            }
        )

    @cached_property
    def worklogs_of(self) -> Lookup[Ref, tuple[Worklog, ...]]:
        """Hours by issue, earliest work first."""
        return Lookup(
            lambda refs: {
                ref: tuple(sorted(found, key=lambda log: (log.started_at, log.ref)))
                for ref, found in self._of_issues(Worklog, refs).items()
            }
        )

    def _of_issues(self, record_type: type[R], refs: tuple[Ref, ...]) -> Mapping[Ref, tuple[R, ...]]:
        keys = tuple((ref.source, ref.id) for ref in refs)
        found = by_column(self._connection, record_type, ("source", "issue_id"), keys)
        return {Ref(source, Issue.kind, id_): records for (source, id_), records in found.items()}

    @cached_property
    def commit(self) -> Lookup[tuple[str, str, str], Commit]:
        """Commits by (source, project id, sha), of which their ids are made."""
        return Lookup(self._commits)

    def _commits(self, places: tuple[tuple[str, str, str], ...]) -> Mapping[tuple[str, str, str], Commit]:
        refs = {place: Commit.ref_at(*place) for place in places}
        self.by_ref.fetch(refs.values())
        found = {place: self.by_ref.get(ref) for place, ref in refs.items()}
        return {place: commit for place, commit in found.items() if isinstance(commit, Commit)}

    @cached_property
    def jobs_of(self) -> Lookup[tuple[str, str], tuple[Job, ...]]:
        """Jobs by (source, pipeline id)."""
        return self._by(Job, "source", "pipeline_id")

    @cached_property
    def branches_of(self) -> Lookup[tuple[str, str], tuple[Branch, ...]]:
        """Branches by (source, project id)."""
        return self._by(Branch, "source", "project_id")

    @cached_property
    def merge_requests_of(self) -> Lookup[tuple[str, str], tuple[MergeRequest, ...]]:
        """Merge requests by (source, project id)."""
        return self._by(MergeRequest, "source", "project_id")

    @cached_property
    def asked_commits_of(self) -> Lookup[tuple[str, str], MergeRequestCommits]:
        """Commits of a merge request where GitLab had to be asked, by (source, merge request id)."""
        return self._one(MergeRequestCommits, "source", "id")

    @cached_property
    def approval_of(self) -> Lookup[tuple[str, str], Approval]:
        """Who approved, by (source, merge request id)."""
        return self._one(Approval, "source", "id")

    @cached_property
    def notes_of(self) -> Lookup[tuple[str, str], MergeRequestNotes]:
        """What was said, by (source, merge request id)."""
        return self._one(MergeRequestNotes, "source", "id")

    @cached_property
    def touches_of(self) -> Lookup[tuple[str, str], tuple[PathTouch, ...]]:
        """Commits below a watched path, by (source, project id)."""
        return self._by(PathTouch, "source", "project_id")

    @cached_property
    def touches_below(self) -> Lookup[tuple[str, str, str], tuple[PathTouch, ...]]:
        """Commits below a watched path, by (source, project id, prefix without a closing slash)."""
        return Lookup(self._touches)

    def _touches(
        self, keys: tuple[tuple[str, str, str], ...]
    ) -> Mapping[tuple[str, str, str], tuple[PathTouch, ...]]:
        self.touches_of.fetch((source, project) for source, project, _ in keys)
        return {
            key: found
            for key in keys
            if (
                found := tuple(
                    t for t in self.touches_of.get((key[0], key[1]), ()) if t.prefix.rstrip("/") == key[2]
                )
            )
        }

    @cached_property
    def requests_from(self) -> Lookup[tuple[str, str, str], tuple[MergeRequest, ...]]:
        """Merge requests by (source, project id, source branch)."""
        return self._by(MergeRequest, "source", "project_id", "source_branch")

    @cached_property
    def requests_in(self) -> Lookup[tuple[str, str], tuple[MergeRequest, ...]]:
        """Merge requests by (source, id of their GitLab milestone)."""
        return self._by(MergeRequest, "source", "milestone_id")
