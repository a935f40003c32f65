"""Suggestions: every change without a key, each with the issues that it is probably about. For people to confirm; no status rests on them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from mappings.graph import carried_commits
from mappings.likely.keyless import Keyless, keyless_changes
from mappings.likely.ranking import Likely, Ranking
from mappings.links import links_of
from mappings.observed import Observed
from mappings.schema import MappingSpec

_MOST_ISSUES = 3


class Suggestion(Struct, frozen=True, kw_only=True):
    """One change and the issues that it may be about, best first, never none."""

    change: Keyless
    issues: tuple[Likely, ...]


class Suggested(Struct, frozen=True, kw_only=True):
    """The answer: ``found`` newest change first; ``keyless`` changes name no issue, ``asked`` of them were looked at for it."""

    found: tuple[Suggestion, ...]
    keyless: int
    asked: int


class Bounds(Struct, frozen=True, kw_only=True):
    """How much is asked for: at most ``limit`` changes, from ``since`` on, and issues with a score of at least ``least``."""

    limit: int = 20
    least: float = 0.3
    since: datetime | None = None


def suggestions_of(spec: MappingSpec, observed: Observed, bounds: Bounds) -> Suggested:
    """Suggestions within ``bounds``. Looks at changes, newest first, until ``limit`` of them have an issue that is likely enough."""
    carried = carried_commits(observed)
    links = links_of(spec, observed, carried=carried)
    changes = [
        change
        for change in keyless_changes(spec, observed, links, carried)
        if bounds.since is None or change.at >= bounds.since
    ]
    ranking = Ranking(spec, observed, links)
    found: list[Suggestion] = []
    asked = 0
    for change in changes:
        if len(found) == bounds.limit:
            break
        asked += 1
        if issues := ranking.likely(change, most=_MOST_ISSUES, least=bounds.least):
            found.append(Suggestion(change=change, issues=issues))
    return Suggested(found=tuple(found), keyless=len(changes), asked=asked)
