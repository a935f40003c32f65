"""Ranking: the issues that a change without a key is probably about, best first, each with a score and the reasons for it.

The score is a weighted sum, at most 1: likeness of the words (tf-idf cosine) 0.60, fit of the time 0.24, same assignee 0.09, same files 0.04, same
reporter 0.03. It ranks; it is no probability.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct

from connectors.records import Commit, Issue, PathTouch, Ref
from mappings.likely.candidates import Candidates
from mappings.likely.index import Close
from mappings.likely.keyless import Keyless
from mappings.likely.terms import spelled
from mappings.likely.times import days_between, fit_of
from mappings.links import Link
from mappings.observed import Observed
from mappings.schema import MappingSpec

_WORDS, _TIME, _ASSIGNEE, _FILES, _REPORTER = 0.60, 0.24, 0.09, 0.04, 0.03
_FITS = 0.3

Path: TypeAlias = tuple[str, str, str]
"""Source, project id and a watched path in the project."""


class Why(StrEnum):
    """Why an issue is likely."""

    WORDS = "words"
    BRANCH = "branch"
    ASSIGNEE = "assignee"
    REPORTER = "reporter"
    RESOLVED = "resolved"
    UNDERWAY = "underway"
    FILES = "files"


class Reason(Struct, frozen=True, kw_only=True):
    """One reason: ``value`` is the shared words, the person, the days to the resolution, or the path."""

    why: Why
    value: str = ""


class Likely(Struct, frozen=True, kw_only=True):
    """An issue that a change may be about; ``score`` from 0 to 1."""

    issue: Issue
    score: float
    reasons: tuple[Reason, ...]


class _Asked(Struct, frozen=True, kw_only=True):
    """A change with what is asked of each candidate: whose it is, and which watched paths it touched."""

    change: Keyless
    faces: frozenset[str]
    paths: frozenset[Path]


class _Judged(Struct, frozen=True, kw_only=True):
    """One candidate: its place, its score, and what the score is made of."""

    close: Close
    score: float
    fit: float
    people: tuple[Why, ...]
    paths: tuple[str, ...]

    @property
    def is_tied(self) -> bool:
        """True where more than the time speaks for it."""
        return bool(self.close.shared or self.people or self.paths) and self.score > 0


@dataclass(frozen=True)
class Ranking:
    """Ranks issues for changes. ``links`` tell which files other work on an issue touched. The order of records never matters."""

    spec: MappingSpec
    observed: Observed
    links: tuple[Link, ...] = ()

    def likely(self, change: Keyless, *, most: int = 5, least: float = 0.0) -> tuple[Likely, ...]:
        """At most ``most`` issues with a score of at least ``least``, best first. Nothing where no word, person or file is shared."""
        paths = self._paths_of(change)
        faces = self._candidates.faces.of_author(change.faces)
        asked = _Asked(change=change, faces=faces, paths=paths)
        close = self._candidates.closest(change, {path for _, _, path in paths})
        good = [j for j in (self._judged(c, asked) for c in close) if j.is_tied and j.score >= least]
        best = sorted(good, key=lambda j: (-j.score, j.close.place))[:most]
        return tuple(self._explained(judged, change) for judged in best)

    @cached_property
    def _candidates(self) -> Candidates:
        return Candidates(self.spec, self.observed)

    def _judged(self, close: Close, asked: _Asked) -> _Judged:
        issue = self._candidates.issues[close.place]
        people = tuple(why for why, owner in self._owners[close.place] if asked.faces & owner)
        shared = sorted(path for _, _, path in asked.paths & self._touched.get(issue.ref, frozenset()))
        fit = fit_of(self._candidates.lives[close.place], asked.change.at)
        score = _WORDS * close.likeness + _TIME * fit + _FILES * bool(shared)
        score += _ASSIGNEE * (Why.ASSIGNEE in people) + _REPORTER * (Why.REPORTER in people)
        score = round(min(max(score, 0.0), 1.0), 3)
        return _Judged(close=close, score=score, fit=fit, people=people, paths=tuple(shared))

    @cached_property
    def _owners(self) -> tuple[tuple[tuple[Why, frozenset[str]], ...], ...]:
        """Faces of assignee and reporter by issue."""
        faces = self._candidates.faces
        return tuple(
            ((Why.ASSIGNEE, faces.of_assignee(issue)), (Why.REPORTER, faces.of_reporter(issue)))
            for issue in self._candidates.issues
        )

    def _explained(self, judged: _Judged, change: Keyless) -> Likely:
        issue = self._candidates.issues[judged.close.place]
        reasons = (
            *_of_words(judged.close, change),
            *(Reason(why=why, value=issue.assignee_name or "") for why in judged.people),
            *_of_time(issue, change, judged.fit),
            *(Reason(why=Why.FILES, value=path) for path in judged.paths[:1]),
        )
        return Likely(issue=issue, score=judged.score, reasons=reasons)

    def _paths_of(self, change: Keyless) -> frozenset[Path]:
        """The watched paths below which the change touched something."""
        touches = self._touches
        source, project = change.ref.source, change.project_id
        return frozenset(path for sha in change.shas for path in touches.get((source, project, sha), ()))

    @cached_property
    def _touches(self) -> Mapping[tuple[str, str, str], frozenset[Path]]:
        """Watched paths by (source, project id, sha)."""
        found: dict[tuple[str, str, str], set[Path]] = defaultdict(set)
        for touch in self.observed.all(PathTouch):
            found[touch.source, touch.project_id, touch.sha].add(
                (touch.source, touch.project_id, touch.prefix)
            )
        return MappingProxyType({sha: frozenset(paths) for sha, paths in found.items()})

    @cached_property
    def _touched(self) -> Mapping[Ref, frozenset[Path]]:
        """Watched paths by issue, from the commits that work on it."""
        found: dict[Ref, set[Path]] = defaultdict(set)
        for link in self.links if self._touches else ():
            if link.issue and link.role.is_work and link.change.kind == Commit.kind:
                project, _, sha = link.change.id.partition("/")
                found[link.issue] |= self._touches.get((link.change.source, project, sha), frozenset())
        return MappingProxyType({issue: frozenset(paths) for issue, paths in found.items()})


def _of_words(close: Close, change: Keyless) -> Iterator[Reason]:
    if not close.shared:
        return
    in_branch, in_text = spelled(change.branch), spelled(change.text)
    words = dict.fromkeys(in_text.get(t, in_branch.get(t, t)) for t in close.shared)
    yield Reason(why=Why.WORDS, value=", ".join(words))
    if named := dict.fromkeys(in_branch[term] for term in close.shared if term in in_branch):
        yield Reason(why=Why.BRANCH, value=", ".join(named))


def _of_time(issue: Issue, change: Keyless, fit: float) -> Iterable[Reason]:
    if fit < _FITS:
        return ()
    if issue.resolved_at is None:
        return (Reason(why=Why.UNDERWAY),)
    return (Reason(why=Why.RESOLVED, value=str(days_between(change.at, issue.resolved_at))),)
