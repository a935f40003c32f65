"""Candidates: changes whose texts admit debt, for a person to take into the debt register or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from connectors.records import Commit, MergeRequest, Ref
from mappings.admitted.verdict import Admission, admission_of
from mappings.graph import Carried, Carriers, carriers_of
from mappings.links import Link
from mappings.observed import Observed
from mappings.roles import Role

_UNDONE = 'Revert "'


class Candidate(Struct, frozen=True, kw_only=True):
    """One change that admits debt. ``said_in`` is the change itself or, for a merge request, the carried commit whose message admits it.

    ``at`` is when it landed, for an open merge request when it was made. ``issue_keys`` are those that the change is linked to, sorted.
    """

    record: MergeRequest | Commit
    at: datetime
    admission: Admission
    said_in: Ref
    issue_keys: tuple[str, ...] = ()


_Admitting: TypeAlias = tuple[MergeRequest | Commit, Ref, Admission]
"""A change, the change that says it, and what it says."""


def candidates_of(
    observed: Observed,
    links: Iterable[Link],
    *,
    carried: Carried,
    since: datetime | None = None,
    at_least: float | None = None,
) -> tuple[Candidate, ...]:
    """Every change since ``since`` that admits debt with probability ``at_least`` (None: as learned), likeliest first, then newest first.

    A merge request is one candidate: its commits, its squash commit among them, speak for it and not for themselves; of their admissions the likeliest
    counts. Where its commits are not known, a commit with its title is taken for one of them. Left out: merge commits, unreachable commits, the same
    commit in a fork, closed merge requests, reverts, and descriptions by bots, which quote other projects. ``carried`` is ``carried_commits(observed)``,
    ``links`` are ``links_of`` it.
    """
    carriers = carriers_of(observed, carried)
    admitting = (
        *_requests(observed, carriers, since, at_least),
        *_commits(observed, carriers, since, at_least),
    )
    keys: dict[Ref, set[str]] = defaultdict(set)
    for link in links:
        if link.role is not Role.REVERTS:
            keys[link.change].add(link.key)
    found = (
        Candidate(
            record=record,
            at=_at(record),
            admission=admission,
            said_in=said_in,
            issue_keys=tuple(sorted(keys[record.ref] | keys[said_in])),
        )
        for record, said_in, admission in admitting
    )
    return tuple(sorted(found, key=lambda c: (-c.admission.probability, -c.at.timestamp(), c.record.ref)))


def _at(record: MergeRequest | Commit) -> datetime:
    return record.committed_at if isinstance(record, Commit) else record.merged_at or record.created_at


def _is_wanted(record: MergeRequest | Commit, since: datetime | None) -> bool:
    return not record.title.startswith(_UNDONE) and (since is None or _at(record) >= since)


def _requests(
    observed: Observed, carriers: Carriers, since: datetime | None, at_least: float | None
) -> Iterator[_Admitting]:
    for request in observed.all(MergeRequest):
        if request.state != "closed" and _is_wanted(request, since):
            said = list(_said(request, observed, carriers, at_least))
            if said:
                ref, admission = max(said, key=lambda pair: pair[1].probability)
                yield request, ref, admission


def _said(
    request: MergeRequest, observed: Observed, carriers: Carriers, at_least: float | None
) -> Iterator[tuple[Ref, Admission]]:
    """What the merge request's own text admits, then what the commits admit that it brought first."""
    own = request.title if request.is_author_bot else f"{request.title}\n\n{request.description}"
    if admission := admission_of(own, about="merge_request", at_least=at_least):
        yield request.ref, admission
    for sha in carriers.carried.get((request.source, request.id)) or ():
        commit = observed.commit.get((request.source, request.project_id, sha))
        if commit and carriers.first(request, sha) == request.ref and _speaks(commit):
            message = commit.message or commit.title
            if admission := admission_of(message, about="commit", at_least=at_least):
                yield commit.ref, admission


def _speaks(commit: Commit) -> bool:
    return len(commit.parent_shas) <= 1 and not commit.title.startswith(_UNDONE)


def _commits(
    observed: Observed, carriers: Carriers, since: datetime | None, at_least: float | None
) -> Iterator[_Admitting]:
    """Commits that no merge request brought, each sha once."""
    spoken_for = {(source, sha) for (source, _), shas in carriers.first_of.items() for sha in shas}
    spoken_for |= {(r.source, sha) for r in observed.all(MergeRequest) for sha in _landed_as(r)}
    repeated = set(_repeated_titles(observed, carriers))
    for commit in observed.all(Commit):
        place = (commit.source, commit.sha)
        is_repeated = place in spoken_for or (commit.source, commit.project_id, commit.title) in repeated
        if is_repeated or not commit.is_reachable or not _speaks(commit) or not _is_wanted(commit, since):
            continue
        spoken_for.add(place)
        message = commit.message or commit.title
        if admission := admission_of(message, about="commit", at_least=at_least):
            yield commit, commit.ref, admission


def _landed_as(request: MergeRequest) -> Iterator[str]:
    yield from (sha for sha in (request.squash_commit_sha, request.merge_commit_sha) if sha)
    if request.sha and request.state != "closed":
        yield request.sha


def _repeated_titles(observed: Observed, carriers: Carriers) -> Iterator[tuple[str, str, str]]:
    """(source, project id, title) of merge requests whose commits are not known: a commit with that title is taken for one of them."""
    for request in observed.all(MergeRequest):
        if request.state != "closed" and carriers.carried.get((request.source, request.id)) is None:
            yield request.source, request.project_id, request.title
