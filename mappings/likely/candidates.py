"""Candidates: the few issues that are worth a closer look for one change, found by words and by people, never by looking at all."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType

from connectors.records import Issue
from mappings.likely.index import Close, TextIndex
from mappings.likely.keyless import Keyless
from mappings.likely.people import Faces
from mappings.likely.terms import terms_of
from mappings.likely.times import Life, life_of
from mappings.observed import Observed
from mappings.schema import MappingSpec

_MOST_BY_WORDS = 200
_MOST_BY_PERSON = 50
_BEFORE, _AFTER = timedelta(days=7), timedelta(days=28)


@dataclass(frozen=True)
class Candidates:
    """All issues but epics, indexed by words and by assignee. Building is linear in the texts, asking is bounded."""

    spec: MappingSpec
    observed: Observed

    @cached_property
    def issues(self) -> tuple[Issue, ...]:
        """The issues that a change may be about, in ref order."""
        epics = self.spec.vocabulary.epic_types
        return tuple(issue for issue in self.observed.all(Issue) if issue.type not in epics)

    @cached_property
    def lives(self) -> tuple[Life, ...]:
        """The life of each issue."""
        return tuple(life_of(i, self.observed.changes_of.get(i.ref, ())) for i in self.issues)

    @cached_property
    def faces(self) -> Faces:
        """Who is who."""
        return Faces(self.spec)

    def closest(self, change: Keyless, paths: Iterable[str]) -> Iterator[Close]:
        """The issues closest to the words of ``change`` (its text, branch and ``paths``), then those of its author that were open around it."""
        words = "\n".join((change.text, change.branch, *paths))
        by_words = self._index.closest(terms_of(words), most=_MOST_BY_WORDS)
        yield from by_words
        seen = {close.place for close in by_words}
        for place in sorted(self._of_author(change) - seen):
            yield Close(place=place, likeness=0.0, shared=())

    def _of_author(self, change: Keyless) -> set[int]:
        faces = self.faces.of_author(change.faces)
        return {place for face in faces for place in self._around(face, change.at)}

    def _around(self, face: str, at: datetime) -> Iterator[int]:
        resolved = self._resolved.get(face, ())
        start = bisect_left(resolved, (at - _BEFORE, -1))
        for resolved_at, place in resolved[start : start + _MOST_BY_PERSON]:
            if resolved_at <= at + _AFTER:
                yield place
        yield from self._open.get(face, ())

    @cached_property
    def _index(self) -> TextIndex:
        return TextIndex(tuple((i.title, i.description) for i in self.issues))

    @cached_property
    def _resolved(self) -> Mapping[str, tuple[tuple[datetime, int], ...]]:
        """(resolution, place) by face of the assignee, earliest first."""
        found: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        for place, issue in enumerate(self.issues):
            for face in self.faces.of_assignee(issue) if issue.resolved_at else ():
                found[face].append((issue.resolved_at or issue.updated_at, place))
        return MappingProxyType({face: tuple(sorted(places)) for face, places in found.items()})

    @cached_property
    def _open(self) -> Mapping[str, tuple[int, ...]]:
        """Open issues by face of the assignee: the ones that changed last."""
        found: dict[str, list[int]] = defaultdict(list)
        unresolved = [(i.updated_at, p) for p, i in enumerate(self.issues) if i.resolved_at is None]
        for _, place in sorted(unresolved, reverse=True):
            for face in self.faces.of_assignee(self.issues[place]):
                if len(found[face]) < _MOST_BY_PERSON:
                    found[face].append(place)
        return MappingProxyType({face: tuple(places) for face, places in found.items()})
