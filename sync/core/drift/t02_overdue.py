"""The day is over and the milestone is not delivered.

What drifts: the due day has ended in the calendar's zone, and items are open.
Why it matters: the plan still promises something that has not happened; a new date or a smaller scope is somebody's decision to take.
Stays quiet: for closed milestones, milestones without items or date, and while another tool names a later day that has not ended (then the dates
disagree, which is R07). The due day itself is still in time. Epics and slot cards are not counted as items.
Clears when the items are done or dropped, or the date is moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from connectors.records import Issue
from mappings.anchors import date_of
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import dated_anchors, is_open, is_open_milestone
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.progress import items_of
from sync.core.world import World

_SHOWN = 5


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    if commitment is None or not is_open_milestone(commitment):
        return
    dates = [on for on in (commitment.due_on, *map(date_of, dated_anchors(world, commitment))) if on]
    today = Calendar(world.spec.calendar).day_of(world.now)
    items = items_of(world, commitment) or world.issues_in(commitment)
    late = tuple(item for item in items if is_open(world, item))
    if dates and late and max(dates) < today:
        yield _drift(world, commitment, late, due_on=dates[0])


def _drift(world: World, commitment: Commitment, late: tuple[Issue, ...], *, due_on: date) -> Drift:
    day, zone = due_on.isoformat(), world.spec.calendar.zone
    return Drift(
        subject=evidence.commitment_ref(commitment),
        since=Calendar(world.spec.calendar).end_of(due_on),
        values=(("commitment", commitment.title), ("due", day), ("open", str(len(late)))),
        evidence=(
            evidence.of_commitment(world, commitment, observed=f"due {day}"),
            *(evidence.of_issue(world, item) for item in late[:_SHOWN]),
        ),
        trace=(
            evidence.held("the day after the due day has begun", f"{day} has ended in {zone}"),
            evidence.held("open items > 0", str(len(late))),
        ),
    )


RULE = Rule(
    code="T02",
    title=Text(en="Overdue", zh="已逾期"),
    severity=Severity.HIGH,
    audience=Audience.BOTH,
    says=Text(
        en="{commitment} was due {due}, and items not done: {open}",
        zh="{commitment} 应于 {due} 完成，仍有 {open} 项未完成",
    ),
    means=Text(
        en="{commitment} was promised for {due} and is not there; items left: {open}",
        zh="{commitment} 承诺于 {due} 完成却未完成，剩余 {open} 项",
    ),
    clears=Text(
        en="Finish or drop the open items of {commitment}, or agree on a new date",
        zh="完成或放弃 {commitment} 的未完成项，或商定新的日期",
    ),
    find=_find,
)
