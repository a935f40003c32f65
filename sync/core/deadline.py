"""Deadline: when a commitment is due, and how many working days remain."""

from __future__ import annotations

from datetime import date, timedelta

from connectors.records import Issue, Milestone, Ref, Version
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.world import World


def due_on_of(world: World, commitment: Commitment) -> date | None:
    """The day on which the commitment is due: its own date, else the first date of its anchors, else until when its debt is accepted."""
    anchored = (_date_of(world, ref) for ref in commitment.anchors)
    accepted_until = commitment.debt.accepted_until if commitment.debt else None
    return commitment.due_on or next(filter(None, anchored), None) or accepted_until


def _date_of(world: World, ref: Ref) -> date | None:
    match world.observed.by_ref.get(ref):
        case Version(release_on=on) | Milestone(due_on=on) | Issue(due_on=on):
            return on
        case _:
            return None


def is_within_working_days(world: World, due_on: date, days: int) -> bool:
    """True if ``due_on`` is today or later and at most ``days`` working days remain, today and the due day included."""
    calendar = Calendar(world.spec.calendar)
    today = calendar.day_of(world.now)
    return today <= due_on and calendar.workdays_from(today, due_on + timedelta(days=1)) <= days
