"""Slot state: what is known of the places in Jira in which Tandem writes."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from connectors.commands import Receipt, Slot
from sync.core.condition import Touch, TouchedSlot
from sync.core.told import Told

COMMENT = "comment"
"""The target of a managed comment; a property's target is its key."""


class SlotState(Struct, frozen=True, kw_only=True):
    """What is known of one managed comment: the receipt of the last write, what it said, and what became of it since.

    ``is_unsure`` is True where the last write broke off, ``touched`` what a person did, ``loud_today`` how many new comments the issue got today.
    """

    receipt: Receipt | None = None
    told: Told | None = None
    is_unsure: bool = False
    touched: TouchedSlot | None = None
    loud_today: int = 0

    @property
    def is_left_alone(self) -> bool:
        """True if a person touched the comment again after ours was put back."""
        return self.touched is not None and self.touched.is_left_alone

    @property
    def body(self) -> str | None:
        """What stands there as far as is known; None for nothing."""
        is_deleted = self.touched is not None and self.touched.touch is Touch.DELETED
        return self.receipt.body if self.receipt and not is_deleted else None


class DeliveredState(Struct, frozen=True, kw_only=True):
    """What is known to stand in Jira.

    Receipts by (slot, target), what was told by slot, and how many writes were made today. ``unsure`` are the (slot, target) whose last write broke off,
    ``touched`` the comments that a person edited or deleted, ``loud_today`` the new comments of today by (source, issue id). Today is a day of the calendar's zone.
    """

    receipts: Mapping[tuple[Slot, str], Receipt] = field(default_factory=dict)
    told: Mapping[Slot, Told] = field(default_factory=dict)
    written_today: int = 0
    unsure: frozenset[tuple[Slot, str]] = frozenset()
    touched: Mapping[Slot, TouchedSlot] = field(default_factory=dict)
    loud_today: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def comment_in(self, slot: Slot) -> SlotState:
        """What is known of the managed comment in ``slot``."""
        return SlotState(
            receipt=self.receipts.get((slot, COMMENT)),
            told=self.told.get(slot),
            is_unsure=(slot, COMMENT) in self.unsure,
            touched=self.touched.get(slot),
            loud_today=self.loud_today.get((slot.source, slot.issue_id), 0),
        )
