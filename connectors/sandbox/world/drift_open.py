"""Planted stories of items that Jira calls open while the code is further, or stands still: S05, S07, S08."""

from __future__ import annotations

from datetime import timedelta

from connectors.sandbox.world.changes import change, merged, part, taking_back
from connectors.sandbox.world.plan import Item
from connectors.sandbox.world.workdays import workdays_before
from connectors.sandbox.world.workshop import Story, Workshop


def merged_but_waiting(commitment: str) -> Story:
    """S05: everything is merged, Jira still says To Do."""

    def story(shop: Workshop, item: Item) -> None:
        merged(shop, item, shop.ago(10), shop.ago(6))
        shop.plant("S05", commitment, item, "all merged six days ago, still To Do")
        shop.decoy("S08", commitment, item, "all its merge requests are merged")

    return story


def merged_and_open(commitment: str) -> Story:
    """Decoy of S05 and plant of S08: one merge request is merged, the second open."""

    def story(shop: Workshop, item: Item) -> None:
        merged(shop, item, shop.ago(15), shop.ago(12))
        change(shop, item, shop.ago(6), shop.ago(4), **part(item, 2))
        shop.decoy("S05", commitment, item, "its second merge request is open")
        shop.plant("S08", commitment, item, "a merge request is open, Jira says To Do")

    return story


def merged_then_taken_back(commitment: str) -> Story:
    """Decoy of S05: back in To Do because the merge was reverted."""

    def story(shop: Workshop, item: Item) -> None:
        made = merged(shop, item, shop.ago(14), shop.ago(11), style="merge")
        taking_back(shop, made, shop.ago(10))
        item.moves = [
            (shop.ago(14.2), "In Progress"),
            (shop.ago(12), "In Review"),
            (shop.ago(9.8), "To Do"),
        ]
        shop.decoy("S05", commitment, item, "the merge stands reverted")

    return story


def silent(commitment: str, *, has_branch: bool) -> Story:
    """S07: in progress, and nothing has moved in Git for a month."""

    def story(shop: Workshop, item: Item) -> None:
        if has_branch:
            change(shop, item, shop.ago(38), shop.ago(33), is_draft=True, updated_at=shop.ago(32.9))
        item.moves = [(shop.ago(39), "In Progress")]
        shop.plant("S07", commitment, item, "in progress without Git activity for a month")

    return story


def silent_over_the_stop(commitment: str) -> Story:
    """Decoy of S07: the silence is the plant's maintenance stop and the weekend, only two working days long."""

    def story(shop: Workshop, item: Item) -> None:
        last = workdays_before(shop.anchor, 2)
        change(shop, item, last - timedelta(days=2), last, is_draft=True, updated_at=last)
        item.moves = [(last - timedelta(days=2, hours=1), "In Progress")]
        shop.decoy("S07", commitment, item, "the silence is a holiday and a weekend")

    return story


def thinking(commitment: str) -> Story:
    """Decoy of S07: analysis without code."""

    def story(shop: Workshop, item: Item) -> None:
        item.moves = [(shop.ago(28), "In Progress")]
        shop.decoy("S07", commitment, item, "a spike needs no code")

    return story


def waiting_for_review(commitment: str) -> Story:
    """Decoy of S07: in review, where waiting is the reviewer's."""

    def story(shop: Workshop, item: Item) -> None:
        change(shop, item, shop.ago(36), shop.ago(31), updated_at=shop.ago(31))
        item.moves = [(shop.ago(36), "In Progress"), (shop.ago(31), "In Review")]
        shop.decoy("S07", commitment, item, "in review, not in progress")
        shop.plant("T06", commitment, shop.changes[-1], "nothing moved for a month")

    return story


def begun_in_secret(commitment: str, *, is_bare: bool, is_draft: bool = False) -> Story:
    """S08: somebody works on it, Jira says To Do."""

    def story(shop: Workshop, item: Item) -> None:
        change(shop, item, shop.ago(7), shop.ago(3), is_bare=is_bare, is_draft=is_draft)
        shop.issues.setdefault("secret", item)
        what = "branch" if is_bare else "merge request"
        shop.plant("S08", commitment, item, f"a {what} exists, Jira says To Do")

    return story


def tried(commitment: str) -> Story:
    """Decoy of S08: a spike that waits, with a branch of notes."""

    def story(shop: Workshop, item: Item) -> None:
        change(shop, item, shop.ago(9), shop.ago(8), is_bare=True)
        shop.decoy("S08", commitment, item, "a spike may have a branch")

    return story


def given_up(commitment: str) -> Story:
    """Decoy of S08: the merge request was closed, its branch was left behind."""

    def story(shop: Workshop, item: Item) -> None:
        change(shop, item, shop.ago(45), shop.ago(42), closed_at=shop.ago(40), keeps_branch=True)
        item.moves = [(shop.ago(45), "In Progress"), (shop.ago(39.9), "To Do")]
        shop.decoy("S08", commitment, item, "the branch's merge request was closed")

    return story
