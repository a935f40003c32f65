"""Planted reviews that were not over when their merge request was merged (S15), and those that only look so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.sandbox.world.changes import merged, part
from connectors.sandbox.world.drift_flow import Items
from connectors.sandbox.world.people import RENOVATE, Person, team
from connectors.sandbox.world.plan import Change, Item, Thread
from connectors.sandbox.world.programmes import MES, RISK, Milestone
from connectors.sandbox.world.stories import closed
from connectors.sandbox.world.workshop import Workshop

_FIRST = 921
_MERGED_DAYS = 9
_HALF_HOUR_S = 1800


def reviewed(shop: Workshop) -> None:
    """Everything of this module, in the two largest milestones."""
    for milestone in (MES, RISK):
        items = Items(shop, milestone, first=_FIRST)
        _hasty(shop, milestone, items)
        _orderly(shop, milestone, items)
        _bots(shop, milestone, items)


def _hasty(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """S15 twice: a question that nobody answered, and one approval where the project asks for two."""
    item = items.made("Story", "Restart without losing the queue", age=40)
    asked = Thread(by=_other(item), at=shop.ago(_MERGED_DAYS + 1))
    open_ = _merged(shop, item, threads=(asked,))
    shop.plant("S15", milestone.commitment, open_, "a thread was open at the merge and is so still")
    short = _merged(shop, items.made("Story", "Limits per operator", age=40), approvals_required=2)
    shop.plant("S15", milestone.commitment, short, "one of two approvals")


def _orderly(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """Decoys: answered late, asked late, merged in haste by policy."""
    late = items.made("Story", "Search by order number", age=40)
    answered = Thread(by=_other(late), at=shop.ago(_MERGED_DAYS + 1), resolved_at=shop.ago(_MERGED_DAYS - 2))
    made = _merged(shop, late, threads=(answered,))
    shop.decoy("S15", milestone.commitment, made, "its thread was resolved after the merge")
    quiet = items.made("Story", "Sort by urgency", age=40)
    after = Thread(by=_other(quiet), at=shop.ago(_MERGED_DAYS - 1))
    made = _merged(shop, quiet, threads=(after,), updated_at=after.at)
    shop.decoy("S15", milestone.commitment, made, "its thread was begun after the merge")
    urgent = items.made("Bug", "Stop the double alarm", age=40)
    asked = Thread(by=_other(urgent), at=shop.ago(_MERGED_DAYS + 1))
    made = _merged(shop, urgent, threads=(asked,), labels=("hotfix",), approvals_required=2)
    shop.decoy("S15", milestone.commitment, made, "a hot-fix may be merged first")


def _bots(shop: Workshop, milestone: Milestone, items: Items) -> None:
    """Decoys: what a bot asked, and what a bot merged."""
    item = items.made("Story", "Newer drivers", age=40)
    asked = Thread(by=RENOVATE, at=shop.ago(_MERGED_DAYS + 1))
    made = _merged(shop, item, threads=(asked,))
    shop.decoy("S15", milestone.commitment, made, "a bot began the open thread")
    begun = shop.ago(_MERGED_DAYS + 3)
    question = Thread(by=_other(item), at=shop.ago(_MERGED_DAYS + 1.5))
    bumped = merged(
        shop,
        item,
        begun,
        shop.ago(_MERGED_DAYS + 0.5),
        author=RENOVATE,
        threads=(question,),
        landing="none",
        subjects=(f"{item.key}: newer drivers",),
        **part(item, 2),
    )
    shop.decoy("S15", milestone.commitment, bumped, "a bot's merge request")


def _merged(shop: Workshop, item: Item, **more: Any) -> Change:  # noqa: ANN401  # fields of Change
    """A merge request of the item, approved by one colleague and merged without a pipeline on main; the item was closed with it."""
    at = shop.ago(_MERGED_DAYS)
    begun = at - timedelta(days=4)
    title = f"{item.key}: {item.title}"
    values = {"style": "merge", "landing": "none", "reviewer": _other(item), "subjects": (title,)} | more
    made = merged(shop, item, begun, at, **values)
    item.efforts = ((begun + timedelta(hours=2), _HALF_HOUR_S),)
    closed(item, started=begun - timedelta(hours=1), landed=at, shop=shop)
    return made


def _other(item: Item) -> Person:
    """A colleague who did not write it."""
    return next(person for person in team(item.project) if person is not item.assignee)
