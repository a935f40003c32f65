"""Workflow: how far a work item can be, whatever its status is called."""

from __future__ import annotations

from enum import StrEnum


class Progress(StrEnum):
    """How far a work item is. ``DROPPED`` is done without being delivered."""

    TO_DO = "to_do"
    IN_PROGRESS = "in_progress"
    IN_REVIEW = "in_review"
    DELIVERED = "delivered"
    DROPPED = "dropped"

    @property
    def is_done(self) -> bool:
        """True for delivered and dropped."""
        return self in {Progress.DELIVERED, Progress.DROPPED}
