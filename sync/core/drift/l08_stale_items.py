"""Items of an open milestone have not moved on either side for a long time.

What drifts: items that are to do or in review had no change in Jira, no hours, and no branch, commit or merge request for ``business_days`` working days.
Why it matters: they are promised and nobody looks at them: they will surprise the milestone near its end.
Stays quiet: for items in progress (S07 speaks of them), for items on hold by label, for items younger than that, and where fewer than ``items`` are stale.
One finding for each milestone.
Clears when the items are worked on, re-planned, dropped or labelled as on hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from connectors.records import Issue
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.changes import made_at
from sync.core.drift.members import has_label, is_open_milestone
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.progress import items_of
from sync.core.world import World

_SHOWN = 5


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    if commitment is None or not is_open_milestone(commitment):
        return
    calendar, days = Calendar(world.spec.calendar), options.thresholds["business_days"]
    waiting = [i for i in items_of(world, commitment) if _may_be_stale(world, i)]
    stale = tuple(i for i in waiting if calendar.plus_workdays(max(_moves(world, i)), days) <= world.now)
    if stale and len(stale) >= options.thresholds["items"]:
        yield _drift(world, commitment, stale, days=days)


def _may_be_stale(world: World, item: Issue) -> bool:
    is_waiting = world.progress_of(item) in {Progress.TO_DO, Progress.IN_REVIEW}
    return is_waiting and not has_label(item, world.spec.vocabulary.parked_labels)


def _moves(world: World, item: Issue) -> Iterator[datetime]:
    yield item.created_at
    yield from (change.at for change in world.observed.changes_of.get(item.ref, ()) if change.at <= world.now)
    yield from (log.started_at for log in world.worklogs_on(item) if log.started_at <= world.now)
    for link in world.links_by_issue.get(item.ref, ()):
        change = world.observed.by_ref.get(link.change)
        if isinstance(change, evidence.Change):
            yield made_at(change)


def _drift(world: World, commitment: Commitment, stale: tuple[Issue, ...], *, days: float) -> Drift:
    count, labels = str(len(stale)), evidence.labels_of(stale[:_SHOWN])
    return Drift(
        subject=evidence.commitment_ref(commitment),
        since=max(max(_moves(world, item)) for item in stale),
        values=(
            ("commitment", commitment.title),
            ("count", count),
            ("issues", labels),
            ("days", f"{days:g}"),
        ),
        evidence=(
            evidence.of_commitment(world, commitment, observed=f"{count} items without a move"),
            *(evidence.of_issue(world, item) for item in stale[:_SHOWN]),
        ),
        trace=(
            evidence.held(f"waiting items without a move for {days:g} working days", f"{count} ({labels})"),
        ),
    )


RULE = Rule(
    code="L08",
    title=Text(en="Stale items", zh="长期无动静的事项"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="Items of {commitment} without any move for at least {days} working days: {count} ({issues})",
        zh="{commitment} 中至少 {days} 个工作日没有任何动静的事项：{count} 项（{issues}）",
    ),
    means=Text(
        en="{count} promised items of {commitment} have been waiting for at least {days} working days without anybody touching them",
        zh="{commitment} 承诺的 {count} 个事项已有至少 {days} 个工作日无人问津",
    ),
    clears=Text(
        en="Work on the items, re-plan or drop them, or label them as on hold: {issues}",
        zh="处理、重新计划或放弃这些事项，或标记为搁置：{issues}",
    ),
    find=_find,
    thresholds=(("business_days", 60), ("items", 3)),
    absence=frozenset({"merge_requests", "commits", "branches"}),
)
