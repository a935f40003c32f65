"""Inherited: what a commit that names no issue says through the commit that it repeats or takes back.

``(cherry picked from commit SHA)`` repeats, ``This reverts commit SHA`` takes back, once; a revert of a revert repeats. The sha is written in full, and the
commit that it names was read, in any project of the same source. Chains are not followed: who repeats a repetition keeps its text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from connectors.records import Commit, Ref
from mappings.observed import Observed
from mappings.roles import Confidence, Role, Sighting

_NAMED = re.compile(
    r"(?P<how>cherry[- ]picked from|reverts) commit (?P<sha>[0-9a-f]{40,64})\b", re.IGNORECASE
)


def named_elsewhere(observed: Observed) -> frozenset[tuple[str, str]]:
    """(source, sha) of the commits that are named to be repeated or taken back and are not in ``observed``."""
    known = {(c.source, c.sha) for c in observed.all(Commit)}
    named = ((c.source, named_by(c)) for c in observed.all(Commit))
    return frozenset((source, sha) for source, sha in named if sha) - known


def named_by(commit: Commit) -> str | None:
    """The sha that a commit names to be repeated or taken back."""
    found = _NAMED.search(commit.message) if " commit " in commit.message else None
    return found["sha"].lower() if found else None


def with_inherited(
    seen: Mapping[Ref, tuple[Sighting, ...]], observed: Observed
) -> Mapping[Ref, tuple[Sighting, ...]]:
    """``seen`` (sightings by commit) with those of the named commit for each commit that names another commit and no issue; at most likely."""
    by_sha = {(c.source, c.sha): c.ref for c in observed.all(Commit)}
    found = dict(seen)
    for commit in observed.all(Commit):
        is_bare = " commit " in commit.message and not seen.get(commit.ref)
        named = _NAMED.search(commit.message) if is_bare else None
        origin = by_sha.get((commit.source, named["sha"].lower())) if named else None
        if named and origin and origin != commit.ref:
            is_back = named["how"].lower() == "reverts"
            found[commit.ref] = tuple(_passed_on(s, origin, is_back=is_back) for s in seen.get(origin, ()))
    return MappingProxyType(found)


def _passed_on(sighting: Sighting, origin: Ref, *, is_back: bool) -> Sighting:
    sha = origin.id.rpartition("/")[2][:8]
    confidence = Confidence.WEAK if sighting.confidence is Confidence.WEAK else Confidence.LIKELY
    if not is_back:
        reason = f"cherry-picked from {sha}: {sighting.reason}"
        return replace(sighting, confidence=confidence, reason=reason)
    role = Role.REVERTS if sighting.role.is_work else sighting.role
    if sighting.role is Role.REVERTS:
        role = Role.IMPLEMENTS
    return replace(sighting, role=role, confidence=confidence, reason=f"takes back {sha}: {sighting.reason}")
