"""Cursor: how far a stream has been read. A value that never goes back and never passes the start of its run."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace


class Cursor(Struct, frozen=True, kw_only=True):
    """How far one partition of one stream has been read.

    ``read_to``: everything that changed before this instant (the tool's own clock, UTC) has been stored; None before the first full walk.
    ``walk_started_at`` and ``position`` describe an unfinished walk: when it began and an opaque place to go on from; both None between walks.
    ``tips``: sorted (ref name, sha) pairs for streams whose cursor is a map of branch tips.
    """

    read_to: datetime | None = None
    walk_started_at: datetime | None = None
    position: str | None = None
    tips: tuple[tuple[str, str], ...] = ()

    @property
    def is_reset(self) -> bool:
        """True if nothing counts as read and no walk is under way: everything is to be read, anew where there are ``tips``."""
        return self.read_to is None and self.walk_started_at is None

    def begun(self, now: datetime) -> Cursor:
        """This cursor with a walk begun at ``now``; an unfinished walk keeps its own start, so resuming cannot skip changes."""
        return self if self.walk_started_at else replace(self, walk_started_at=now)

    def at(self, position: str) -> Cursor:
        """This cursor in mid-walk at ``position``."""
        return replace(self, position=position)

    def finished(self, *, tips: tuple[tuple[str, str], ...] | None = None) -> Cursor:
        """This cursor after a complete walk: ``read_to`` becomes the walk's start, never earlier than before.

        Raises ``ValueError`` if no walk was begun.
        """
        if self.walk_started_at is None:
            raise ValueError("a walk must be begun before it is finished")
        read_to = max(filter(None, (self.read_to, self.walk_started_at)))
        return Cursor(read_to=read_to, tips=self.tips if tips is None else tips)
