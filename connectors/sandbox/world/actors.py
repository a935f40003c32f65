"""Actors: items with fixed numbers that scenes move; until then they are ordinary work in good order."""

from __future__ import annotations

from datetime import timedelta

from connectors.sandbox.world import stories
from connectors.sandbox.world.changes import change
from connectors.sandbox.world.drift_done import landed
from connectors.sandbox.world.people import BY_LOGIN
from connectors.sandbox.world.plan import Item
from connectors.sandbox.world.programmes import MES, RISK, member
from connectors.sandbox.world.workshop import Workshop

REVIEWED, REVERTED, ADDED, ENDING = 120, 160, 121, 60
"""Numbers of the actors of ``overnight``: RISK-120 is merged, IMP-160 reverted, RISK-121 added; RISK-60 is the debt that ends."""
MOVED, DELETED, BUSY = 161, 162, 163
"""IMP-161 moves to RISK, IMP-162 is deleted, IMP-163 is being worked on."""
PLATFORM_EPIC = 6


def cast(shop: Workshop) -> None:
    """Cast the actors under names that scenes know."""
    reviewed = member(shop, RISK, "Story", age=17, title="Stop-loss switch per merchant · 商户止损开关")
    reverted = member(shop, MES, "Story", age=76, title="Gateway reconnects without losing frames")
    added = shop.item("RISK", "Story", age=16, title="Review console shows the device graph", points=5.0)
    moved = shop.item("IMP", "Story", age=80, title="Cost centre on every order")
    deleted = shop.item("IMP", "Task", age=15, title="Duplicate of the andon request")
    busy = member(shop, MES, "Story", age=28, title="Tablet mode for the packing line")
    train = shop.item("IMP", "Epic", age=265, title="Platform 5.1 · 平台维护")
    numbers = (REVIEWED, REVERTED, ADDED, MOVED, DELETED, BUSY, PLATFORM_EPIC)
    for item, number in zip((reviewed, reverted, added, moved, deleted, busy, train), numbers, strict=True):
        item.number = number
    train.assignee = BY_LOGIN["zhang.min"]
    train.moves = [(shop.ago(200), "In Progress")]
    shop.issues |= {"reviewed": reviewed, "reverted": reverted, "added": added}
    shop.issues |= {"moved": moved, "deleted": deleted, "busy": busy, "slot": shop.epics[RISK.commitment]}
    shop.tell(_reviewed, reviewed)
    shop.tell(_reverted, reverted)
    shop.tell(stories.to_do, added)
    shop.tell(_moved, moved)
    shop.tell(stories.to_do, deleted)
    shop.tell(_busy, busy)


def _reviewed(shop: Workshop, item: Item) -> None:
    made = change(shop, item, shop.ago(6), shop.ago(hours=15), repository="engine", style="merge")
    item.moves = [(shop.ago(6.1), "In Progress"), (made.opened_at + timedelta(minutes=3), "In Review")]
    shop.requests["reviewed"] = made


def _reverted(shop: Workshop, item: Item) -> None:
    made = landed(shop, item, 6.2)
    made.style = "merge"
    shop.requests["reverted"] = made


def _moved(shop: Workshop, item: Item) -> None:
    landed(shop, item, 48)


def _busy(shop: Workshop, item: Item) -> None:
    shop.requests["busy"] = change(shop, item, shop.ago(5), shop.ago(hours=5), repository="line-gateway")
    item.moves = [(shop.ago(5.1), "In Progress")]
