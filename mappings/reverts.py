"""Reverts: which landed changes were taken back, after reverts of reverts are accounted for.

A merged merge request, or a commit on the default branch, takes back what its text names: ``This reverts commit SHA`` (at least 8 digits of a merge
commit, squash commit, head or carried commit), ``This reverts merge request !N`` (also with a project's path), or a title ``Revert "TITLE"`` that quotes
exactly the title of a merge request merged before it. A commit that a merge request carries acts as that merge request.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from connectors.records import Commit, MergeRequest, Ref
from mappings.graph import Carried
from mappings.landings import Landings
from mappings.observed import Observed
from mappings.titles import unwrapped_title

_SHAS = re.compile(r"\breverts commits?\b((?:[\s,]|and\b|[0-9a-f]{8,64}\b)*+)", re.IGNORECASE)
_SHA = re.compile(r"\b[0-9a-f]{8,64}\b", re.IGNORECASE)
_REQUEST = re.compile(r"\breverts merge request ([\w./-]{0,400})!([1-9][0-9]{0,9})\b", re.IGNORECASE)


class Revert(Struct, frozen=True, kw_only=True):
    """A merged change that stands reverted now. ``of`` is a merge request or commit, ``by`` the merge request or commit that reverted it.

    ``is_partial`` is True where only some of the commits of a merge request were taken back.
    """

    of: Ref
    by: Ref
    at: datetime
    is_partial: bool = False


class _Act(Struct, frozen=True, kw_only=True):
    """One change takes another back, whole (``parts`` empty) or only the commits ``parts``."""

    by: Ref
    at: datetime
    of: Ref
    parts: frozenset[str] = frozenset()


def reverts_of(observed: Observed, carried: Carried) -> tuple[Revert, ...]:
    """What stands reverted now, sorted by what was taken back; one entry each, by the newest change that did it.

    ``carried`` is ``carried_commits(observed)``. A change that was itself taken back takes nothing back.
    """
    landings = Landings(observed=observed, carried=carried)
    acts = set(_acts(observed, landings))
    standing: dict[Ref, Revert] = {}
    parts: dict[Ref, set[str]] = defaultdict(set)
    for act in sorted(acts, key=lambda a: (a.at, a.by, a.of, sorted(a.parts)), reverse=True):
        undone = standing.get(act.by)
        if undone is not None and not undone.is_partial:
            continue
        parts[act.of] |= act.parts
        is_partial = bool(act.parts) and not landings.content_of(act.of) <= parts[act.of]
        before = standing.get(act.of)
        if before is None:
            standing[act.of] = Revert(of=act.of, by=act.by, at=act.at, is_partial=is_partial)
        elif before.is_partial and not is_partial:
            standing[act.of] = Revert(of=act.of, by=before.by, at=before.at)
    return tuple(standing[ref] for ref in sorted(standing))


def referred_elsewhere(observed: Observed) -> frozenset[tuple[str, str, str]]:
    """(source, path of a project, reference) of the merge requests of other projects that are named to be taken back."""
    changes: tuple[Commit | MergeRequest, ...] = (*observed.all(MergeRequest), *observed.all(Commit))
    return frozenset((change.source, *named) for change in changes for named in referred_by(change))


def referred_by(change: Commit | MergeRequest) -> frozenset[tuple[str, str]]:
    """(path of a project, reference) of the merge requests of other projects that a change names to be taken back."""
    if isinstance(change, Commit):
        text = change.message
    else:
        text = f"{change.title}\n{change.description}" if change.merged_at else ""
    if "!" not in text:
        return frozenset()
    return frozenset((named[1].lower(), f"!{named[2]}") for named in _REQUEST.finditer(text) if named[1])


def _acts(observed: Observed, landings: Landings) -> Iterator[_Act]:
    for request in observed.all(MergeRequest):
        if request.merged_at is not None and takes_back(request):
            text = f"{request.title}\n{request.description}"
            yield from _named(text, request, landings, by=request.ref, at=request.merged_at)
    for commit in observed.all(Commit):
        if not _may_take_back(commit) or not landings.is_on_default(commit):
            continue
        carrier = landings.carrier_of(commit)
        at = (carrier.merged_at if carrier else None) or commit.committed_at
        by = carrier.ref if carrier else commit.ref
        yield from _named(commit.message or commit.title, commit, landings, by=by, at=at)


def takes_back(change: Commit | MergeRequest) -> bool:
    """True if the text of a change names anything to be taken back, wherever that is and whether it stands: other changes take nothing back."""
    if isinstance(change, MergeRequest):
        return _names_any(f"{change.title}\n{change.description}")
    return _may_take_back(change) and _names_any(change.message or change.title)


def _may_take_back(commit: Commit) -> bool:
    return "revert" in commit.message.lower() or "reapply" in commit.title.lower()


def _names_any(text: str) -> bool:
    if "revert" not in (lower := text.lower()) and "reapply" not in lower:
        return False
    is_titled = unwrapped_title(text.partition("\n")[0]) is not None
    return is_titled or bool(_SHAS.search(text) or _REQUEST.search(text))


def _named(
    text: str, change: Commit | MergeRequest, landings: Landings, *, by: Ref, at: datetime
) -> Iterator[_Act]:
    """What ``text`` names as taken back; the quoted title counts only where nothing more exact does."""
    exact = (*_by_sha(text, change, landings), *_by_reference(text, change, landings))
    title = unwrapped_title(text.partition("\n")[0])
    found = exact
    if not exact and title is not None:
        requests = (r for r in landings.titled(change, title) if r.merged_at and r.merged_at < at)
        newest = max(requests, key=lambda r: (r.merged_at or at, r.ref), default=None)
        found = ((newest.ref, frozenset()),) if newest else ()
    for of, parts in found:
        if of != by:
            yield _Act(by=by, at=at, of=of, parts=parts)


def _by_sha(
    text: str, change: Commit | MergeRequest, landings: Landings
) -> Iterator[tuple[Ref, frozenset[str]]]:
    for named in _SHAS.finditer(text):
        for prefix in _SHA.findall(named[1]):
            target = landings.of_sha(change, prefix.lower())
            if target is not None:
                yield target


def _by_reference(
    text: str, change: Commit | MergeRequest, landings: Landings
) -> Iterator[tuple[Ref, frozenset[str]]]:
    for named in _REQUEST.finditer(text):
        request = landings.referred(change, path=named[1], number=named[2])
        if request is not None and request.merged_at is not None:
            yield request.ref, frozenset()
