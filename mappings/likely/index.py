"""Index: the words of all issues turned around, so that the closest issues to a text are found without looking at every one."""

from __future__ import annotations

import heapq
import math
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from types import MappingProxyType

from msgspec import Struct

from mappings.likely.terms import terms_of

_TITLE_WEIGHT = 3.0
_MOST_SHARED = 4
_MOST_VISITS = 40_000
"""So many entries of the index are looked at for one text; terms that few issues have come first."""


class Close(Struct, frozen=True, kw_only=True):
    """One text is close to a change: ``place`` of the issue, ``likeness`` from 0 to 1, the ``shared`` terms that say most, rarest first."""

    place: int
    likeness: float
    shared: tuple[str, ...]


class _Entries(Struct, frozen=True):
    """The texts that have one term: their ``places`` in ascending order, and how much of each text's length the term is."""

    places: array[int]
    shares: array[float]

    def has(self, place: int) -> bool:
        at = bisect_left(self.places, place)
        return at < len(self.places) and self.places[at] == place


@dataclass(frozen=True)
class TextIndex:
    """Texts as (title, description), by their place in ``texts``. Likeness is the cosine of tf-idf weights, titles counting threefold.

    Building is linear in the length of the texts; a query visits a bounded number of entries.
    """

    texts: Sequence[tuple[str, str]]

    @cached_property
    def _entries(self) -> Mapping[str, _Entries]:
        """Entries by term."""
        entries: dict[str, _Entries] = {}
        for place, (title, description) in enumerate(self.texts):
            for term, weight in _damped(_counted(title, description)).items():
                found = entries.setdefault(term, _Entries(array("L"), array("d")))
                found.places.append(place)
                found.shares.append(weight)
        lengths = [0.0] * len(self.texts)
        for found in entries.values():
            rarity = _rarity(len(found.places), len(self.texts))
            for at, place in enumerate(found.places):
                found.shares[at] *= rarity
                lengths[place] += found.shares[at] ** 2
        for found in entries.values():
            for at, place in enumerate(found.places):
                found.shares[at] /= math.sqrt(lengths[place])
        return MappingProxyType(entries)

    def closest(self, terms: Iterable[str], *, most: int) -> tuple[Close, ...]:
        """The ``most`` closest texts, closest first; at a tie the one that stands first."""
        asked = _damped(Counter(terms))
        known = {term: weight for term, weight in asked.items() if term in self._entries}
        by_rarity = sorted(known, key=lambda term: (len(self._entries[term].places), term))
        weights = {t: known[t] * _rarity(len(self._entries[t].places), len(self.texts)) for t in by_rarity}
        length = math.sqrt(sum(weight**2 for weight in weights.values()) + self._unknown(asked, known))
        likeness: dict[int, float] = defaultdict(float)
        visits = 0
        for term, weight in weights.items():
            entries = self._entries[term]
            visits += len(entries.places)
            if likeness and visits > _MOST_VISITS:
                break
            for place, share in zip(entries.places, entries.shares, strict=True):
                likeness[place] += share * weight / length
        best = heapq.nsmallest(most, likeness, key=lambda place: (-likeness[place], place))
        return tuple(self._close(place, likeness[place], weights) for place in best)

    def _unknown(self, asked: Mapping[str, float], known: Mapping[str, float]) -> float:
        """The square of a query's length in terms that no text has, and half such a term more: a query of one word is not close to anything."""
        foreign = (weight**2 for term, weight in asked.items() if term not in known)
        return (0.25 + sum(foreign)) * _rarity(0, len(self.texts)) ** 2

    def _close(self, place: int, likeness: float, terms: Iterable[str]) -> Close:
        """``terms`` are the query's, rarest first."""
        shared = (term for term in terms if self._entries[term].has(place))
        return Close(place=place, likeness=min(likeness, 1.0), shared=tuple(islice(shared, _MOST_SHARED)))


def _rarity(having: int, total: int) -> float:
    """Inverse document frequency (Robertson and Spärck Jones, smoothed so that it is never negative)."""
    return math.log(1 + (total - having + 0.5) / (having + 0.5))


def _counted(title: str, description: str) -> Mapping[str, float]:
    counts: dict[str, float] = defaultdict(float)
    for term in terms_of(title):
        counts[term] += _TITLE_WEIGHT
    for term in terms_of(description):
        counts[term] += 1.0
    return counts


def _damped(counts: Mapping[str, float]) -> Mapping[str, float]:
    return {term: 1.0 + math.log(count) for term, count in counts.items()}
