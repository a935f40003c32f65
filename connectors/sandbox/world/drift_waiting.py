"""Drift that ordinary work makes by itself: items in no milestone (L02), carried over (T07), and left untouched for months (L08)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from connectors.sandbox.world.plan import Item
from connectors.sandbox.world.programmes import RISK, milestones
from connectors.sandbox.world.sprints import CURRENT, sprints_of
from connectors.sandbox.world.workdays import workdays_before
from connectors.sandbox.world.workshop import Workshop

_STALE_DAYS = 60
_MANY = 3


def unplanned(shop: Workshop) -> None:
    """L02: both projects have loose items enough."""
    for project in ("IMP", "RISK"):
        shop.plant("L02", "*", f"jira:jira_project:{project}", "many of its open items are in no milestone")


def carried(shop: Workshop) -> None:
    """T07: whatever is open and was begun before the last sprint but one; what was begun in the last one was carried over once."""
    for item in shop.items:
        closed = sum(number < CURRENT for number in sprints_of(shop, item))
        for commitment in _commitments_of(shop, item) if closed and not item.done_at else ():
            mark = shop.plant if closed > 1 else shop.decoy
            mark("T07", commitment, item, f"carried over {closed} times")


def waiting(shop: Workshop) -> None:
    """L08: milestones in which three items or more are to do and were not touched for sixty working days."""
    limit = workdays_before(shop.anchor, _STALE_DAYS) - timedelta(
        hours=9
    )  # planning ends that long after the creation
    worked = " ".join(f"{c.branch} {c.title} {c.description}" for c in shop.changes)
    touched = set(re.findall(r"[A-Z]+-[0-9]+", worked))
    stale = [
        i
        for i in shop.items
        if not (i.moves or i.edits or i.efforts or i.type in {"Epic", "Sub-task"} or i.key in touched)
        and i.created_at <= limit
    ]
    counts = Counter(commitment for item in stale for commitment in _commitments_of(shop, item))
    for milestone in milestones(shop):
        key, count = milestone.commitment, counts[milestone.commitment]
        if not milestone.is_released:
            mark = shop.plant if count >= _MANY else shop.decoy
            mark("L08", key, f"tandem:commitment:{key}", f"items that nobody has touched for months: {count}")


def _commitments_of(shop: Workshop, item: Item) -> Iterator[str]:
    for milestone in milestones(shop):
        is_by_epic = milestone.version is None or milestone is RISK
        if milestone.version in item.versions or (
            is_by_epic and item.epic is shop.epics[milestone.commitment]
        ):
            yield milestone.commitment
