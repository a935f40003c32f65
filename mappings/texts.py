"""Texts: what the own text of a branch, a merge request or a commit says, by the rules of the mapping and the issues that are known."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from connectors.records import Branch, Commit, MergeRequest
from mappings.changes import in_message, in_request
from mappings.observed import Observed
from mappings.roles import Confidence, Place, Role, Sighting
from mappings.schema import MappingSpec
from mappings.sightings import in_branch


class Seen(NamedTuple):
    """What a text says, and the keys in it that would count if such an issue were known."""

    known: tuple[Sighting, ...]
    unknown: frozenset[str]


_NOTHING = Seen((), frozenset())


class Reader(Struct, frozen=True, kw_only=True):
    """With which eyes texts are read. ``projects`` are the project keys that count."""

    spec: MappingSpec
    observed: Observed
    projects: frozenset[str]

    def is_ignored(self, branch: str) -> bool:
        """True if the mapping has the branch ignored."""
        return any(fnmatchcase(branch, pattern) for pattern in self.spec.links.ignore_branches)

    def is_bot(self, request: MergeRequest) -> bool:
        """True if a program opened the merge request."""
        bots = {bot.casefold() for bot in self.spec.vocabulary.bots}
        return request.is_author_bot or (request.author_name or "").casefold() in bots

    def seen(self, sightings: Iterable[Sighting]) -> Seen:
        """The lower-case keys of unknown issues apart: ``web-2`` in a branch name need not be one."""
        known: list[Sighting] = []
        unknown: list[str] = []
        for sighting in sightings:
            if sighting.is_exact or sighting.key in self.observed.issue_refs:
                known.append(sighting)
            else:
                unknown.append(sighting.key)
        return Seen(tuple(known), frozenset(unknown)) if known or unknown else _NOTHING


def of_branch(branch: Branch, reader: Reader) -> Seen:
    """What the name of a branch says."""
    lower_case = reader.spec.links.lower_case_branches
    seen = reader.seen(in_branch(branch.name, reader.projects, lower_case=lower_case))
    is_ignored = reader.is_ignored(branch.name)
    return seen._replace(known=_weakened(seen.known, "the branch is ignored")) if is_ignored else seen


def of_request(request: MergeRequest, reader: Reader) -> Seen:
    """What a merge request says itself, before it is asked how far it is trusted."""
    lower_case = reader.spec.links.lower_case_branches
    return reader.seen(in_request(request, reader.projects, lower_case=lower_case))


def of_commit(commit: Commit, reader: Reader) -> Seen:
    """What a commit says itself."""
    return of_message(commit.message or commit.title, reader, trailers=commit.trailers)


def of_message(message: str, reader: Reader, *, trailers: tuple[tuple[str, str], ...] = ()) -> Seen:
    """What a commit's message and the trailers that the vendor parsed say."""
    seen = reader.seen(in_message(message, reader.projects, trailers=trailers))
    return seen._replace(known=_not_released(seen.known, reader)) if seen.known else seen


def _not_released(found: tuple[Sighting, ...], reader: Reader) -> tuple[Sighting, ...]:
    """The sightings of a commit's message, weakened where it names as many issues as a release does."""
    count = len({s.key for s in found})
    if count <= reader.spec.links.release_mr_keys:
        return found
    titled = {s.key for s in found if s.place is Place.TITLE}
    reason = f"names {count} issues, more than {reader.spec.links.release_mr_keys}: a release"
    weak = (replace(s, role=Role.MENTIONS) for s in _weakened(found, reason))
    return tuple(s if s.key in titled else w for s, w in zip(found, weak, strict=True))


def trusted(sightings: tuple[Sighting, ...], request: MergeRequest, reader: Reader) -> tuple[Sighting, ...]:
    """The sightings of a merge request, weakened where it is a release, on an ignored branch or a bot's."""
    limit = reader.spec.links.release_mr_keys
    count = len({s.key for s in sightings})
    if count > limit:
        reason = f"names {count} issues, more than {limit}: a release"
        return tuple(replace(s, role=Role.MENTIONS) for s in _weakened(sightings, reason))
    if reader.is_ignored(request.source_branch):
        return _weakened(sightings, "the branch is ignored")
    if reader.is_bot(request):
        return tuple(_quoted_by_bot(s) if s.place is Place.DESCRIPTION else s for s in sightings)
    return sightings


def _quoted_by_bot(sighting: Sighting) -> Sighting:
    return replace(
        sighting, role=Role.MENTIONS, confidence=Confidence.WEAK, reason="stands in the description by a bot"
    )


def _weakened(sightings: Iterable[Sighting], reason: str) -> tuple[Sighting, ...]:
    return tuple(replace(s, confidence=Confidence.WEAK, reason=reason) for s in sightings)
