"""Discovery: the commitments that the mapping names and those that its discovery forms find in the tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace

from connectors.records import Issue, Milestone, Version
from mappings.anchors import Anchor, Anchors, first_date, is_closed
from mappings.atoms import Names
from mappings.commitments import (
    Commitment,
    CommitmentKind,
    MilestoneDiscovery,
    MilestoneOverride,
    MilestoneSpec,
    ScopeRule,
)
from mappings.debt_register import debt_of
from mappings.observed import Observed, grouped
from mappings.people import People
from mappings.problems import below
from mappings.rule_tree import affirmed
from mappings.schema import MappingSpec
from mappings.slugs import free_key, slug_of
from mappings.terms import Charter


def commitments_of(spec: MappingSpec, observed: Observed) -> tuple[Commitment, ...]:
    """Milestones, then debt items, each in the file's order and found ones in ref order; keys are unique and stable.

    Named entries keep their keys; a found one whose key is taken gets its record's id behind it.
    Milestones that neither file nor record gives a slot have none yet: ``with_slots`` finds one by what belongs to them.
    """
    named = _Milestones(spec, observed)
    pairs = (*named.all(), *debt_of(spec, observed))
    return _unique(pairs)


def _unique(pairs: Iterable[tuple[str, Commitment]]) -> tuple[Commitment, ...]:
    """Commitments with unique keys; an empty id marks a named one, which keeps its key."""
    given = tuple(pairs)
    taken = {commitment.key for id_, commitment in given if not id_}
    result = []
    for id_, commitment in given:
        key = free_key(commitment.key, id_, taken) if id_ else commitment.key
        taken.add(key)
        result.append(replace(commitment, key=key))
    return tuple(result)


@dataclass(frozen=True)
class _Milestones:
    """Milestones with the id of their record, empty for named ones."""

    spec: MappingSpec
    observed: Observed

    @cached_property
    def anchors(self) -> Anchors:
        return Anchors(self.observed)

    @cached_property
    def people(self) -> People:
        return People.of(self.spec)

    def all(self) -> Iterator[tuple[str, Commitment]]:
        for index, entry in enumerate(self.spec.milestones):
            origin = below("milestones", index)
            if isinstance(entry, MilestoneSpec):
                yield "", self._named(entry, origin)
            else:
                yield from self._found(entry, origin)

    def _is_closed(self, anchors: tuple[Anchor, ...]) -> bool:
        return bool(anchors) and all(is_closed(a, self.spec.vocabulary) for a in anchors)

    def _named(self, entry: MilestoneSpec, origin: str) -> Commitment:
        anchors = self.anchors.named_by(entry.scope)
        epics = tuple(key for rule in affirmed(entry.scope) for key in rule.epic)
        return Commitment(
            key=entry.key,
            kind=CommitmentKind.MILESTONE,
            title=entry.title,
            origin=origin,
            scope=entry.scope,
            due_on=entry.due or first_date(anchors),
            technical_owner=self.people.known(entry.technical_owner),
            engineering_owner=self.people.known(entry.engineering_owner),
            slot_issue_keys=entry.slot.issues if entry.slot else epics[:1],
            repositories=entry.repositories,
            anchors=tuple(anchor.ref for anchor in anchors),
            is_closed=self._is_closed(anchors),
            charter=Charter(
                baseline_on=entry.baseline_on, exit_criteria=entry.exit_criteria, branches=entry.branches
            ),
        )

    def _found(self, entry: MilestoneDiscovery, origin: str) -> Iterator[tuple[str, Commitment]]:
        if entry.from_ == "jira_versions":
            yield from self._versions(entry, origin)
        elif entry.from_ == "jira_epics":
            yield from self._epics(entry, origin)
        else:
            yield from self._gitlab_milestones(entry, origin)

    def _admits(self, entry: MilestoneDiscovery, name: str, anchors: tuple[Anchor, ...]) -> bool:
        if entry.where.name and not re.search(entry.where.name, name):
            return False
        return not (entry.where.open_only and self._is_closed(anchors))

    def _versions(self, entry: MilestoneDiscovery, origin: str) -> Iterator[tuple[str, Commitment]]:
        for version in self.observed.all(Version):
            is_asked = not entry.where.project or version.project_key in entry.where.project
            if is_asked and self._admits(entry, version.name, (version,)):
                scope = ScopeRule(fix_version=(version.name,), project=(version.project_key,))
                made = self._made(entry, version.name, anchors=(version,), scope=scope)
                yield version.id, replace(made, key=slug_of(version.project_key, version.name), origin=origin)

    def _epics(self, entry: MilestoneDiscovery, origin: str) -> Iterator[tuple[str, Commitment]]:
        where = entry.where
        for epic in self.observed.issues_marked(where.project, types=self.spec.vocabulary.epic_types):
            is_labelled = not where.label or not set(where.label).isdisjoint(epic.labels)
            if is_labelled and self._admits(entry, epic.title, (epic,)):
                made = self._made(entry, epic.key, anchors=(epic,), scope=ScopeRule(epic=(epic.key,)))
                yield epic.id, replace(made, key=slug_of(epic.key), origin=origin)

    def _gitlab_milestones(self, entry: MilestoneDiscovery, origin: str) -> Iterator[tuple[str, Commitment]]:
        """One commitment for each title: the same milestone is often made once per project."""
        asked = entry.where.project
        inside = [m for m in self.observed.all(Milestone) if not asked or self.anchors.is_in(m, asked)]
        for title, anchors in grouped(inside, lambda m: m.title.strip()).items():
            if self._admits(entry, title, anchors):
                scope = ScopeRule(gitlab_milestone=(title,), gitlab_project=_paths(asked))
                made = self._made(entry, title, anchors=anchors, scope=scope)
                yield anchors[0].id, replace(made, key=slug_of(title), origin=origin)

    def _made(
        self, entry: MilestoneDiscovery, name: str, *, anchors: tuple[Anchor, ...], scope: ScopeRule
    ) -> Commitment:
        """A found milestone without key and origin: what the override says, then the entry, then the record."""
        override = entry.overrides.get(name.strip(), MilestoneOverride())
        first = anchors[0]
        epic = first if isinstance(first, Issue) else None
        assignee = self.people.by_jira(epic.assignee_id) if epic and entry.owners_from else None
        slot = override.slot or entry.slot
        return Commitment(
            key="",
            kind=CommitmentKind.MILESTONE,
            title=override.title or (epic.title if epic else name),
            origin="",
            scope=scope,
            due_on=override.due or first_date(anchors),
            technical_owner=self.people.known(override.technical_owner or entry.technical_owner),
            engineering_owner=self.people.known(override.engineering_owner or entry.engineering_owner)
            or (assignee.name if assignee else None),
            slot_issue_keys=slot.issues if slot else ((epic.key,) if epic else ()),
            anchors=tuple(anchor.ref for anchor in anchors),
            is_closed=self._is_closed(anchors),
        )


def _paths(projects: Names) -> Names:
    """The projects that can narrow a scope: ids may be a group's, which records do not carry, so then nothing is narrowed."""
    return () if any(project.isdigit() for project in projects) else projects
