"""Coverage: which scopes a commitment depends on, and which of them were not read to their end.

What was not completely read is never judged; but one closed repository must not blind the commitments that have nothing to do with it.
So a commitment depends on the Jira projects and GitLab projects in which its work is known to be, and on everything where nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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

JUDGED_STREAMS = frozenset(
    {
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

EVERYWHERE = "*"
"""The partition that stands for a whole site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """Where a commitment's work is known to be. An empty set means that nothing is known, so that the work could be anywhere.

    ``jira_projects`` are (source, project key), ``gitlab_projects`` (source, project id), ``gitlab_paths`` paths of projects with namespace;
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
    judged = tuple(v for v in world.observed.verdicts if v.scope.stream in JUDGED_STREAMS)
    return _within(world, dependence_of(world, commitment), judged)


def blind_spots_of(world: World, commitment: Commitment) -> tuple[Verdict, ...]:
    """Verdicts of the incomplete scopes that the commitment depends on, in scope order; with any of them it is unknown."""
    blind = tuple(v for v in world.blind if v.scope.stream in JUDGED_STREAMS)
    return _within(world, dependence_of(world, commitment), blind) if blind else ()


def unknown_of(world: World) -> frozenset[str]:
    """Keys of the commitments that cannot be judged now."""
    return frozenset(c.key for c in world.commitments if blind_spots_of(world, c))


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
    if any(path == scope.partition or path.startswith(f"{scope.partition}/") for path in on.gitlab_paths):
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
    known = {p.path: (p.source, p.id) for p in world.observed.project.values()}
    ids = {p.id: (p.source, p.id) for p in world.observed.project.values()}
    found = {known.get(name) or ids.get(name) for name in named} | _projects_with_work(world, commitment)
    projects = frozenset(project for project in found if project)
    read = {world.observed.project[p].path for p in projects if p in world.observed.project}
    return Dependence(
        jira_projects=_jira_projects(world, commitment),
        gitlab_projects=projects,
        gitlab_paths=frozenset(named | read),
        is_partly_unread=any(name not in known and name not in ids for name in named),
    )


def _projects_with_work(world: World, commitment: Commitment) -> set[tuple[str, str] | None]:
    links = (
        link for issue in world.issues_in(commitment) for link in world.links_by_issue.get(issue.ref, ())
    )
    refs = {link.change for link in links if link.role.is_work}
    refs |= {m.record for m in world.memberships_in(commitment)} | set(commitment.anchors)
    return {_gitlab_project(world.observed.by_ref.get(ref)) for ref in refs}


def _gitlab_project(record: Record | None) -> tuple[str, str] | None:
    match record:
        case Branch() | Commit() | MergeRequest() | GitlabIssue():
            return record.source, record.project_id
        case Milestone(project_id=str() as project_id):
            return record.source, project_id
        case _:
            return None


def _named_projects(commitment: Commitment) -> set[str]:
    """GitLab projects by path or id, as the mapping names them."""
    named = {*commitment.repositories}
    for rule in _rules(commitment.scope):
        named |= {*rule.gitlab_project} | ({str(rule.path.project)} if rule.path else set())
    if commitment.debt:
        named |= {project for project, _ in commitment.debt.modules}
    return named


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
    return frozenset(found)


def _anchor_project(world: World, ref: Ref) -> tuple[str, str] | None:
    record = world.observed.by_ref.get(ref)
    return (record.source, record.project_key) if isinstance(record, Issue | Version) else None
