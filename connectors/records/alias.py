"""Former keys of issues."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAlias:
    """A human key that an issue has had. Kept for ever: commit messages hold old keys. ``key`` is unique per source."""

    source: str
    key: str
    issue_id: str
