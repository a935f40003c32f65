"""An open tech debt stands in the way of a milestone.

What drifts: the debt (a) blocks an open item of the milestone by a Jira link, or (b) defers a feature that is an open item of the milestone, or (c) weighs on a
module in which the milestone's open items are being worked on (at least ``min_commits`` implementing commits of the last 60 days).
Why it matters: the milestone waits for work that its plan does not hold.
Stays quiet: for repaid debt, done items, and debt that is itself an item of the milestone (planned work is no surprise).
Clears when the debt is repaid or planned into the milestone, or the items no longer depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from connectors.records import Commit, GitlabIssue, Issue, LinkDirection, Project
from mappings.commitments import Commitment
from mappings.terms import Debt
from sync.core.drift import evidence
from sync.core.drift.members import debt_issue, is_open, is_open_milestone, open_items
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Evidence, Severity
from sync.core.language import Text
from sync.core.world import World

_RECENT = timedelta(days=60)


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    if commitment is None or not is_open_milestone(commitment):
        return
    members = {issue.ref for issue in world.issues_in(commitment)}
    items = open_items(world, commitment)
    recent = _recent_commits(world, items)
    for other in world.commitments:
        issue = debt_issue(world, other)
        if other.debt is None or issue is None or issue.ref in members or not is_open(world, issue):
            continue
        if stopped := tuple(item for item in items if _stops(world, issue, other.debt, item=item)):
            yield _drift(
                world, commitment, issue, stopped=tuple(evidence.of_issue(world, i) for i in stopped)
            )
        else:
            commits = tuple(_slowed(world, other.debt, recent))
            if commits and len(commits) >= options.thresholds["min_commits"]:
                yield _drift(world, commitment, issue, stopped=tuple(map(evidence.of_change, commits)))


def _stops(world: World, issue: Issue | GitlabIssue, debt: Debt, *, item: Issue) -> bool:
    """True if the debt blocks the item by a link, or defers it."""
    is_deferred = any(world.observed.issue_by_key.get(key) == item for key in debt.deferred_features)
    if is_deferred or not isinstance(issue, Issue):
        return is_deferred
    return _blocks(issue, item, LinkDirection.OUTWARD) or _blocks(item, issue, LinkDirection.INWARD)


def _blocks(holder: Issue, other: Issue, direction: LinkDirection) -> bool:
    return holder.source == other.source and any(
        "block" in link.type.casefold() and link.direction is direction and link.other_id == other.id
        for link in holder.links
    )


def _recent_commits(world: World, items: tuple[Issue, ...]) -> tuple[Commit, ...]:
    """Implementing commits of the items within the last 60 days, each once."""
    commits = dict.fromkeys(commit for item in items for commit in world.commits_on(item))
    return tuple(c for c in commits if world.now - _RECENT <= c.committed_at <= world.now)


def _slowed(world: World, debt: Debt, recent: tuple[Commit, ...]) -> Iterator[Commit]:
    """Those of the commits that changed something below one of the debt's modules."""
    shas = {touched for module in debt.modules for touched in _touched(world, *module)}
    for commit in recent if shas else ():
        if (commit.source, commit.project_id, commit.sha) in shas:
            yield commit


def _touched(world: World, project: str, prefix: str) -> Iterator[tuple[str, str, str]]:
    for found in world.observed.all(Project):
        if project.strip("/").casefold() in {found.path.casefold(), found.id}:
            for touch in world.observed.touches_below.get((found.source, found.id, prefix.rstrip("/")), ()):
                yield touch.source, touch.project_id, touch.sha


def _drift(
    world: World, commitment: Commitment, issue: Issue | GitlabIssue, *, stopped: tuple[Evidence, ...]
) -> Drift:
    label, labels = evidence.label_of(issue), evidence.joined(e.label for e in stopped)
    return Drift(
        subject=issue.ref,
        since=None,
        values=(("debt", label), ("commitment", commitment.title), ("blocked", labels)),
        evidence=(evidence.of_issue(world, issue), *stopped),
        trace=(
            evidence.held("the debt is open", evidence.status_of(issue)),
            evidence.held(
                "the debt is no item of the milestone", f"{label} is not planned in {commitment.title}"
            ),
            evidence.held("it blocks, defers or weighs on open items", labels),
        ),
    )


RULE = Rule(
    code="D02",
    title=Text(en="Debt in the way of a milestone", zh="技术债阻碍里程碑"),
    severity=Severity.HIGH,
    audience=Audience.BOTH,
    says=Text(
        en="Open debt {debt} stands in the way of {commitment} ({blocked})",
        zh="未偿还的技术债 {debt} 阻碍了 {commitment}（{blocked}）",
    ),
    means=Text(
        en="{commitment} cannot be finished as planned: {debt} has to be dealt with first ({blocked})",
        zh="{commitment} 无法按计划完成：须先处理 {debt}（{blocked}）",
    ),
    clears=Text(
        en="Repay {debt} or plan it into {commitment}", zh="偿还 {debt}，或将其纳入 {commitment} 的计划"
    ),
    find=_find,
    thresholds=(("min_commits", 2),),
)
