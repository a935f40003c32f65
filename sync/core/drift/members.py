"""Members: the items, merge requests and debt of a commitment that the rules ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from connectors.records import Commit, GitlabIssue, Issue, MergeRequest, Milestone, Note, Version
from mappings.commitments import Commitment, CommitmentKind
from mappings.graph import landed_shas
from mappings.links import Confidence
from mappings.shipments import Shipment
from mappings.statuses import Progress
from sync.core.history import done_at, reopened_at
from sync.core.world import World


def items_at(world: World, commitment: Commitment | None, progress: Progress) -> tuple[Issue, ...]:
    """Member issues that are this far, in ref order; none for no commitment."""
    items = world.issues_in(commitment) if commitment else ()
    return tuple(item for item in items if world.progress_of(item) is progress)


def beside_debt(commitment: Commitment | None) -> Commitment | None:
    """The commitment unless it is a debt item."""
    return None if commitment and commitment.debt else commitment


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


def is_by_bot(world: World, written: MergeRequest | Note) -> bool:
    """True if a bot made the merge request or said it, by GitLab's word or by the mapping's."""
    return written.is_author_bot or not bots_in(world).isdisjoint(author_names(written))


def bots_in(world: World) -> frozenset[str]:
    """The accounts that the mapping calls bots, case-folded."""
    return frozenset(bot.casefold() for bot in world.spec.vocabulary.bots)


def author_names(written: MergeRequest | Note) -> frozenset[str]:
    """What its author is called, account and name, case-folded."""
    return frozenset(name.casefold() for name in (written.author_id, written.author_name) if name)


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


def is_repaid(world: World, issue: Issue | GitlabIssue) -> bool:
    """True if a debt's issue says that the debt is gone: delivered in Jira, closed in GitLab."""
    if isinstance(issue, GitlabIssue):
        return issue.state == "closed"
    return world.progress_of(issue) is Progress.DELIVERED


def closed_at(world: World, issue: Issue | GitlabIssue) -> datetime:
    """When a closed issue was closed."""
    return done_at(world, issue) if isinstance(issue, Issue) else issue.closed_at or issue.updated_at


def dated_anchors(world: World, commitment: Commitment) -> tuple[Version | Milestone | Issue, ...]:
    """The versions, GitLab milestones and epics that the commitment stands for and that have a date; archived versions are history."""
    found = (world.observed.by_ref.get(ref) for ref in commitment.anchors)
    return tuple(
        anchor
        for anchor in found
        if (isinstance(anchor, Version) and anchor.release_on and not anchor.is_archived)
        or (isinstance(anchor, Milestone | Issue) and anchor.due_on)
    )


def has_label(record: Issue | GitlabIssue | MergeRequest, labels: frozenset[str]) -> bool:
    """True if the record carries one of the labels; case does not matter."""
    return not {label.casefold() for label in record.labels}.isdisjoint(label.casefold() for label in labels)


def is_unresolved(world: World, issue: Issue) -> bool:
    """True for a done issue without a resolution date in a project whose done issues have one: Jira itself counts it as open."""
    is_done = issue.status_category == "done" and issue.resolved_at is None
    return is_done and (issue.source, issue.project_key) in world.observed.resolving_projects


def merged_at_of(request: MergeRequest) -> datetime:
    """When a merged merge request was merged; an old GitLab may not tell, then when it was last changed."""
    return request.merged_at or request.updated_at


def newest_work(world: World, item: Issue) -> datetime | None:
    """When the newest commit, branch tip or merge request of the item was made or merged; None if there is none."""
    times = [commit.committed_at for commit in world.commits_on(item)]
    times += [branch.committed_at for branch in world.branches_on(item)]
    times += [
        max(request.created_at, request.merged_at or request.created_at) for request in world.work_on(item)
    ]
    return max(times, default=None)


def is_settled(world: World, item: Issue) -> bool:
    """True if the item has work, all of it is merged and stands, nothing newer was pushed for it, and it was not reopened since (S10)."""
    work = world.work_on(item)
    if not work or any(request.state != "merged" or stands_reverted(world, request) for request in work):
        return False
    newest, last = newest_work(world, item), max(map(merged_at_of, work))
    reopened = reopened_at(world, item)
    return (newest is None or newest <= last) and (reopened is None or reopened <= last)


def is_hidden(world: World, item: Issue, work: Iterable[MergeRequest]) -> bool:
    """True if the item or any of its merge requests is switched off for users on purpose, by its label."""
    labels = world.spec.vocabulary.hidden_labels
    return has_label(item, labels) or any(has_label(request, labels) for request in work)


def last_shipment(world: World, work: Iterable[MergeRequest]) -> Shipment | None:
    """What the last of the merge requests to go out went out with; None if there is none, or any of them did not go out."""
    shipped = [shipment_of(world, request) for request in work]
    return (
        max((one for one in shipped if one), key=lambda one: one.at, default=None) if all(shipped) else None
    )


def landing_of(change: MergeRequest | Commit) -> Iterator[tuple[str, str, str]]:
    """The commits, as (source, project id, sha), by which a change is known where it landed."""
    shas = (change.sha,) if isinstance(change, Commit) else landed_shas(change)
    return ((change.source, change.project_id, sha) for sha in shas)


def shipment_of(world: World, change: MergeRequest | Commit) -> Shipment | None:
    """What the change went out with first; None if it did not."""
    found = (world.shipments.get(place) for place in landing_of(change))
    return next(filter(None, found), None)


def issues_of(world: World, request: MergeRequest) -> tuple[Issue, ...]:
    """Known issues that the merge request implements, by certain or likely links, in ref order."""
    links = (x for x in world.links_by_change.get(request.ref, ()) if x.role.is_work)
    refs = sorted({x.issue for x in links if x.issue and x.confidence is not Confidence.WEAK})
    found = (world.observed.by_ref.get(ref) for ref in refs)
    return tuple(issue for issue in found if isinstance(issue, Issue))
