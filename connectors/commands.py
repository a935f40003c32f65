"""Commands: intended writes, idempotent by construction, and the receipts that deliveries leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Slot:
    """The place in Jira that a managed comment occupies: one commitment on one issue (by immutable id)."""

    source: str
    issue_id: str
    commitment_key: str

    def __str__(self) -> str:
        return f"{self.source}/{self.issue_id}/{self.commitment_key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Who may read a comment: ``kind`` is ``role`` or ``group``, ``name`` its name."""

    kind: str
    name: str


class Announce(StrEnum):
    """Whether a comment write may notify people: a new comment does, a silent edit does not."""

    NOTIFY = "notify"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentCommand:
    """The slot's managed comment shall read ``body`` (wiki markup, marker line included).

    ``digest`` identifies the content. ``NOTIFY`` posts a new comment and then removes our own former one, ``SILENT`` edits in place
    (or posts where there is none).
    """

    slot: Slot
    body: str
    digest: str
    announce: Announce
    visibility: Visibility | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyCommand:
    """The issue property ``key`` of the slot's issue shall hold the JSON document ``value`` (canonical text)."""

    slot: Slot
    key: str
    value: str
    digest: str


Command: TypeAlias = CommentCommand | PropertyCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is known to stand in a slot after a delivery.

    ``target`` is ``comment`` or the property's key; ``remote_id`` the vendor's id of the comment (None for a property);
    ``body`` what was written, so that the next plan can show a difference. One receipt per (slot, target).
    """

    slot: Slot
    target: str
    digest: str
    body: str
    delivered_at: datetime
    remote_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedComment:
    """A managed comment of ours as the tool holds it now. ``digest`` is read from the marker, None where there is none."""

    remote_id: str
    body: str
    digest: str | None
    updated_at: datetime | None = None
