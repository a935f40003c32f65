"""Roles: the words of a link. What a change does to an issue, where the key was seen, and how sure that is."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """What a change has to do with the issue that it names."""

    IMPLEMENTS = "implements"
    CLOSES = "closes"
    MENTIONS = "mentions"
    REVERTS = "reverts"

    @property
    def is_work(self) -> bool:
        """True where the change counts as work on the issue."""
        return self in {Role.IMPLEMENTS, Role.CLOSES}


class Place(StrEnum):
    """Where a key was seen."""

    BRANCH = "branch"
    TITLE = "title"
    DESCRIPTION = "description"
    MESSAGE = "message"
    TRAILER = "trailer"
    COMMITS = "commits"
    MAPPING = "mapping"


class Confidence(StrEnum):
    """How sure a link is; only certain and likely links count for status."""

    CERTAIN = "certain"
    LIKELY = "likely"
    WEAK = "weak"


class Sighting(Struct, frozen=True, kw_only=True):
    """One key seen in the text of a change, and what the words around it say.

    ``is_exact`` is False where it is not written as Jira writes it: lower case, another dash. ``is_reference`` is True after ``refs`` and
    ``follow-up of``, which name the change's own issue where it names no other.
    """

    key: str
    place: Place
    role: Role
    confidence: Confidence
    reason: str
    is_exact: bool = True
    is_reference: bool = False


_ROLES = (Role.REVERTS, Role.CLOSES, Role.IMPLEMENTS, Role.MENTIONS)
_CONFIDENCES = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.WEAK)


def strength(sighting: Sighting) -> tuple[int, int, str]:
    """Sort key: the smaller, the more a sighting says. Reverting beats closing beats implementing beats mentioning, then confidence."""
    return (_ROLES.index(sighting.role), _CONFIDENCES.index(sighting.confidence), sighting.reason)
