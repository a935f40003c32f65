"""Former keys of issues."""

from __future__ import annotations

from msgspec import Struct


class KeyAlias(Struct, frozen=True, kw_only=True):
    """A human key that an issue has had. Kept for ever: commit messages hold old keys. ``key`` is unique per source."""

    source: str
    key: str
    issue_id: str
