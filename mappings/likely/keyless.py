"""Keyless: the merge requests and commits that name no issue, with what is known of each for guessing which one it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from msgspec import Struct

from connectors.records import Commit, MergeRequest, Ref
from mappings.graph import Carried, landed_shas
from mappings.links import Link
from mappings.observed import Observed
from mappings.schema import MappingSpec

_DIGITS = 12
"""So many digits of a sha name a commit."""


class Keyless(Struct, frozen=True, kw_only=True):
    """A change that names no issue. ``name`` is how the mapping names it, ``text`` all that it says, ``branch`` its branch, ``faces`` names and accounts of who made it.

    ``at`` is when it landed, or was last worked on where it has not. ``shas`` are the commits that it consists of.
    """

    ref: Ref
    name: str
    project_id: str
    title: str
    text: str
    branch: str
    faces: frozenset[str]
    at: datetime
    url: str
    shas: frozenset[str] = frozenset()


def keyless_changes(
    spec: MappingSpec, observed: Observed, links: Iterable[Link], carried: Carried
) -> tuple[Keyless, ...]:
    """Merge requests that are open or merged, and commits that no merge request brought, without any link; newest first.

    Left out are merge commits, commits that no branch holds any more, bots, and branches that the mapping ignores. ``carried`` is
    ``carried_commits(observed)``.
    """
    tied = {link.change for link in links}
    requests = observed.all(MergeRequest)
    brought = {
        (r.source, r.project_id, sha)
        for r in requests
        for sha in (*landed_shas(r), *(carried.get((r.source, r.id)) or ()))
    }
    found = [_of_request(r, observed, carried) for r in requests if r.ref not in tied and _is_asked(r, spec)]
    found += [
        _of_commit(c, observed)
        for c in observed.all(Commit)
        if c.ref not in tied and (c.source, c.project_id, c.sha) not in brought and _is_work(c, spec)
    ]
    return tuple(sorted(found, key=lambda k: (k.at, k.ref), reverse=True))


def faces_of(*names: str | None) -> frozenset[str]:
    """Names and accounts as they are compared: letter case and blanks aside, of an e-mail address the part before the sign."""
    plain = (" ".join(name.partition("@")[0].casefold().split()) for name in names if name)
    return frozenset(name for name in plain if len(name) > 2)


def _is_asked(request: MergeRequest, spec: MappingSpec) -> bool:
    is_ignored = any(fnmatchcase(request.source_branch, pattern) for pattern in spec.links.ignore_branches)
    is_bot = request.is_author_bot or bool(_bots(spec) & faces_of(request.author_name, request.author_id))
    return request.state != "closed" and not is_ignored and not is_bot


def _is_work(commit: Commit, spec: MappingSpec) -> bool:
    is_bot = bool(_bots(spec) & faces_of(commit.author_name, commit.author_email))
    return commit.is_reachable and len(commit.parent_shas) < 2 and not is_bot


def _bots(spec: MappingSpec) -> frozenset[str]:
    return faces_of(*spec.vocabulary.bots)


def _of_commit(commit: Commit, observed: Observed) -> Keyless:
    return Keyless(
        ref=commit.ref,
        name=f"{_path(commit, observed)}@{commit.sha[:_DIGITS]}",
        project_id=commit.project_id,
        title=commit.title,
        text=commit.message or commit.title,
        branch="",
        faces=faces_of(commit.author_name, commit.author_email),
        at=commit.authored_at,
        url=commit.url,
        shas=frozenset({commit.sha}),
    )


def _of_request(request: MergeRequest, observed: Observed, carried: Carried) -> Keyless:
    shas = (*(carried.get((request.source, request.id)) or ()), *landed_shas(request))
    commits = tuple(_commits(request, observed, shas))
    authors = (name for c in commits for name in (c.author_name, c.author_email))
    return Keyless(
        ref=request.ref,
        name=f"{_path(request, observed)}{request.reference}",
        project_id=request.project_id,
        title=request.title,
        text="\n".join((request.title, request.description, *(c.title for c in commits))),
        branch=request.source_branch,
        faces=faces_of(request.author_name, request.author_id, *authors),
        at=request.merged_at or request.updated_at,
        url=request.url,
        shas=frozenset(shas),
    )


def _path(change: Commit | MergeRequest, observed: Observed) -> str:
    project = observed.project.get((change.source, change.project_id))
    return project.path if project else change.project_id


def _commits(request: MergeRequest, observed: Observed, shas: Iterable[str]) -> Iterator[Commit]:
    for sha in dict.fromkeys(shas):
        commit = observed.commit.get((request.source, request.project_id, sha))
        if commit and len(commit.parent_shas) < 2:
            yield commit
