"""Planted stories of what happened after a merge: red main branches (S03), reverts (S09), milestones that differ (R01)."""

from __future__ import annotations

from datetime import timedelta

from connectors.sandbox.world.changes import change, direct, merged, taking_back
from connectors.sandbox.world.drift_done import landed
from connectors.sandbox.world.plan import Change, Item
from connectors.sandbox.world.stories import closed
from connectors.sandbox.world.workshop import Story, Workshop


def _landed_in(shop: Workshop, item: Item, repository: str, *, days: float, landing: str) -> Change:
    at = shop.ago(days)
    made = merged(shop, item, at - timedelta(days=3), at, repository=repository, landing=landing)
    closed(item, started=at - timedelta(days=3, hours=2), landed=at, shop=shop)
    return made


def turned_red(commitment: str, *, days: float) -> Story:
    """S03: merged into the scheduler, whose main branch has been red ever since."""

    def story(shop: Workshop, item: Item) -> None:
        made = _landed_in(shop, item, "scheduler", days=days, landing="failed")
        shop.issues.setdefault("red", item)
        shop.requests.setdefault("red", made)
        shop.plant("S03", commitment, item, "main has been red since its merge")

    return story


_LANDINGS = {
    "features": ("failed:infrastructure", "the only failure is the runner's"),
    "common": ("failed:allowed", "the failed job may fail"),
    "portal": ("success:clutter", "canceled, skipped and child pipelines do not count"),
    "engine": ("flaky", "a newer pipeline is green"),
}


def looked_red(commitment: str, repository: str) -> Story:
    """Decoys of S03: merged, and the pipeline after it only looks red."""
    landing, why = _LANDINGS[repository]

    def story(shop: Workshop, item: Item) -> None:
        if shop.home(repository) != repository:  # a main branch with other landings shows nothing of this one
            landed(shop, item, 9)
            return
        _landed_in(shop, item, repository, days=3.2, landing=landing)
        shop.decoy("S03", commitment, item, why)

    return story


def taken_back(commitment: str, *, by_push: bool = False) -> Story:
    """S09: delivered, then reverted by a merge request or by a commit pushed to main; Jira still says Done."""

    def story(shop: Workshop, item: Item) -> None:
        made = landed(shop, item, 9)
        if by_push:
            title, made.style = f'Revert "{made.title}"', "squash"
            direct(shop, made.repository, item.assignee, title=title, at=shop.ago(4.6)).takes_back = made
        else:
            taking_back(shop, made, shop.ago(5.1))
        shop.plant("S09", commitment, item, "its merge was reverted, Jira still says Done")

    return story


def taken_back_twice(commitment: str) -> Story:
    """Decoy of S09: the revert was reverted."""

    def story(shop: Workshop, item: Item) -> None:
        first = taking_back(shop, landed(shop, item, 16), shop.ago(15))
        taking_back(shop, first, shop.ago(13.4))
        shop.decoy("L01", "*", first, "a revert of tracked work")
        shop.decoy("S09", commitment, item, "the revert was reverted")

    return story


def taken_back_and_redone(commitment: str) -> Story:
    """Decoy of S09: a later merge request did it again, better."""

    def story(shop: Workshop, item: Item) -> None:
        start = shop.ago(22)
        taking_back(shop, merged(shop, item, start, shop.ago(19)), shop.ago(18))
        branch, title = f"feature/{item.key}-second-try", f"{item.key}: second try, behind a switch"
        merged(shop, item, shop.ago(17), shop.ago(14), branch=branch, title=title)
        closed(item, started=start, landed=shop.ago(14), shop=shop)
        shop.decoy("S09", commitment, item, "a later merge request replaced it")

    return story


def taken_back_in_part(commitment: str) -> Story:
    """Decoy of S09: only one of its commits was taken back."""

    def story(shop: Workshop, item: Item) -> None:
        at = shop.ago(18)
        subjects = (
            f"{item.key}: {item.title}",
            f"{item.key} add metrics",
            f"{item.key} raise the pool size to 64",
        )
        made = merged(shop, item, shop.ago(22), at, style="merge", subjects=subjects)
        closed(item, started=shop.ago(22.2), landed=at, shop=shop)
        title = f'Revert "{subjects[-1]}"'
        taking_back(shop, made, shop.ago(16), title=title, subjects=(title,), is_partial=True)
        shop.decoy("S09", commitment, item, "only one commit was taken back")

    return story


def in_another_milestone(commitment: str, milestone: str) -> Story:
    """R01: merged under a GitLab milestone that is not the item's version."""

    def story(shop: Workshop, item: Item) -> None:
        made = landed(shop, item, 27)
        made.milestone = milestone
        shop.plant(
            "R01", commitment, made, f"in milestone {milestone}, the issue in {', '.join(item.versions)}"
        )

    return story


def opened_in_another_milestone(commitment: str, milestone: str) -> Story:
    """R01 on work in review."""

    def story(shop: Workshop, item: Item) -> None:
        made = change(shop, item, shop.ago(8), shop.ago(5), milestone=milestone)
        item.moves = [(shop.ago(8), "In Progress"), (made.opened_at, "In Review")]
        shop.plant(
            "R01", commitment, made, f"in milestone {milestone}, the issue in {', '.join(item.versions)}"
        )

    return story


def in_same_milestone(commitment: str, milestone: str, why: str) -> Story:
    """Decoys of R01: the names differ on paper only."""

    def story(shop: Workshop, item: Item) -> None:
        made = landed(shop, item, 29)
        made.milestone = milestone
        shop.decoy("R01", commitment, made, why)

    return story


def in_platform(shop: Workshop, item: Item) -> None:
    """Maintenance under a GitLab milestone, with no version in Jira: in order."""
    at = shop.ago(shop.rng.uniform(12, 50))
    made = merged(shop, item, at - timedelta(days=4), at, repository="common", milestone="Platform 5.1")
    closed(item, started=at - timedelta(days=4.1), landed=at, shop=shop)
    shop.decoy("R01", "*", made, "its issue has no version")


def under_a_former_key(commitment: str) -> Story:
    """Decoy of L03: built under the key that the item had before it moved to this project."""

    def story(shop: Workshop, item: Item) -> None:
        made = landed(shop, item, 20)
        made.branch, made.title = f"feature/{item.former_key}-api", f"{item.former_key}: {item.title}"
        made.subjects = tuple(s.replace(item.key, item.former_key) for s in made.subjects)
        shop.decoy("L03", "*", made, f"{item.former_key} is now {item.key}")
        shop.decoy("S04", commitment, item, "linked by its former key")

    return story
