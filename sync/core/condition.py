"""Condition: what Tandem knows about itself and its surroundings; the rules about the engine look at nothing else."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from connectors.commands import Slot
from mappings.drift_options import SuppressionSpec
from sync.core.finding import Acknowledged, Sight


class Touch(StrEnum):
    """What a person did to a managed comment."""

    EDITED = "edited"
    DELETED = "deleted"


class TouchedSlot(Struct, frozen=True, kw_only=True, order=True):
    """A slot whose comment a person edited or deleted, noticed at ``since``.

    ``is_left_alone`` is True once Tandem has put its comment back and it was touched again: from then on nothing is written there.
    """

    slot: Slot
    touch: Touch
    since: datetime
    is_left_alone: bool


class DeadLetter(Struct, frozen=True, kw_only=True, order=True):
    """A delivery that failed too often to be tried again, waiting in the outbox since ``since`` (its last attempt)."""

    slot: Slot
    target: str
    reason: str
    attempts: int
    since: datetime


class SiteVitals(Struct, frozen=True, kw_only=True, order=True):
    """Clock and token of one source as last seen at ``at``: seconds by which its clock is ahead of ours, the token's last day."""

    source: str
    at: datetime
    skew_s: float | None = None
    token_expires_on: date | None = None


class Sighting(Struct, frozen=True, kw_only=True, order=True):
    """When a finding was seen. ``first_seen_at`` begins its present age, ``cleared_at`` is set while it is not seen.

    ``found_at`` is when it was past its grace for the first time in this age, None while it was not. ``returned_at`` are the instants, oldest first,
    at which it came back after it had counted and cleared. ``first`` is what was seen of it when its present age began, None where that was not kept.
    """

    fingerprint: str
    rule: str
    commitment_key: str
    first_seen_at: datetime
    cleared_at: datetime | None = None
    found_at: datetime | None = None
    returned_at: tuple[datetime, ...] = ()
    first: Sight | None = None

    @property
    def subject_label(self) -> str:
        """What people called the subject when it was first seen; empty where that was not kept."""
        return self.first.evidence[0][1] if self.first else ""

    @property
    def was_told(self) -> bool:
        """True if it counted and has cleared since."""
        return self.cleared_at is not None and self.found_at is not None


class Condition(Struct, frozen=True, kw_only=True):
    """All of it. Sorted tuples, so that equal conditions are equal values. ``suppressions`` are those made by command, expired ones too."""

    touched: tuple[TouchedSlot, ...] = ()
    dead: tuple[DeadLetter, ...] = ()
    sites: tuple[SiteVitals, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    suppressions: tuple[SuppressionSpec, ...] = ()
