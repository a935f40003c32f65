"""Changes: the keys in all texts of a merge request or a commit, with merge commits read as what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from connectors.records import MergeRequest
from mappings.roles import Confidence, Place, Role, Sighting
from mappings.sightings import in_branch, in_text, in_title, in_trailer

_MERGE = re.compile(
    r"Merged? (?:(?:remote-tracking )?branch(?:es)? ['\"](?P<quoted>[^'\"]+)['\"]|pull request #\d+ (?:from|in) [^/\s]+/(?P<pulled>\S+)"
    r"|in (?P<bitbucket>\S+) \(pull request|(?:tag|commit|commits|remote-tracking) |[0-9a-f]{7,40} into )"
)
_FOREIGN = re.compile(r"[*#>-]|conflicts?\b|by .* via ", re.IGNORECASE)
_CLOSING = re.compile(r"(?:closes|fixes|resolves)\b", re.IGNORECASE)
_INTO = re.compile(r"(?:\binto|->) ['\"]?(?P<target>[^\s'\"]+)['\"]?\s*\Z")


def in_message(
    message: str, projects: frozenset[str], *, trailers: tuple[tuple[str, str], ...] = ()
) -> Iterator[Sighting]:
    """Keys of a commit message: title, body and trailers; ``trailers`` are those that the vendor parsed.

    A merge commit speaks only of the branch that it merged and of the merge request's title below it; what else its text quotes is foreign.
    """
    title, _, body = message.strip().partition("\n")
    if merge := _MERGE.match(title):
        yield from _in_merge(merge, title, body, projects=projects)
        return
    titled = in_title(title, projects, elsewhere=Confidence.LIKELY)
    yield from _with_reverts((*titled, *in_text(body, projects, place=Place.MESSAGE, is_sole=not titled)))
    for name, value in trailers:
        yield from in_trailer(name, value, projects)


def in_request(request: MergeRequest, projects: frozenset[str], *, lower_case: bool) -> tuple[Sighting, ...]:
    """Keys of a merge request's branch, title and description. A key that it reverts is reverted in all of them."""
    heads = (
        *in_branch(request.source_branch, projects, lower_case=lower_case),
        *in_title(request.title, projects, elsewhere=Confidence.CERTAIN),
    )
    text = in_text(request.description, projects, place=Place.DESCRIPTION, is_sole=not heads)
    return tuple(_with_reverts((*heads, *text)))


def _with_reverts(sightings: tuple[Sighting, ...]) -> Iterator[Sighting]:
    reverted = {s.key: s for s in sightings if s.role is Role.REVERTS}
    for sighting in sightings:
        by = reverted.get(sighting.key)
        yield replace(sighting, role=by.role, confidence=by.confidence, reason=by.reason) if by else sighting


def _in_merge(merge: re.Match[str], title: str, body: str, *, projects: frozenset[str]) -> Iterator[Sighting]:
    branch = merge["quoted"] or merge["pulled"] or merge["bitbucket"] or ""
    own = in_branch(branch, projects, lower_case=True)
    yield from (replace(s, place=Place.TITLE, reason=f"merges the branch {branch}") for s in own)
    if branch:
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
