"""Anchors: the versions, epics and GitLab milestones that a commitment stands for, with their dates and ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeAlias

from connectors.records import Issue, Milestone, Version
from mappings.atoms import Names
from mappings.commitments import ScopeRule
from mappings.observed import Observed, grouped
from mappings.record_index import places_of
from mappings.schema import Vocabulary
from mappings.statuses import progress_of

Anchor: TypeAlias = Version | Issue | Milestone


def date_of(anchor: Anchor) -> date | None:
    """The day on which the anchor is due."""
    return anchor.release_on if isinstance(anchor, Version) else anchor.due_on


def is_closed(anchor: Anchor, vocabulary: Vocabulary) -> bool:
    """True for a version that is released or archived, an epic that is done, a milestone that is closed."""
    if isinstance(anchor, Version):
        return anchor.is_released or anchor.is_archived
    if isinstance(anchor, Milestone):
        return anchor.state == "closed"
    return progress_of(anchor, vocabulary).is_done


def first_date(anchors: Iterable[Anchor]) -> date | None:
    """The date of the first anchor that has one, in the given order; an archived version is history and has no say."""
    speaking = (a for a in anchors if not (isinstance(a, Version) and a.is_archived))
    return next((day for day in map(date_of, speaking) if day), None)


@dataclass(frozen=True)
class Anchors:
    """Finds anchors by what rules and filters call them; results are in ref order: versions, then epics, then GitLab milestones."""

    observed: Observed

    def named_by(self, scope: ScopeRule) -> tuple[Anchor, ...]:
        """What ``scope`` names by itself or under ``any`` and ``all``; what stands under ``not`` is no anchor."""
        named = tuple(_named(scope, (), ()))
        versions = sorted((v for n in named for v in self._versions_of(n)), key=_by_ref)
        epics = [self.observed.issue_by_key.get(key.strip()) for n in named for key in n.epic]
        milestones = sorted((m for n in named for m in self._milestones_of(n)), key=_by_ref)
        found: Iterable[Anchor] = (*versions, *(e for e in epics if e), *milestones)
        return tuple({anchor.ref: anchor for anchor in found}.values())

    @cached_property
    def _versions(self) -> Mapping[str, tuple[Version, ...]]:
        return grouped(self.observed.all(Version), lambda v: v.name.strip())

    @cached_property
    def _milestones(self) -> Mapping[str, tuple[Milestone, ...]]:
        return grouped(self.observed.all(Milestone), lambda m: m.title.strip())

    def _versions_of(self, rule: ScopeRule) -> Iterator[Version]:
        versions = (v for name in rule.fix_version for v in self._versions.get(name.strip(), ()))
        return (v for v in versions if not rule.project or v.project_key in rule.project)

    def _milestones_of(self, rule: ScopeRule) -> Iterator[Milestone]:
        places = rule.gitlab_project
        milestones = (m for title in rule.gitlab_milestone for m in self._milestones.get(title.strip(), ()))
        return (m for m in milestones if not places or self.is_in(m, places))

    def is_in(self, milestone: Milestone, projects: Names) -> bool:
        """True if the milestone's project or group is one of ``projects`` or lies below one; a group's also if one of them lies below it."""
        places = self._places[milestone.source, milestone.id]
        wanted = {project.strip("/").casefold() for project in projects}
        if not wanted.isdisjoint(places):
            return True
        groups = places if milestone.group_id else ()
        return any(group in places_of(project) for project in wanted for group in groups[:1])

    @cached_property
    def _places(self) -> dict[tuple[str, str], tuple[str, ...]]:
        return {(m.source, m.id): self._places_of(m) for m in self.observed.all(Milestone)}

    def _places_of(self, milestone: Milestone) -> tuple[str, ...]:
        """Path, groups above and id of a milestone's home, the path first. Groups are no records: their path is read from the address."""
        if milestone.project_id:
            project = self.observed.project.get((milestone.source, milestone.project_id))
            return (*(places_of(project.path) if project else ()), milestone.project_id)
        path = milestone.url.partition("/groups/")[2].partition("/-/")[0]
        return (*places_of(path), milestone.group_id or "")


def _named(rule: ScopeRule, projects: Names, gitlab_projects: Names) -> Iterator[ScopeRule]:
    """The affirmed rules; a project named beside ``any`` or ``all`` narrows the rules inside."""
    here = rule.model_copy(
        update={
            "project": rule.project or projects,
            "gitlab_project": rule.gitlab_project or gitlab_projects,
        }
    )
    yield here
    for part in (*rule.any, *rule.all):
        yield from _named(part, here.project, here.gitlab_project)


def _by_ref(anchor: Anchor) -> tuple[str, int, str]:
    return anchor.source, len(anchor.id), anchor.id
