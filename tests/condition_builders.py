"""Builders of what Tandem knows about itself: touched comments, failed writes, clocks and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.commands import Slot
from sync.core.condition import DeadLetter, SiteVitals, Touch, TouchedSlot
from tests.record_builders import NOW, number_of


def touched_slot(key: str, touch: str, since: datetime, **fields: Any) -> TouchedSlot:
    """A managed comment on the issue ``key`` that a person edited or deleted; ``commitment`` is its key."""
    slot = Slot(source="jira", issue_id=number_of(key), commitment_key=fields.pop("commitment", "pay-2.0"))
    return TouchedSlot(**{"is_left_alone": False} | fields, slot=slot, touch=Touch(touch), since=since)


def dead_letter(key: str, target: str, since: datetime, **fields: Any) -> DeadLetter:
    """A write to the issue ``key`` that failed five times; ``commitment`` is its key."""
    slot = Slot(source="jira", issue_id=number_of(key), commitment_key=fields.pop("commitment", "pay-2.0"))
    defaults = {"attempts": 5, "reason": "500 Internal Server Error"}
    return DeadLetter(**defaults | fields, slot=slot, target=target, since=since)


def site(source: str, **fields: Any) -> SiteVitals:
    """Clock and token of a source as seen at NOW."""
    return SiteVitals(**{"at": NOW} | fields, source=source)
