"""Coverage: which scopes a commitment depends on, and which of them were not read to their end.

What was not completely read is never judged; but one closed repository must not blind the commitments that have nothing to do with it.
So a commitment depends on the Jira projects and GitLab projects in which its work is known to be, and on everything where nothing is known.
What may stand in the way of the work belongs to it: an obstacle that could not be read may have gone, or come.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from msgspec import Struct

from connectors.port import Scope, Verdict
from connectors.records import (
    Branch,
    Commit,
    GitlabIssue,
    Issue,
    MergeRequest,
    Milestone,
    Record,
    Ref,
    Version,
)
from mappings.commitments import Commitment, ScopeRule
from sync.core.world import World

EVERYWHERE = "*"
"""The partition that stands for a whole site; as a stream, all of them: the site did not answer."""

JUDGED_STREAMS = frozenset(
    {
        EVERYWHERE,
        "issues",
        "versions",
        "commits",
        "merge_requests",
        "pipelines",
        "gitlab_issues",
        "milestones",
        "projects",
    }
)
"""Streams without which a commitment cannot be judged. The gaps of other streams silence single rules (their ``absence``), not the commitment."""


class Dependence(Struct, frozen=True, kw_only=True):
    """Where a commitment's work is known to be. An empty set means that nothing is known, so that the work could be anywhere.

    ``jira_projects`` are (source, project key), ``gitlab_projects`` (source, project id), ``gitlab_paths`` case-folded paths of projects with namespace (GitLab's paths have no case);
    ``is_partly_unread`` is True where a named GitLab project is not among the records, so that any unknown id could be it.
    """

    jira_projects: frozenset[tuple[str, str]]
    gitlab_projects: frozenset[tuple[str, str]]
    gitlab_paths: frozenset[str]
    is_partly_unread: bool

    @property
    def knows_gitlab(self) -> bool:
        """True if any GitLab project of the commitment is known or named."""
        return bool(self.gitlab_projects or self.gitlab_paths)


def verdicts_for(world: World, commitment: Commitment) -> tuple[Verdict, ...]:
    """All verdicts, complete or not, on scopes that the commitment depends on, in scope order."""
    return verdicts_within(world, dependence_of(world, commitment))


def blind_spots_of(world: World, commitment: Commitment) -> tuple[Verdict, ...]:
    """Verdicts of the incomplete scopes that the commitment depends on, in scope order; with any of them it is unknown."""
    blind = tuple(v for v in world.blind if v.scope.stream in JUDGED_STREAMS)
    return _within(world, dependence_of(world, commitment), blind) if blind else ()


def unknown_of(world: World, *, among: Container[str] | None = None) -> frozenset[str]:
    """Keys of the commitments (of those ``among`` the keys, where it is given) that cannot be judged now."""
    asked = (c for c in world.commitments if among is None or c.key in among)
    return frozenset(c.key for c in asked if blind_spots_of(world, c))


def verdicts_within(world: World, on: Dependence) -> tuple[Verdict, ...]:
    """All verdicts on scopes that what depends so is judged by, in scope order."""
    return _within(world, on, (v for v in world.observed.verdicts if v.scope.stream in JUDGED_STREAMS))


def is_touched(world: World, on: Dependence, *, source: str, place: str) -> bool:
    """True if a change in ``place`` can matter to what depends so: a Jira project's key, a GitLab project's id, or any other partition. In doubt it can.

    A GitLab project can matter to what has no work in GitLab only by naming its issues, which is told of by itself.
    """
    scope = Scope(source=source, stream="*", partition=place)
    jira = {site.name: {project.upper() for project in site.projects} for site in world.spec.sources.jira}
    if source in jira:
        return place.upper() not in jira[source] or _depends_on_jira(on, scope)
    is_project = (source, place) in world.observed.project
    if on.is_partly_unread or not is_project:
        return True
    return on.knows_gitlab and _depends_on_gitlab(world, on, scope)


def _within(world: World, on: Dependence, verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    return tuple(v for v in verdicts if _depends(world, on, v.scope))


def _depends(world: World, on: Dependence, scope: Scope) -> bool:
    if scope.source in {s.name for s in world.spec.sources.jira}:
        return _depends_on_jira(on, scope)
    return _depends_on_gitlab(world, on, scope)


def _depends_on_jira(on: Dependence, scope: Scope) -> bool:
    if not on.jira_projects:
        return True
    if scope.partition == EVERYWHERE:
        return any(source == scope.source for source, _ in on.jira_projects)
    return (scope.source, scope.partition) in on.jira_projects


def _depends_on_gitlab(world: World, on: Dependence, scope: Scope) -> bool:
    sources = {source for source, _ in on.gitlab_projects}
    if not on.knows_gitlab:
        return True
    if scope.source not in sources and not on.is_partly_unread:
        return False
    if scope.partition == EVERYWHERE or (scope.source, scope.partition) in on.gitlab_projects:
        return True
    place = scope.partition.casefold()
    if any(path == place or path.startswith(f"{place}/") for path in on.gitlab_paths):
        return True
    return _is_unread(world, scope) and (on.is_partly_unread or _is_group(world, scope))


def _is_unread(world: World, scope: Scope) -> bool:
    """True for a number that is no known project: a group's id, or a project that was never read."""
    return scope.partition.isdecimal() and (scope.source, scope.partition) not in world.observed.project


def _is_group(world: World, scope: Scope) -> bool:
    groups = {str(g) for s in world.spec.sources.gitlab if s.name == scope.source for g in s.groups}
    return scope.partition in groups | {
        m.group_id for m in world.observed.all(Milestone) if m.group_id and m.source == scope.source
    }


def dependence_of(world: World, commitment: Commitment) -> Dependence:
    """Where the commitment's work is known to be: by its members, slot, anchors, scope rule, repositories and linked changes."""
    named = _named_projects(commitment)
    known = world.observed.project
    found = {place for place, p in known.items() if named & {p.path.casefold(), p.id}}
    found |= _projects_with_work(world, commitment)
    read = {known[place].path.casefold() for place in found if place in known}
    return Dependence(
        jira_projects=_jira_projects(world, commitment),
        gitlab_projects=frozenset(found),
        gitlab_paths=frozenset(named | read),
        is_partly_unread=not named <= read | {id_ for _, id_ in found},
    )


def _projects_with_work(world: World, commitment: Commitment) -> set[tuple[str, str]]:
    links = (
        link for issue in world.issues_in(commitment) for link in world.links_by_issue.get(issue.ref, ())
    )
    refs = {link.change for link in links if link.role.is_work}
    refs |= {m.record for m in world.memberships_in(commitment)} | set(commitment.anchors)
    places = (_gitlab_project(world.observed.by_ref.get(ref)) for ref in refs)
    return {place for place in places if place}


def _gitlab_project(record: Record | None) -> tuple[str, str] | None:
    match record:
        case Branch() | Commit() | MergeRequest() | GitlabIssue():
            return record.source, record.project_id
        case Milestone(project_id=str() as project_id):
            return record.source, project_id
        case _:
            return None


def _named_projects(commitment: Commitment) -> set[str]:
    """GitLab projects by case-folded path or by id, as the mapping names them."""
    named = {*commitment.repositories}
    for rule in _rules(commitment.scope):
        named |= {*rule.gitlab_project} | ({str(rule.path.project)} if rule.path else set())
    if commitment.debt:
        named |= {project for project, _ in commitment.debt.modules}
    return {name.strip("/").casefold() for name in named}


def _rules(rule: ScopeRule) -> Iterable[ScopeRule]:
    """The rule and its parts; what ``not`` names is where the work is not."""
    yield rule
    for part in (*rule.any, *rule.all):
        yield from _rules(part)


def _jira_projects(world: World, commitment: Commitment) -> frozenset[tuple[str, str]]:
    issues = world.issues_in(commitment)
    found = {(i.source, i.project_key) for i in issues} | {
        project for ref in commitment.anchors if (project := _anchor_project(world, ref))
    }
    rules = tuple(_rules(commitment.scope))
    keys = {key for rule in rules for key in (*rule.key, *rule.epic)} | {*commitment.slot_issue_keys}
    projects = {project for rule in rules for project in rule.project}
    if commitment.debt:
        keys.add(commitment.debt.issue_key)
    projects |= {key.rpartition("-")[0].upper() for key in keys}
    found |= {
        (issue.source, issue.project_key) for key in keys if (issue := world.observed.issue_by_key.get(key))
    }
    found |= {(s.name, p) for s in world.spec.sources.jira for p in s.projects if p in projects}
    return frozenset(found | _obstructing_projects(world, issues))


def _obstructing_projects(world: World, items: Iterable[Issue]) -> set[tuple[str, str]]:
    """Where what stands in the items' way is: issues that a link says block them, and debt that defers them."""
    keys = {item.key for item in items}
    obstacles = {
        (item.source, link.other_key)
        for item in items
        for link in item.links
        if "block" in link.type.casefold()
    }
    deferring = {c.debt.issue_key for c in world.commitments if c.debt and keys & {*c.debt.deferred_features}}
    obstacles |= {(site.name, key) for site in world.spec.sources.jira for key in deferring}
    mapped = {(site.name, project) for site in world.spec.sources.jira for project in site.projects}
    return mapped & {(source, key.rpartition("-")[0].upper()) for source, key in obstacles}


def _anchor_project(world: World, ref: Ref) -> tuple[str, str] | None:
    record = world.observed.by_ref.get(ref)
    return (record.source, record.project_key) if isinstance(record, Issue | Version) else None
