"""Times: how well the instant of a change fits the life of an issue."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from connectors.records import FieldChange, Issue

_BEFORE = timedelta(days=2)
"""People write the issue a little after the work now and then; what was done long before it is about something else."""
_FADES_BEFORE_DAYS, _FADES_AFTER_DAYS = 21, 7
_OVER = timedelta(days=60)


class Life(Struct, frozen=True, kw_only=True):
    """When an issue was written, when work on it began (None: not known to have begun), and when it was resolved (None: open)."""

    created_at: datetime
    began_at: datetime | None
    resolved_at: datetime | None


def life_of(issue: Issue, changes: Iterable[FieldChange]) -> Life:
    """The life of ``issue`` by its field changes, oldest first: work begins when it leaves its first status."""
    began = next((c.at for c in changes if c.field == "status"), None)
    return Life(created_at=issue.created_at, began_at=began, resolved_at=issue.resolved_at)


def fit_of(life: Life, at: datetime) -> float:
    """From -0.5 (long before the issue was written) to 1 (the day on which it was resolved)."""
    if at < life.created_at:
        early = life.created_at - at
        return -0.5 if early > _BEFORE else 0.3 * math.exp(-_days(early))
    is_begun = life.began_at is not None and life.began_at <= at
    if life.resolved_at is None:
        return 0.6 if is_begun else 0.15
    if at > life.resolved_at:
        late = at - life.resolved_at
        return -0.2 if late > _OVER else math.exp(-_days(late) / _FADES_AFTER_DAYS)
    near = math.exp(-_days(life.resolved_at - at) / _FADES_BEFORE_DAYS)
    return max(near, 0.6 if is_begun else 0.1)


def days_between(one: datetime, other: datetime) -> int:
    """Whole days between two instants, whichever is first."""
    return abs(one - other).days


def _days(span: timedelta) -> float:
    return span / timedelta(days=1)
