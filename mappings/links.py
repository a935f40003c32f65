"""Links: which work item a branch, merge request or commit is about, and how certain that is.

| where the key stands | role | confidence |
|---|---|---|
| branch name; title of a merge request; start of a commit's title | implements | certain |
| elsewhere in a commit's title, in a title with no key at its start | implements | likely |
| title that begins with another key, after a plain word or ``see``, ``after``, ``related to`` | mentions | likely |
| title after ``closes``, ``fixes``, ``resolves``, 修复, 关闭, 解决 | closes | certain |
| trailer ``Closes`` ``Fixes`` ``Resolves`` / ``Jira`` ``Issue`` / ``Refs`` ``See`` | closes / implements / mentions | certain / certain / likely |
| text after ``closes``, 修复 .. / ``implements``, ``part of``, 实现 .. / ``see``, ``related to``, 参见 .. | closes / implements / mentions | certain / likely / likely |
| text after a label at the start of a line (``Issue: ``, 需求：) | implements | likely |
| first in a description, alone on a line or first in a ``*`` line of it, where no branch or title names a key | implements | likely |
| first in a paragraph, list line or ``[..]`` line of a commit's body | implements | likely |
| anywhere else in a text; after a negation (``does not fix``) | mentions | likely |
| quoted lines (``> ``) | mentions | weak |
| carried commits, where the merge request's own text names no issue | as in the commit | at most likely |
| title or text after ``revert``, ``back out``, 回滚 .. | reverts | certain |
| ``refs``, ``follow-up of`` in a change that names no other issue | implements | likely |
| quoted title of a revert, and the same key elsewhere in that change; branch ``revert-..`` | reverts | certain |
| merge commits: their own branch; the title of their merge request; the branch merged into | implements; as there; mentions | certain; likely; weak |
| the mapping, ``links.confirmed`` | implements | certain |
| a commit without a key that was cherry-picked from another or takes it back | as there; reverts | at most likely |

Three kinds of changes are trusted less. A merge request with more than ``release_mr_keys`` keys is a release: it mentions, weakly, and so does a commit, with
the keys that its title does not name. Links of branches that match ``ignore_branches`` keep their role and are weak. Descriptions by bots quote other projects' change logs: they mention, weakly.
A commit that came with an earlier merge request is only passed on by a later one: mentioned, weakly.
Lower-case keys and unusual dashes count only where such an issue is known; in text, lower case counts at the start of a title and after words.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from connectors.records import Branch, Commit, MergeRequest, Ref
from mappings.confirmed import confirmed_sightings
from mappings.graph import Carried, Carriers, carried_shas, carriers_of
from mappings.inherited import with_inherited
from mappings.keys import known_projects
from mappings.observed import Observed
from mappings.roles import Confidence, Place, Role, Sighting, strength
from mappings.schema import MappingSpec
from mappings.texts import Reader, Seen, of_branch, of_commit, of_message, of_request, trusted

__all__ = ["Confidence", "Link", "Place", "Role", "links_of"]


class Link(Struct, frozen=True, kw_only=True):
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


def links_of(spec: MappingSpec, observed: Observed, *, carried: Carried | None = None) -> tuple[Link, ...]:
    """All links of branches, merge requests and commits, one per (change, key, place), sorted by change, key and place.

    The order of records never matters. ``carried`` is ``carried_commits(observed)``, computed here where it is not given.
    """
    carriers = carriers_of(observed, carried_shas(observed) if carried is None else carried)
    return linked_of(spec, observed, carriers=carriers).links


class Linked(Struct, frozen=True, kw_only=True):
    """Links, and what else was seen on the way: ``silent`` are merge requests whose own text names no issue, so that their commits speak for them.

    ``unknown`` are the keys that a change names and no issue has, also those that for this reason are no link.
    """

    links: tuple[Link, ...]
    silent: frozenset[Ref]
    unknown: Mapping[Ref, frozenset[str]]


def linked_of(
    spec: MappingSpec, observed: Observed, *, carriers: Carriers, among: Container[Ref] | None = None
) -> Linked:
    """The links of the changes ``among``, of all where it is None. For these, ``observed`` must hold the commits that merge requests carry and the origins of commits."""
    reader = Reader(spec=spec, observed=observed, projects=known_projects(spec, observed))
    own_texts = {c.ref: of_commit(c, reader) for c in observed.all(Commit)}
    confirmed = confirmed_sightings(spec.links.confirmed, observed)
    inherited = with_inherited({ref: seen.known for ref, seen in own_texts.items()}, observed)
    texts = {
        ref: Seen((*sightings, *confirmed.get(ref, ())), own_texts[ref].unknown)
        for ref, sightings in inherited.items()
    }
    found = {ref: seen for ref, seen in texts.items() if among is None or ref in among}
    for branch in observed.all(Branch):
        if among is None or branch.ref in among:
            found[branch.ref] = of_branch(branch, reader)
    silent: set[Ref] = set()
    for request in observed.all(MergeRequest):
        if among is None or request.ref in among:
            own = of_request(request, reader)
            seen = own if own.known else _of_carried(request, carriers, texts, reader)
            silent.update(() if own.known else (request.ref,))
            said = (*trusted(seen.known, request, reader), *confirmed.get(request.ref, ()))
            found[request.ref] = Seen(said, own.unknown | seen.unknown)
    links = sorted((x for ref, seen in found.items() for x in _linked(ref, seen.known, observed)), key=_order)
    unknown = {ref: seen.unknown for ref, seen in found.items() if seen.unknown}
    for link in links:
        if link.issue is None:
            unknown[link.change] = unknown.get(link.change, frozenset()) | {link.key}
    return Linked(links=tuple(links), silent=frozenset(silent), unknown=unknown)


def _order(link: Link) -> tuple[str, str, str, str, str]:
    """By change (as refs sort), key and place; plain text sorts faster than refs."""
    return (link.change.source, link.change.kind, link.change.id, link.key, link.place)


def _linked(change: Ref, sightings: Iterable[Sighting], observed: Observed) -> Iterator[Link]:
    """One link per (key, place): the sighting that says most."""
    best: dict[tuple[str, Place], Sighting] = {}
    for sighting in sightings:
        at = (sighting.key, sighting.place)
        best[at] = min(best.get(at, sighting), sighting, key=strength)
    for (key, place), sighting in best.items():
        yield Link(
            change=change,
            key=key,
            issue=observed.issue_refs.get(key),
            place=place,
            role=sighting.role,
            confidence=sighting.confidence,
            reason=sighting.reason,
        )


def _of_carried(request: MergeRequest, carriers: Carriers, texts: Mapping[Ref, Seen], reader: Reader) -> Seen:
    """What the commits that a merge request carries say of it, at most likely."""
    asked = reader.observed.asked_commits_of.get((request.source, request.id))
    messages = dict(asked.commits) if asked else {}
    known: list[Sighting] = []
    unknown: set[str] = set()
    for sha in carriers.carried.get((request.source, request.id)) or ():
        is_passed_on = carriers.first(request, sha) != request.ref
        ref = Commit.ref_at(request.source, request.project_id, sha)
        found = texts[ref] if ref in texts else of_message(messages.get(sha, ""), reader)
        known += (_from_commit(sighting, sha, is_passed_on=is_passed_on) for sighting in found.known)
        unknown |= found.unknown
    return Seen(tuple(known), frozenset(unknown))


def _from_commit(sighting: Sighting, sha: str, *, is_passed_on: bool) -> Sighting:
    if is_passed_on:
        reason = f"commit {sha[:8]} came with an earlier merge request"
        return replace(
            sighting,
            place=Place.COMMITS,
            role=Role.MENTIONS,
            confidence=Confidence.WEAK,
            reason=reason,
        )
    is_weak = sighting.confidence is Confidence.WEAK
    return replace(
        sighting,
        place=Place.COMMITS,
        confidence=Confidence.WEAK if is_weak else Confidence.LIKELY,
        reason=f"commit {sha[:8]}: {sighting.reason}",
    )
