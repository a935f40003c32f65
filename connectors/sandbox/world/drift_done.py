"""Planted stories of items that Jira calls done while the code says otherwise, or says nothing: S01, S02, S04."""

from __future__ import annotations

from datetime import timedelta

from connectors.sandbox.world.changes import change, direct, merged
from connectors.sandbox.world.plan import Change, Item
from connectors.sandbox.world.stories import closed
from connectors.sandbox.world.workshop import Story, Workshop


def landed(shop: Workshop, item: Item, days: float) -> Change:
    """One merge request merged ``days`` before the anchor, and the item closed within hours."""
    at = shop.ago(days)
    made = merged(shop, item, at - timedelta(days=4), at)
    closed(item, started=at - timedelta(days=4, hours=1), landed=at, shop=shop)
    return made


def done_but_open(*commitments: str) -> Story:
    """S01: closed four days ago while its merge request is still open."""

    def story(shop: Workshop, item: Item) -> None:
        made = change(shop, item, shop.ago(9), shop.ago(5), updated_at=shop.ago(2.5))
        shop.issues.setdefault(f"unfinished {item.project}", item)
        shop.requests.setdefault(f"unfinished {item.project}", made)
        closed(item, started=shop.ago(9.2), landed=shop.ago(4), shop=shop)
        for commitment in commitments:
            shop.plant("S01", commitment, item, "closed in Jira, merge request still open")

    return story


def quiet_beside_open(commitment: str, form: str) -> Story:
    """Decoys of S01: delivered by a merged request, with a second one open that is no unfinished work (``form``)."""

    def story(shop: Workshop, item: Item) -> None:
        landed(shop, item, 12)
        start, last = shop.ago(8), shop.ago(6)
        more: dict[str, object] = {
            "draft": {"is_draft": True},
            "backport": {"branch": f"backport/{item.key}-1.x", "title": f"{item.key}: back-port to 1.x"},
            "docs": {"branch": f"docs/{item.key}-guide", "labels": ("documentation",), "opened_at": last},
        }[form]  # type: ignore[assignment]  # values differ in type
        change(shop, item, start, last, **more)
        shop.decoy("S01", commitment, item, f"the open merge request is a {form}")

    return story


def mentioned_only(commitment: str, other: Item) -> Story:
    """Decoy of S01: the open merge request that names the item in its description works on ``other``."""

    def story(shop: Workshop, item: Item) -> None:
        landed(shop, item, 20)
        change(
            shop,
            other,
            shop.ago(4),
            shop.ago(hours=9),
            description=f"Builds on what {item.key} introduced; see there for the background.",
        )
        other.moves = [(shop.ago(4), "In Progress"), (shop.ago(1), "In Review")]
        shop.decoy("S01", commitment, item, "the open merge request only mentions it")

    return story


def done_but_closed(commitment: str) -> Story:
    """S02: closed in Jira; every merge request of it was closed without merging."""

    def story(shop: Workshop, item: Item) -> None:
        change(shop, item, shop.ago(30), shop.ago(26), closed_at=shop.ago(24))
        closed(item, started=shop.ago(30), landed=shop.ago(22), shop=shop)
        shop.plant("S02", commitment, item, "no merge request of it was ever merged")

    return story


def dropped_and_closed(commitment: str) -> Story:
    """Decoy of S02: the merge request was closed because the item was dropped."""

    def story(shop: Workshop, item: Item) -> None:
        change(shop, item, shop.ago(33), shop.ago(30), closed_at=shop.ago(28))
        item.moves = [(shop.ago(33.5), "In Progress"), (shop.ago(27.9), "Won't Do")]
        shop.decoy("S02", commitment, item, "dropped, not delivered")

    return story


def pushed_directly(commitment: str) -> Story:
    """Decoy of S02: the merge request was closed, and its commit reached the main branch by a direct push."""

    def story(shop: Workshop, item: Item) -> None:
        made = change(shop, item, shop.ago(25), shop.ago(23), closed_at=shop.ago(21))
        title = f"{item.key}: {item.title} (applied by hand)"
        direct(shop, made.repository, item.assignee, title=title, at=shop.ago(20.9))
        closed(item, started=shop.ago(25.5), landed=shop.ago(20.8), shop=shop)
        shop.decoy("S02", commitment, item, "its commit is on the main branch")

    return story


def done_without_code(commitment: str, *, suppressed: bool = False) -> Story:
    """S04: a code item closed with no branch, commit or merge request anywhere."""

    def story(shop: Workshop, item: Item) -> None:
        closed(item, started=shop.ago(40), landed=shop.ago(33), shop=shop)
        shop.plant("S04", commitment, item, "nothing in GitLab names it", suppressed=suppressed)

    return story


def done_by_child(commitment: str, child: Item) -> Story:
    """Decoy of S04: the code hangs on the item's sub-task."""

    def story(shop: Workshop, item: Item) -> None:
        landed(shop, child, 31)
        closed(item, started=shop.ago(36), landed=shop.ago(30), shop=shop)
        shop.decoy("S04", commitment, item, "its sub-task is linked")

    return story


def done_without_need(commitment: str) -> Story:
    """Decoy of S04: closed without code, of a type that needs none."""

    def story(shop: Workshop, item: Item) -> None:
        closed(item, started=shop.ago(41), landed=shop.ago(34), shop=shop)
        shop.decoy("S04", commitment, item, f"a {item.type} needs no code")

    return story
