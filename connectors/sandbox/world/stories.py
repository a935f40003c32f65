"""Stories of ordinary work: how an item that nobody worries about is born, built, reviewed and closed. None of them is drift."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.sandbox.world.changes import change, latest_landing, merged, part, repository_for
from connectors.sandbox.world.plan import Item
from connectors.sandbox.world.workshop import Workshop


def to_do(_shop: Workshop, _item: Item) -> None:
    """Waits in the backlog: no branch, no merge request."""


def dropped(shop: Workshop, item: Item) -> None:
    """Was closed without being built."""
    item.moves = [(shop.office(shop.within(item.created_at, shop.ago(3), 0.5)), "Won't Do")]


def delivered(shop: Workshop, item: Item) -> None:
    """Was built in one to three merge requests, all merged before it was closed."""
    repositories = [
        repository_for(shop, item.project) for _ in range(shop.rng.choices((1, 2, 3), (42, 41, 17))[0])
    ]
    limit = min(latest_landing(shop, name) for name in repositories)
    end = min(item.created_at + timedelta(days=shop.rng.uniform(10, 45)), limit)
    start = shop.within(item.created_at, end, 0.25)
    landed = start
    for index, repository in enumerate(repositories):
        first = shop.within(start, end, index / len(repositories))
        landed = shop.office(shop.within(start, end, (index + 0.8) / len(repositories)))
        again = part(item, index + 1) if index else {}
        merged(shop, item, shop.office(first), landed, repository=repository, **again)
    closed(item, started=shop.office(start), landed=landed, shop=shop)


def closed(item: Item, *, started: datetime, landed: datetime, shop: Workshop) -> None:
    """Give ``item`` the moves of one that was started, reviewed and closed after its last merge."""
    done = landed + timedelta(hours=shop.rng.uniform(0.3, 5))
    item.moves = [
        (started, "In Progress"),
        (shop.within(started, landed, 0.7), "In Review"),
        (done.replace(microsecond=0), "Done"),
    ]


def in_review(shop: Workshop, item: Item) -> None:
    """Its merge request waits for a reviewer."""
    start, last = shop.ago(shop.rng.uniform(5, 8)), shop.ago(hours=shop.rng.uniform(12, 60))
    waiting = change(shop, item, start, last, repository=repository_for(shop, item.project))
    item.moves = [(start, "In Progress"), (waiting.opened_at + timedelta(minutes=4), "In Review")]


def in_progress(shop: Workshop, item: Item) -> None:
    """Is being built: a draft, an open merge request or a branch alone, touched within the last day."""
    start, last = shop.ago(shop.rng.uniform(3, 7)), shop.ago(hours=shop.rng.uniform(1, 20))
    form = shop.rng.choice(("draft", "open", "branch"))
    repository = repository_for(shop, item.project)
    change(shop, item, start, last, repository=repository, is_draft=form == "draft", is_bare=form == "branch")
    item.moves = [(start, "In Progress")]


def alongside(_shop: Workshop, item: Item) -> None:
    """A sub-task without code that moves with its parent and is closed just before it."""
    parent = item.parent
    if parent is None or not parent.moves:
        return
    item.moves = [(parent.moves[0][0] + timedelta(minutes=10), "In Progress")]
    if parent.done_at:
        item.moves.append((parent.done_at - timedelta(minutes=10), "Done"))
