"""Changes: the keys in all texts of a merge request or a commit, with merge commits read as what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from connectors.records import MergeRequest
from mappings.keys import has_number
from mappings.roles import Confidence, Place, Role, Sighting
from mappings.sightings import OWN_LINE, in_branch, in_text, in_trailer
from mappings.titles import in_title

_MERGE = re.compile(
    r"Merged? (?:(?:remote(?:-tracking)? )?branch(?:es)? (?P<quoted>['\"][^'\"]+['\"](?:(?:,| and|, branch) ['\"][^'\"]+['\"]){0,20})"
    r"|pull request #\d+ in \S+ from (?P<server>\S+)|pull request #\d+ from [^/\s]+/(?P<pulled>\S+)"
    r"|in (?P<bitbucket>\S+) \(pull request|(?:tag|commit|commits|remote-tracking) |[0-9a-f]{7,40} into )"
)
_SERVER = re.compile(r"Pull request #\d+: ")
_SERVER_BODY = re.compile(r"\s*Merge in \S+ from (?P<branch>\S+) to \S+")
"""How Bitbucket Server lands a pull request: its title, then the branches, then the titles of what came with it."""
_UPDATE = re.compile(
    r"(?:[a-z]{1,20}(?:\([^()]{0,40}\))?!?:\s*)?(?:bump|update|upgrade)s?\b.{1,200}?\b(?:from\s+\S+\s+)?to\s+v?\d",
    re.IGNORECASE,
)
"""The title of an update of a dependency: what its text lists are the dependency's own changes."""
_FOREIGN = re.compile(r"[*#>-]|conflicts?\b|by .* via ", re.IGNORECASE)
_CLOSING = re.compile(r"(?:closes|fixes|resolves)\b", re.IGNORECASE)
_NAME = re.compile(r"['\"]([^'\"]+)['\"]")
_INTO = re.compile(r"(?:\binto|->) ['\"]?(?P<target>[^\s'\"]+)['\"]?\s*\Z")


def in_message(
    message: str, projects: frozenset[str], *, trailers: tuple[tuple[str, str], ...] = ()
) -> Iterator[Sighting]:
    """Keys of a commit message: title, body and trailers; ``trailers`` are those that the vendor parsed.

    A merge commit speaks only of the branch that it merged and of the merge request's title below it; what else its text quotes is foreign.
    """
    if not trailers and not has_number(message):
        return
    title, _, body = message.strip().partition("\n")
    if merge := _MERGE.match(title):
        yield from _in_merge(merge, title, body, projects=projects)
        return
    titled = in_title(title, projects, elsewhere=Confidence.LIKELY)
    if _SERVER.match(title) and (server := _SERVER_BODY.match(body)):
        yield from (*titled, *_of_merged(server["branch"], projects))
        return
    bodied = tuple(in_text(body, projects, place=Place.MESSAGE, is_sole=not titled))
    if not titled and _UPDATE.match(title):
        bodied = tuple(_of_dependency(s) if s.reason == OWN_LINE else s for s in bodied)
    vendor = (s for name, value in trailers for s in in_trailer(name, value, projects))
    yield from _with_own(_with_reverts((*titled, *bodied, *vendor)))


def in_request(request: MergeRequest, projects: frozenset[str], *, lower_case: bool) -> tuple[Sighting, ...]:
    """Keys of a merge request's branch, title and description. A key that it reverts is reverted in all of them."""
    heads = (
        *in_branch(request.source_branch, projects, lower_case=lower_case),
        *in_title(request.title, projects, elsewhere=Confidence.CERTAIN),
    )
    text = in_text(request.description, projects, place=Place.DESCRIPTION, is_sole=not heads)
    return _with_own(_with_reverts((*heads, *text)))


def _with_own(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Where a change names one issue only, and only by referring to it (``refs PAY-1``), that is the issue it works on."""
    found = tuple(sightings)
    is_own = len({s.key for s in found}) == 1 and not any(s.role is not Role.MENTIONS for s in found)
    if not is_own:
        return found
    own = (Role.IMPLEMENTS, Confidence.LIKELY)
    return tuple(
        replace(s, role=own[0], confidence=own[1], reason=f"{s.reason}, and it names no other issue")
        if s.is_reference
        else s
        for s in found
    )


def _of_dependency(sighting: Sighting) -> Sighting:
    reason = "stands among the changes of an updated dependency"
    return replace(sighting, role=Role.MENTIONS, confidence=Confidence.WEAK, reason=reason)


def _with_reverts(sightings: tuple[Sighting, ...]) -> Iterator[Sighting]:
    heads = {Place.BRANCH, Place.TITLE}
    reverted = {s.key: s for s in sightings if s.role is Role.REVERTS and s.place in heads}
    for sighting in sightings:
        by = reverted.get(sighting.key)
        yield replace(sighting, role=by.role, confidence=by.confidence, reason=by.reason) if by else sighting


def _in_merge(merge: re.Match[str], title: str, body: str, *, projects: frozenset[str]) -> Iterator[Sighting]:
    quoted = _NAME.findall(merge["quoted"] or "")
    branches = [*quoted, *(b for b in (merge["server"], merge["pulled"], merge["bitbucket"]) if b)]
    own = tuple(s for branch in branches for s in _of_merged(branch, projects))
    yield from own
    if branches:
        yield from _in_merge_body(body, projects)
    if own:
        return
    if into := _INTO.search(title):
        for sighting in in_branch(into["target"], projects, lower_case=True):
            yield replace(
                sighting,
                place=Place.TITLE,
                role=Role.MENTIONS,
                confidence=Confidence.WEAK,
                reason="merges into the issue's branch",
            )


def _of_merged(branch: str, projects: frozenset[str]) -> Iterator[Sighting]:
    for sighting in in_branch(branch, projects, lower_case=True):
        yield replace(sighting, place=Place.TITLE, reason=f"merges the branch {branch}")


def _in_merge_body(body: str, projects: frozenset[str]) -> Iterator[Sighting]:
    """The title of the merge request, which forges write first, and what they say that it closes. The rest quotes what was merged."""
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    if lines and not _FOREIGN.match(lines[0]):
        titled = in_title(lines[0], projects, elsewhere=Confidence.LIKELY)
        is_likely = {Confidence.CERTAIN: Confidence.LIKELY}
        for s in titled:
            yield replace(s, place=Place.MESSAGE, confidence=is_likely.get(s.confidence, s.confidence))
    closing = "\n".join(line for line in lines[1:] if _CLOSING.match(line))
    yield from in_text(closing, projects, place=Place.MESSAGE, is_sole=False)
