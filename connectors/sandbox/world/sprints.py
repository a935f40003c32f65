"""Sprints: through which of the board's sprints an item went. They are numbered from 1 and last two weeks."""

from __future__ import annotations

from connectors.sandbox.world.jira_payloads import SPRINT
from connectors.sandbox.world.plan import DONE, Item
from connectors.sandbox.world.workshop import Workshop

CURRENT = 19
"""Number of the sprint that is running at the anchor; it began five days before."""


def sprints_of(shop: Workshop, item: Item) -> range:
    """Numbers of the sprints in which the item was worked on; none for epics, sub-tasks and what was never begun."""
    if not item.moves or item.type in {"Epic", "Sub-task"} or item.moves[0][1] in DONE:
        return range(0)
    first = shop.office(shop.ago(5)) - SPRINT * (CURRENT - 1)
    ends = (item.moves[0][0], item.done_at or shop.anchor)
    numbers = [min(max(int((at - first) / SPRINT) + 1, 1), CURRENT) for at in ends]
    return range(min(numbers), max(numbers) + 1)
