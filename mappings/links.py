"""Links: which work item a branch, merge request or commit is about, and how certain that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from connectors.records import Ref


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


class Confidence(StrEnum):
    """How sure a link is; only certain and likely links count for status."""

    CERTAIN = "certain"
    LIKELY = "likely"
    WEAK = "weak"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One change names one issue. ``key`` as written (upper case), ``issue`` its record, None where no such issue is known.

    ``change`` is a branch, merge request or commit. ``reason`` says in words why the role and the confidence were chosen.
    """

    change: Ref
    key: str
    issue: Ref | None
    place: Place
    role: Role
    confidence: Confidence
    reason: str
