"""Members: the items, merge requests and debt of a commitment that the rules ask for."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import GitlabIssue, Issue, MergeRequest, Milestone, Version
from mappings.commitments import Commitment, CommitmentKind
from mappings.statuses import Progress
from sync.core.world import World


def items_at(world: World, commitment: Commitment | None, progress: Progress) -> tuple[Issue, ...]:
    """Member issues that are this far, in ref order; none for no commitment."""
    items = world.issues_in(commitment) if commitment else ()
    return tuple(item for item in items if world.progress_of(item) is progress)


def is_open(world: World, issue: Issue | GitlabIssue) -> bool:
    """True if the issue is neither delivered nor dropped."""
    if isinstance(issue, GitlabIssue):
        return issue.state == "opened"
    return not world.progress_of(issue).is_done


def open_items(world: World, commitment: Commitment) -> tuple[Issue, ...]:
    """Member issues that are not done, in ref order."""
    return tuple(item for item in world.issues_in(commitment) if is_open(world, item))


def fix_versions(world: World, issue: Issue) -> tuple[Version, ...]:
    """The issue's fix versions; none if any of them is unknown, for that one might tell otherwise."""
    found = [world.observed.version.get((issue.source, id_)) for id_ in issue.fix_version_ids]
    return tuple(version for version in found if version) if all(found) else ()


def is_open_milestone(commitment: Commitment | None) -> bool:
    """True for a milestone that is not closed."""
    return bool(commitment and commitment.kind is CommitmentKind.MILESTONE and not commitment.is_closed)


def in_state(requests: Iterable[MergeRequest], *states: str) -> tuple[MergeRequest, ...]:
    """Merge requests in one of the states."""
    return tuple(request for request in requests if request.state in states)


def stands_reverted(world: World, request: MergeRequest) -> bool:
    """True if the whole of the merge request was taken back and still is."""
    return any(not revert.is_partial for revert in world.reverts_by_change.get(request.ref, ()))


def is_docs(request: MergeRequest) -> bool:
    """True if the merge request says of itself that it holds documentation only."""
    labels = {label.casefold() for label in request.labels}
    return request.source_branch.casefold().startswith("docs/") or "documentation" in labels


def debt_issue(world: World, commitment: Commitment) -> Issue | GitlabIssue | None:
    """The issue (of Jira, else of GitLab) that a debt item is; None where it is no debt item or the issue is unknown."""
    if commitment.debt is None:
        return None
    found = world.observed.issue_by_key.get(commitment.debt.issue_key)
    return found or next(iter(world.gitlab_issues_in(commitment)), None)


def dated_anchors(world: World, commitment: Commitment) -> tuple[Version | Milestone | Issue, ...]:
    """The versions, GitLab milestones and epics that the commitment stands for and that have a date; archived versions are history."""
    found = (world.observed.by_ref.get(ref) for ref in commitment.anchors)
    return tuple(
        anchor
        for anchor in found
        if (isinstance(anchor, Version) and anchor.release_on and not anchor.is_archived)
        or (isinstance(anchor, Milestone | Issue) and anchor.due_on)
    )
