"""Progress: how many work items of a commitment are delivered, and how far the others are."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from connectors.records import Issue
from mappings.commitments import Commitment, CommitmentKind
from mappings.statuses import Progress
from sync.core.world import World


class Counts(Struct, frozen=True, kw_only=True):
    """Numbers of counted items by progress. Dropped items are no part of ``total``: nobody is going to deliver them."""

    delivered: int = 0
    in_review: int = 0
    in_progress: int = 0
    to_do: int = 0
    dropped: int = 0

    @property
    def total(self) -> int:
        """Items that are delivered or still to be delivered."""
        return self.delivered + self.open

    @property
    def open(self) -> int:
        """Items that are still to be delivered."""
        return self.in_review + self.in_progress + self.to_do


def progress_of_commitment(world: World, commitment: Commitment) -> Counts:
    """Counts over the commitment's items, each piece of work once: see ``items_of``."""
    counted = Counter(world.progress_of(issue) for issue in items_of(world, commitment))
    return Counts(**{progress.value: counted[progress] for progress in Progress})


def items_of(world: World, commitment: Commitment) -> tuple[Issue, ...]:
    """Member issues that are work of their own, in ref order.

    Left out are sub-tasks beside their parent, issues that hold children (an epic is its children), the epics that the commitment stands for and
    slot issues of a type that needs no code (a card that only carries the comment). A debt item's own issue is its work and counts.
    """
    members = world.issues_in(commitment)
    keys = frozenset(issue.key for issue in members)
    return tuple(issue for issue in members if _is_work(world, commitment, issue, keys))


def _is_work(world: World, commitment: Commitment, issue: Issue, members: frozenset[str]) -> bool:
    if issue.is_subtask:
        return issue.parent_key not in members
    if commitment.debt and issue is world.observed.issue_by_key.get(commitment.debt.issue_key):
        return True
    if any(not child.is_subtask for child in world.observed.children_of.get(issue.key, ())):
        return False
    is_card = issue.key in commitment.slot_issue_keys and issue.type not in world.spec.vocabulary.code_types
    is_anchor = commitment.kind is CommitmentKind.MILESTONE and issue.ref in commitment.anchors
    return not (is_card or is_anchor)
