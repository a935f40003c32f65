"""Commands: intended writes, idempotent by construction, and the receipts that deliveries leave."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


class Slot(Struct, frozen=True, kw_only=True, order=True):
    """The place in Jira that a managed comment occupies: one commitment on one issue (by immutable id)."""

    source: str
    issue_id: str
    commitment_key: str

    def __str__(self) -> str:
        return f"{self.source}/{self.issue_id}/{self.commitment_key}"


_MARKER = re.compile(r"tandem-slot=(?P<slot>[A-Za-z0-9._-]{1,80}) tandem-digest=(?P<digest>[0-9a-f]{16})")


def marker_of(commitment_key: str, digest: str) -> str:
    """The marker text that ends a managed comment: which commitment it speaks of and which content it holds (16 hexadecimal digits)."""
    return f"tandem-slot={commitment_key} tandem-digest={digest}"


def marked(body: str) -> tuple[str, str] | None:
    """(commitment key, digest) of the marker in the last line of ``body``; None without one.

    A marker anywhere else is quoted text, not ours. Whether the comment is ours is for the author's account to tell.
    """
    last = body.rstrip().rpartition("\n")[2]
    found = _MARKER.search(last)
    return (found["slot"], found["digest"]) if found else None


def reads_same(one: str, other: str) -> bool:
    """True if two bodies differ in nothing but line endings and blanks at the end of lines or of the text, which a tool may change on its own."""
    first, second = ([line.rstrip() for line in text.rstrip().splitlines()] for text in (one, other))
    return first == second


class Visibility(Struct, frozen=True, kw_only=True):
    """Who may read a comment: ``kind`` is ``role`` or ``group``, ``name`` its name."""

    kind: str
    name: str


class Announce(StrEnum):
    """Whether a comment write may notify people: a new comment does, a silent edit does not."""

    NOTIFY = "notify"
    SILENT = "silent"


class CommentCommand(Struct, frozen=True, kw_only=True, tag="comment"):
    """The slot's managed comment shall read ``body`` (wiki markup, marker line included).

    ``digest`` identifies the content. ``NOTIFY`` removes our own former comment and then posts a new one (in this order: a crash in between leaves
    none, never two; where removing is not allowed the former is edited instead). ``SILENT`` edits in place, or posts where there is none.
    """

    slot: Slot
    body: str
    digest: str
    announce: Announce
    visibility: Visibility | None = None


class PropertyCommand(Struct, frozen=True, kw_only=True, tag="property"):
    """The issue property ``key`` shall hold the JSON document ``value`` (canonical text). One per issue, so the slot's commitment is ``*``."""

    slot: Slot
    key: str
    value: str
    digest: str


Command: TypeAlias = CommentCommand | PropertyCommand


class Receipt(Struct, frozen=True, kw_only=True):
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


class ObservedComment(Struct, frozen=True, kw_only=True):
    """A managed comment of ours as the tool holds it now. ``digest`` is read from the marker, None where there is none.

    ``is_edited_by_other`` is True where the tool names somebody else as the one who changed it last.
    """

    remote_id: str
    body: str
    digest: str | None
    updated_at: datetime | None = None
    is_edited_by_other: bool = False
