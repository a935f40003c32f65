"""Scope was taken out of a milestone shortly before its date.

What drifts: items of the agreed scope (``baseline_on`` in the mapping) lost the fix version or epic of the milestone within the last ``days`` days, and the milestone
is due within ``near_days`` days or was due already.
Why it matters: the date is met on paper, and what was promised is missing.
Stays quiet: for milestones without a baseline or a date, for items that were dropped or carry a label such as ``descoped`` (an honest decision with a record),
for items that came back, and for bulk edits.
Clears when the items come back, get the label, or the baseline is agreed anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from mappings.calendar import Calendar
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.deadline import due_on_of
from sync.core.drift import evidence
from sync.core.drift.members import has_label, is_open_milestone
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.membership_history import Joined, baseline_of, is_bulk, removed_after
from sync.core.world import World

_SHOWN = 5


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    end = baseline_of(world, commitment)
    if commitment is None or end is None or not is_open_milestone(commitment):
        return
    if not _is_near(world, commitment, options):
        return
    first = max(end, world.now - timedelta(days=options.thresholds["days"]))
    taken = removed_after(world, commitment, end)
    late = tuple(r for r in taken if r.at >= first and not is_bulk(r, taken) and not _is_decided(world, r))
    if late:
        yield _drift(world, commitment, late, end=end)


def _is_near(world: World, commitment: Commitment, options: Options) -> bool:
    due = due_on_of(world, commitment)
    today = Calendar(world.spec.calendar).day_of(world.now)
    return due is not None and due - today <= timedelta(days=options.thresholds["near_days"])


def _is_decided(world: World, removed: Joined) -> bool:
    is_dropped = world.progress_of(removed.item) is Progress.DROPPED
    return is_dropped or has_label(removed.item, world.spec.vocabulary.descoped_labels)


def _drift(world: World, commitment: Commitment, late: tuple[Joined, ...], *, end: datetime) -> Drift:
    labels, due = evidence.joined(r.item.key for r in late[:_SHOWN]), due_on_of(world, commitment)
    return Drift(
        subject=evidence.commitment_ref(commitment),
        since=min(r.at for r in late),
        values=(
            ("commitment", commitment.title),
            ("count", str(len(late))),
            ("issues", labels),
            ("due", str(due)),
        ),
        evidence=(
            evidence.of_commitment(world, commitment, observed=f"due {due}"),
            *(evidence.of_joined(r.item, r.at, r.author_name, verb="taken out") for r in late[:_SHOWN]),
        ),
        trace=(
            evidence.held("the scope was agreed by", evidence.instant_of(end)),
            evidence.held("items of it that were taken out lately > 0", f"{len(late)} ({labels})"),
            evidence.held("the date is near", str(due)),
        ),
    )


RULE = Rule(
    code="R05",
    title=Text(en="Scope removed late", zh="临近截止移出范围"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(
        en="Items taken out of {commitment} shortly before {due}: {count} ({issues})",
        zh="{commitment} 临近 {due} 移出了 {count} 项（{issues}）",
    ),
    means=Text(
        en="{commitment} may meet {due} only because {count} items were taken out of it lately",
        zh="{commitment} 若能赶上 {due}，只因近期移出了 {count} 项",
    ),
    clears=Text(
        en="Put {issues} back, or record the decision with a label such as descoped",
        zh="恢复 {issues}，或以 descoped 等标签记录决定",
    ),
    find=_find,
    thresholds=(("days", 14), ("near_days", 14)),
)
