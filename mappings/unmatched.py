"""Unmatched: names in the mapping that nothing in the tools has. Absence proves something only once everything was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from connectors.records import Milestone, Project, TodoScan, Version
from mappings.commitments import DebtSpec, MilestoneDiscovery, MilestoneSpec, PathIn, ScopeRule
from mappings.confirmed import project_of
from mappings.observed import Observed
from mappings.problems import below, shown
from mappings.record_index import places_of
from mappings.rule_tree import walked
from mappings.schema import MappingSpec
from mappings.suggest import meant
from mappings.todo_paths import TodoPathSpec


class Named(StrEnum):
    """What a name in the mapping can stand for, in words. Labels, components, types and statuses are only words: nobody need have used them yet."""

    VERSION = "version"
    MILESTONE = "GitLab milestone"
    PROJECT = "GitLab project"
    PATH = "path"
    ISSUE = "issue"


class Unmatched(Struct, frozen=True, kw_only=True, order=True):
    """A ``name`` at ``path`` in the mapping that no record has, what it should be, and a sentence about it."""

    path: str
    says: str
    named: Named
    name: str


def unmatched(spec: MappingSpec, observed: Observed) -> tuple[Unmatched, ...]:
    """Versions, GitLab milestones, projects and paths in them, and issues that the mapping names and the tools do not have, by path."""
    names = _Names(spec, observed)
    found = [
        *_in_sources(spec, names),
        *_in_milestones(spec, names),
        *_in_debt(spec, names),
        *_in_links(spec, names),
    ]
    return tuple(sorted(found))


@dataclass(frozen=True)
class _Names:
    """What there is to be named."""

    spec: MappingSpec
    observed: Observed

    @cached_property
    def versions(self) -> frozenset[str]:
        return frozenset(v.name.strip() for v in self.observed.all(Version))

    @cached_property
    def milestones(self) -> frozenset[str]:
        return frozenset(m.title.strip() for m in self.observed.all(Milestone))

    @cached_property
    def places(self) -> frozenset[str]:
        """Paths of GitLab projects and groups, which have no letter case, and ids of projects. What is read is there, even a group without projects."""
        paths = [p.path for p in self.observed.all(Project)]
        paths += [str(part) for site in self.spec.sources.gitlab for part in (*site.groups, *site.projects)]
        ids = (p.id for p in self.observed.all(Project))
        return frozenset(ids).union(*(places_of(path) for path in paths))

    def missing(self, path: str, named: Named, names: Iterable[str]) -> Iterator[Unmatched]:
        known = self.versions if named is Named.VERSION else self.milestones
        for name in (name.strip() for name in names):
            if name not in known:
                says = f"there is no {named.value} {shown(name)}.{meant(name, known)}"
                yield Unmatched(path=path, says=says, named=named, name=name)

    def missing_projects(self, path: str, names: Iterable[str]) -> Iterator[Unmatched]:
        for name in (name.strip().strip("/") for name in names):
            if name.casefold() not in self.places:
                says = f"there is no GitLab project or group {shown(name)}, or it cannot be seen.{meant(name, self.places)}"
                yield Unmatched(path=path, says=says, named=Named.PROJECT, name=name)

    def missing_place(self, path: str, source: str, place: TodoPathSpec) -> Iterator[Unmatched]:
        """The project, which must be one and no group, or the path in it, once that has been looked for."""
        wanted = {str(place.project).casefold()}
        project = next(
            (p for p in self._projects if p.source == source and wanted & {p.id, p.path.casefold()}), None
        )
        if project is None:
            name = str(place.project)
            says = f"there is no GitLab project {shown(name)}, or it cannot be seen.{meant(name, [p.path for p in self._projects])}"
            yield Unmatched(path=below(path, "project"), says=says, named=Named.PROJECT, name=name)
        elif (source, f"{project.id}/{place.path}") in self._absent:
            name = f"{project.path}/{place.path}".rstrip("/")
            says = f"the default branch of {shown(project.path)} has no path {shown(place.path)}."
            yield Unmatched(path=below(path, "path"), says=says, named=Named.PATH, name=name)

    @cached_property
    def _projects(self) -> tuple[Project, ...]:
        return self.observed.all(Project)

    @cached_property
    def _absent(self) -> frozenset[tuple[str, str]]:
        return frozenset((s.source, s.id) for s in self.observed.all(TodoScan) if not s.is_there)

    def missing_issues(self, path: str, keys: Iterable[str]) -> Iterator[Unmatched]:
        for key in (key.strip() for key in keys):
            if key not in self.observed.issue_by_key:
                says = f"there is no issue {shown(key)}, or it cannot be seen."
                yield Unmatched(path=path, says=says, named=Named.ISSUE, name=key)

    def missing_below(self, path: str, places: Iterable[PathIn]) -> Iterator[Unmatched]:
        for index, place in enumerate(places):
            yield from self.missing_projects(below(path, index, "project"), (str(place.project),))


def _in_sources(spec: MappingSpec, names: _Names) -> Iterator[Unmatched]:
    for index, source in enumerate(spec.sources.gitlab):
        for number, place in enumerate(source.todos):
            path = below("sources", "gitlab", index, "todos", number)
            yield from names.missing_place(path, source.name, place)


def _in_milestones(spec: MappingSpec, names: _Names) -> Iterator[Unmatched]:
    for index, entry in enumerate(spec.milestones):
        path = below("milestones", index)
        if entry.slot:
            yield from names.missing_issues(below(path, "slot", "issue"), entry.slot.issues)
        if isinstance(entry, MilestoneSpec):
            yield from names.missing_projects(below(path, "repositories"), entry.repositories)
            for place, rule in walked(entry.scope, below(path, "scope")):
                yield from _in_rule(rule, place, names)
        else:
            yield from _in_overrides(entry, path, names)


def _in_rule(rule: ScopeRule, path: str, names: _Names) -> Iterator[Unmatched]:
    yield from names.missing(below(path, "fix_version"), Named.VERSION, rule.fix_version)
    yield from names.missing(below(path, "gitlab_milestone"), Named.MILESTONE, rule.gitlab_milestone)
    yield from names.missing_projects(below(path, "gitlab_project"), rule.gitlab_project)
    if rule.path:
        yield from names.missing_projects(below(path, "path", "project"), (str(rule.path.project),))
    yield from names.missing_issues(below(path, "epic"), rule.epic)
    yield from names.missing_issues(below(path, "key"), rule.key)


def _in_overrides(entry: MilestoneDiscovery, path: str, names: _Names) -> Iterator[Unmatched]:
    if entry.from_ == "gitlab_milestones":
        yield from names.missing_projects(below(path, "where", "project"), entry.where.project)
    for name, override in entry.overrides.items():
        place = below(path, "overrides", name)
        if entry.from_ == "jira_versions":
            yield from names.missing(place, Named.VERSION, (name,))
        elif entry.from_ == "gitlab_milestones":
            yield from names.missing(place, Named.MILESTONE, (name,))
        else:
            yield from names.missing_issues(place, (name,))
        if override.slot:
            yield from names.missing_issues(below(place, "slot", "issue"), override.slot.issues)


def _in_debt(spec: MappingSpec, names: _Names) -> Iterator[Unmatched]:
    for index, entry in enumerate(spec.debt):
        path = below("debt", index)
        yield from names.missing_below(below(path, "modules"), entry.modules)
        if isinstance(entry, DebtSpec):
            yield from names.missing_issues(below(path, "issue"), (entry.issue,))
        elif entry.from_ == "gitlab":
            yield from names.missing_projects(below(path, "project"), entry.project)


def _in_links(spec: MappingSpec, names: _Names) -> Iterator[Unmatched]:
    for index, link in enumerate(spec.links.confirmed):
        path = below("links", "confirmed", index)
        yield from names.missing_projects(below(path, "change"), (project_of(link.change),))
        yield from names.missing_issues(below(path, "issue"), (link.issue,))
