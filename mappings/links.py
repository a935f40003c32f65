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

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from connectors.records import Branch, Commit, MergeRequest, Ref
from mappings.changes import in_message, in_request
from mappings.confirmed import confirmed_sightings
from mappings.graph import Carried, Carriers, carried_commits, carriers_of
from mappings.inherited import with_inherited
from mappings.keys import known_projects
from mappings.observed import Observed
from mappings.roles import Confidence, Place, Role, Sighting, strength
from mappings.schema import MappingSpec
from mappings.sightings import in_branch

__all__ = ["Confidence", "Link", "Place", "Role", "links_of"]


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


def links_of(spec: MappingSpec, observed: Observed, *, carried: Carried | None = None) -> tuple[Link, ...]:
    """All links of branches, merge requests and commits, one per (change, key, place), sorted by change, key and place.

    The order of records never matters. ``carried`` is ``carried_commits(observed)``, computed here where it is not given.
    """
    reading = _Reading(spec=spec, observed=observed, projects=known_projects(spec, observed))
    carriers = carriers_of(observed, carried_commits(observed) if carried is None else carried)
    own_texts = {
        c.ref: _of_message(c.message or c.title, reading, trailers=c.trailers) for c in observed.all(Commit)
    }
    confirmed = confirmed_sightings(spec.links.confirmed, observed)
    inherited = with_inherited(own_texts, observed)
    texts = {ref: (*sightings, *confirmed.get(ref, ())) for ref, sightings in inherited.items()}
    found: list[Link] = []
    for branch in observed.all(Branch):
        found.extend(_linked(branch.ref, _of_branch(branch, reading), observed))
    for ref, sightings in texts.items():
        found.extend(_linked(ref, sightings, observed))
    for request in observed.all(MergeRequest):
        own = _of_request(request, reading)
        all_seen = own or tuple(_of_carried(request, carriers, texts, reading))
        all_trusted = (*_trusted(all_seen, request, reading), *confirmed.get(request.ref, ()))
        found.extend(_linked(request.ref, all_trusted, observed))
    return tuple(sorted(found, key=_order))


def _order(link: Link) -> tuple[str, str, str, str, str]:
    """By change (as refs sort), key and place; plain text sorts faster than refs."""
    return (link.change.source, link.change.kind, link.change.id, link.key, link.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """With which eyes texts are read."""

    spec: MappingSpec
    observed: Observed
    projects: frozenset[str]

    def is_ignored(self, branch: str) -> bool:
        return any(fnmatchcase(branch, pattern) for pattern in self.spec.links.ignore_branches)

    def is_bot(self, request: MergeRequest) -> bool:
        bots = {bot.casefold() for bot in self.spec.vocabulary.bots}
        return request.is_author_bot or (request.author_name or "").casefold() in bots

    def known(self, sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
        """Without the lower-case keys of unknown issues: ``web-2`` in a branch name need not be one."""
        return tuple(s for s in sightings if s.is_exact or s.key in self.observed.issue_refs)


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


def _of_branch(branch: Branch, reading: _Reading) -> tuple[Sighting, ...]:
    lower_case = reading.spec.links.lower_case_branches
    found = reading.known(in_branch(branch.name, reading.projects, lower_case=lower_case))
    return _weakened(found, "the branch is ignored") if reading.is_ignored(branch.name) else found


def _of_request(request: MergeRequest, reading: _Reading) -> tuple[Sighting, ...]:
    lower_case = reading.spec.links.lower_case_branches
    return reading.known(in_request(request, reading.projects, lower_case=lower_case))


def _of_message(
    message: str, reading: _Reading, *, trailers: tuple[tuple[str, str], ...] = ()
) -> tuple[Sighting, ...]:
    found = reading.known(in_message(message, reading.projects, trailers=trailers))
    count = len({s.key for s in found})
    if count <= reading.spec.links.release_mr_keys:
        return found
    titled = {s.key for s in found if s.place is Place.TITLE}
    reason = f"names {count} issues, more than {reading.spec.links.release_mr_keys}: a release"
    weak = (replace(s, role=Role.MENTIONS) for s in _weakened(found, reason))
    return tuple(s if s.key in titled else w for s, w in zip(found, weak, strict=True))


def _of_carried(
    request: MergeRequest, carriers: Carriers, texts: Mapping[Ref, tuple[Sighting, ...]], reading: _Reading
) -> Iterator[Sighting]:
    """What the commits that a merge request carries say of it, at most likely."""
    asked = reading.observed.asked_commits_of.get((request.source, request.id))
    messages = dict(asked.commits) if asked else {}
    for sha in carriers.carried.get((request.source, request.id)) or ():
        is_passed_on = carriers.first(request, sha) != request.ref
        ref = Ref(source=request.source, kind=Commit.kind, id=f"{request.project_id}/{sha}")
        found = texts[ref] if ref in texts else _of_message(messages.get(sha, ""), reading)
        for sighting in found:
            yield _from_commit(sighting, sha, is_passed_on=is_passed_on)


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


def _trusted(
    sightings: tuple[Sighting, ...], request: MergeRequest, reading: _Reading
) -> tuple[Sighting, ...]:
    """The sightings of a merge request, weakened where it is a release, on an ignored branch or a bot's."""
    limit = reading.spec.links.release_mr_keys
    count = len({s.key for s in sightings})
    if count > limit:
        reason = f"names {count} issues, more than {limit}: a release"
        return tuple(replace(s, role=Role.MENTIONS) for s in _weakened(sightings, reason))
    if reading.is_ignored(request.source_branch):
        return _weakened(sightings, "the branch is ignored")
    if reading.is_bot(request):
        return tuple(_quoted_by_bot(s) if s.place is Place.DESCRIPTION else s for s in sightings)
    return sightings


def _quoted_by_bot(sighting: Sighting) -> Sighting:
    return replace(
        sighting, role=Role.MENTIONS, confidence=Confidence.WEAK, reason="stands in the description by a bot"
    )


def _weakened(sightings: Iterable[Sighting], reason: str) -> tuple[Sighting, ...]:
    return tuple(replace(s, confidence=Confidence.WEAK, reason=reason) for s in sightings)
