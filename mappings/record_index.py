"""Record index: the records that can belong to a commitment, found by what scope rules ask of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from connectors.records import GitlabIssue, Issue, MergeRequest, Project, Ref
from mappings.commitments import FieldIs, PathIn
from mappings.observed import Observed

Subject: TypeAlias = Issue | MergeRequest | GitlabIssue
Found: TypeAlias = frozenset[int]
K = TypeVar("K", bound=Hashable)

_NONE: Found = frozenset()


def places_of(path: str) -> Iterator[str]:
    """A GitLab path and every group above it, in folded case: ``a/b/c`` gives itself, ``a/b`` and ``a``."""
    here = path.strip("/").casefold()
    while here:
        yield here
        here = here.rpartition("/")[0]


@dataclass(frozen=True)
class RecordIndex:
    """Jira issues, merge requests and GitLab issues by predicate and value. Sets hold places in ``subjects``, which are in ref order.

    ``refs_below`` tells the issues and merge requests with work below a path.
    """

    observed: Observed
    subjects: tuple[Subject, ...]
    refs_below: Callable[[PathIn], frozenset[Ref]]

    @cached_property
    def place(self) -> Mapping[Ref, int]:
        """Where each record stands in ``subjects``."""
        return MappingProxyType({record.ref: i for i, record in enumerate(self.subjects)})

    def having(self, predicate: str, value: str) -> Found:
        """The records of which ``predicate`` (a key of a scope rule, but for ``field`` and ``path``) holds with ``value``."""
        if predicate == "key":
            return self._by_key(value)
        if predicate == "epic":
            return self._under_epic(value)
        wanted = value.strip().strip("/").casefold() if predicate == "gitlab_project" else value.strip()
        return self._tables[predicate].get(wanted, _NONE)

    def with_field(self, asked: FieldIs, value: str) -> Found:
        """Issues whose custom field holds ``value``."""
        return self._by_field.get((asked.name, value.strip()), _NONE)

    def touching(self, path: PathIn) -> Found:
        """Issues and merge requests with work below ``path``."""
        return frozenset(self.place[ref] for ref in self.refs_below(path) if ref in self.place)

    def gitlab_issue(self, reference: str) -> GitlabIssue | None:
        """The GitLab issue that people call ``group/project#12``."""
        return self._by_reference.get(reference)

    @cached_property
    def _by_reference(self) -> Mapping[str, GitlabIssue]:
        return MappingProxyType({i.reference: i for i in self.observed.all(GitlabIssue)})

    @cached_property
    def _tables(self) -> Mapping[str, Mapping[str, Found]]:
        return MappingProxyType({name: self._table(values) for name, values in self._values.items()})

    @property
    def _values(self) -> Mapping[str, Callable[[Subject], Iterable[str]]]:
        return {
            "project": lambda r: (r.project_key,) if isinstance(r, Issue) else (),
            "type": lambda r: (r.type,) if isinstance(r, Issue) else (),
            "label": lambda r: r.labels if isinstance(r, Issue) else (),
            "component": lambda r: r.components if isinstance(r, Issue) else (),
            "fix_version": lambda r: self._versions(r) if isinstance(r, Issue) else (),
            "gitlab_label": lambda r: () if isinstance(r, Issue) else r.labels,
            "gitlab_milestone": lambda r: () if isinstance(r, Issue) else self._milestone(r),
            "gitlab_project": lambda r: () if isinstance(r, Issue) else self._project(r),
        }

    def _table(self, values: Callable[[Subject], Iterable[str]]) -> Mapping[str, Found]:
        pairs = ((value.strip(), i) for i, record in enumerate(self.subjects) for value in values(record))
        return _sets(pairs)

    def _versions(self, issue: Issue) -> Iterator[str]:
        for id_ in issue.fix_version_ids:
            if version := self.observed.version.get((issue.source, id_)):
                yield version.name

    def _milestone(self, record: MergeRequest | GitlabIssue) -> Iterator[str]:
        if milestone := self.observed.milestone.get((record.source, record.milestone_id or "")):
            yield milestone.title

    def _project(self, record: MergeRequest | GitlabIssue) -> Iterator[str]:
        yield record.project_id
        project: Project | None = self.observed.project.get((record.source, record.project_id))
        yield from places_of(project.path) if project else ()

    @cached_property
    def _by_field(self) -> Mapping[tuple[str, str], Found]:
        return _sets(
            ((name, value.strip()), i)
            for i, record in enumerate(self.subjects)
            if isinstance(record, Issue)
            for name, values in record.fields
            for value in values
        )

    def _by_key(self, key: str) -> Found:
        ref = self.observed.issue_refs.get(key.strip())
        return frozenset({self.place[ref]}) if ref and ref in self.place else _NONE

    def _current(self, key: str) -> str:
        issue = self.observed.issue_by_key.get(key)
        return issue.key if issue else key

    def _above(self, issue: Issue) -> frozenset[str]:
        """Current keys of the issue's parent and epic, and of its parent's where it is a sub-task; children may still hold a former key."""
        keys = {self._current(key) for key in (issue.parent_key, issue.epic_key) if key}
        if issue.is_subtask:
            parents = (self.observed.issue_by_key.get(key) for key in tuple(keys))
            keys |= {self._current(k) for p in parents if p for k in (p.parent_key, p.epic_key) if k}
        return frozenset(keys)

    @cached_property
    def _below(self) -> Mapping[str, Found]:
        issues = ((i, record) for i, record in enumerate(self.subjects) if isinstance(record, Issue))
        return _sets((key, i) for i, issue in issues for key in self._above(issue))

    def _under_epic(self, key: str) -> Found:
        epic = self._current(key.strip())
        return self._below.get(epic, _NONE) | self._by_key(epic)


def _sets(pairs: Iterable[tuple[K, int]]) -> Mapping[K, Found]:
    groups: dict[K, set[int]] = defaultdict(set)
    for value, place in pairs:
        groups[value].add(place)
    return MappingProxyType({value: frozenset(places) for value, places in groups.items()})
