"""Unmatched: names in the mapping that nothing in the tools has, for ``doctor``. Absence proves something only once everything was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from connectors.records import Milestone, Version
from mappings.commitments import DebtSpec, MilestoneDiscovery, MilestoneSpec, ScopeRule
from mappings.observed import Observed
from mappings.problems import below, shown
from mappings.rule_tree import walked
from mappings.schema import MappingSpec
from mappings.suggest import meant


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Unmatched:
    """A name at ``path`` in the mapping that no record has, with a sentence about it."""

    path: str
    says: str


def unmatched(spec: MappingSpec, observed: Observed) -> tuple[Unmatched, ...]:
    """Versions, GitLab milestones and issues that the mapping names and the tools do not have, by path."""
    names = _Names(observed)
    found = [*_in_milestones(spec, names), *_in_debt(spec, names)]
    return tuple(sorted(found))


@dataclass(frozen=True)
class _Names:
    """What there is to be named."""

    observed: Observed

    @cached_property
    def versions(self) -> frozenset[str]:
        return frozenset(v.name.strip() for v in self.observed.all(Version))

    @cached_property
    def milestones(self) -> frozenset[str]:
        return frozenset(m.title.strip() for m in self.observed.all(Milestone))

    def missing(
        self, path: str, what: str, names: Iterable[str], known: frozenset[str]
    ) -> Iterator[Unmatched]:
        for name in names:
            if name.strip() not in known:
                yield Unmatched(path=path, says=f"there is no {what} {shown(name)}.{meant(name, known)}")

    def missing_issues(self, path: str, keys: Iterable[str]) -> Iterator[Unmatched]:
        for key in keys:
            if key.strip() not in self.observed.issue_by_key:
                yield Unmatched(path=path, says=f"there is no issue {shown(key)}, or it cannot be seen.")


def _in_milestones(spec: MappingSpec, names: _Names) -> Iterator[Unmatched]:
    for index, entry in enumerate(spec.milestones):
        path = below("milestones", index)
        if entry.slot:
            yield from names.missing_issues(below(path, "slot", "issue"), entry.slot.issues)
        if isinstance(entry, MilestoneSpec):
            for place, rule in walked(entry.scope, below(path, "scope")):
                yield from _in_rule(rule, place, names)
        else:
            yield from _in_overrides(entry, path, names)


def _in_rule(rule: ScopeRule, path: str, names: _Names) -> Iterator[Unmatched]:
    yield from names.missing(below(path, "fix_version"), "version", rule.fix_version, names.versions)
    yield from names.missing(
        below(path, "gitlab_milestone"), "GitLab milestone", rule.gitlab_milestone, names.milestones
    )
    yield from names.missing_issues(below(path, "epic"), rule.epic)
    yield from names.missing_issues(below(path, "key"), rule.key)


def _in_overrides(entry: MilestoneDiscovery, path: str, names: _Names) -> Iterator[Unmatched]:
    for name, override in entry.overrides.items():
        place = below(path, "overrides", name)
        if entry.from_ == "jira_versions":
            yield from names.missing(place, "version", (name,), names.versions)
        elif entry.from_ == "gitlab_milestones":
            yield from names.missing(place, "GitLab milestone", (name,), names.milestones)
        else:
            yield from names.missing_issues(place, (name,))
        if override.slot:
            yield from names.missing_issues(below(place, "slot", "issue"), override.slot.issues)


def _in_debt(spec: MappingSpec, names: _Names) -> Iterator[Unmatched]:
    for index, entry in enumerate(spec.debt):
        if isinstance(entry, DebtSpec):
            yield from names.missing_issues(below("debt", index, "issue"), (entry.issue,))
