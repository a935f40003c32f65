"""Commit graph: the parents of a project's commits, held by numbers: in a large project a commit takes some 120 bytes, less than half of what dictionaries and tuples of shas take."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from itertools import compress, groupby
from typing import TypeVar

from mappings.parents import NOT_PULLED, Parents

V = TypeVar("V")

_NO_VALUE = -1
_FEW = 50_000
"""Up to so many commits are in a dictionary, which takes some 100 bytes for each."""


class CommitGraph(Mapping[str, tuple[str, ...]]):
    """Parent shas by commit sha; a sha that is no key was never pulled.

    Every sha that was named has a number from 0 on, be it a key or the parent of one; ``shas`` are in the order of their numbers. What walks through a graph does so by numbers.
    """

    def __init__(
        self,
        shas: Collection[str] = (),
        pieces: Iterable[Parents] = (),
        *,
        few: int = _FEW,
    ) -> None:
        """Of the commits in ``pieces``; what the later one says counts. ``shas`` are those of all of them, in any order, each as often as one likes.

        Up to ``few`` are looked for in a dictionary.
        """
        are_few = len(shas) <= few
        self.shas = [*dict.fromkeys(shas)] if are_few else [sha for sha, _ in groupby(sorted(shas))]
        self._numbers = dict(zip(self.shas, range(len(self.shas)), strict=True)) if are_few else {}
        self._sorted = 0 if are_few else len(self.shas)
        """So many from the first on are in order and looked for by halving, which takes no room; the others in the dictionary, which is faster."""
        self.first = array("i", [NOT_PULLED]) * len(self.shas)
        """By number that of the first parent, negative where there is none; for who walks through much of a graph."""
        self.others: dict[int, tuple[int, ...]] = {}
        """The parents of merges but the first."""
        for piece in pieces:
            self._put(piece)
        self._count = len(self.first) - self.first.count(NOT_PULLED)

    def _put(self, piece: Parents) -> None:
        numbers = self._all_numbered([*piece.shas, *piece.beyond])
        if self.others:
            for number in numbers[: len(piece.shas)]:
                self.others.pop(number, None)
        first = self.first
        for number, parent in zip(numbers, piece.first, strict=False):  # those beyond have none
            first[number] = numbers[parent] if parent >= 0 else parent
        for merge, *parents in piece.others:
            self.others[numbers[merge]] = tuple([numbers[parent] for parent in parents])

    def _all_numbered(self, shas: list[str]) -> list[int]:
        found = [*map(self._numbers.get, shas)]
        return [self._numbered(sha) if n is None else n for sha, n in zip(shas, found, strict=True)]

    def _numbered(self, sha: str) -> int:
        number = self.number_of_named(sha)
        if number is None:
            number = self._numbers[sha] = len(self.shas)
            self.shas.append(sha)
            self.first.append(NOT_PULLED)
        return number

    def number_of_named(self, sha: str) -> int | None:
        """The number of a sha that is a commit, pulled or not, or the parent of one."""
        number = self._numbers.get(sha)
        if number is None and self._sorted:
            place = bisect_left(self.shas, sha, 0, self._sorted)
            return place if place < self._sorted and self.shas[place] == sha else None
        return number

    def number(self, sha: str) -> int | None:
        """The number of a commit; None where it was never pulled."""
        number = self.number_of_named(sha)
        return None if number is None or self.first[number] == NOT_PULLED else number

    def held(self, sha: str | None) -> str | None:
        """The same sha, as the graph holds it where it does."""
        number = self.number_of_named(sha) if sha else None
        return sha if number is None else self.shas[number]

    def parents(self, number: int) -> tuple[int, ...]:
        """The numbers of its parents; of what was never pulled there are none."""
        first = self.first[number]
        return (first, *self.others.get(number, ())) if first >= 0 else ()

    def __getitem__(self, sha: str) -> tuple[str, ...]:
        number = self.number(sha)
        if number is None:
            raise KeyError(sha)
        return tuple(self.shas[parent] for parent in self.parents(number))

    def __contains__(self, sha: object) -> bool:
        return isinstance(sha, str) and self.number(sha) is not None

    def __iter__(self) -> Iterator[str]:
        return (sha for sha, first in zip(self.shas, self.first, strict=True) if first != NOT_PULLED)

    def __len__(self) -> int:
        return self._count


class Walk:
    """A walk through a graph that visits no commit twice."""

    def __init__(self, graph: CommitGraph) -> None:
        self._graph = graph
        self._is_visited = bytearray(len(graph.shas))
        self._unnamed: set[str] = set()

    def on_from(self, tip: str) -> tuple[str, ...]:
        """The shas of ``tip`` and its ancestors that were not visited before, also of those never pulled, whose own ancestors are not known. Linear."""
        number = self._graph.number_of_named(tip)
        if number is not None:
            shas = self._graph.shas
            return tuple([shas[one] for one in _visited(self._graph, (number,), self._is_visited)])
        if tip in self._unnamed:
            return ()
        self._unnamed.add(tip)
        return (tip,)


class Reached(Set[str]):
    """The shas of the pulled commits of a graph that are one of some tips or an ancestor of one. Found in linear time."""

    def __init__(self, graph: CommitGraph, tips: Iterable[str]) -> None:
        self._graph = graph
        self._is_reached = bytearray(len(graph.shas))
        numbers = (number for tip in tips if (number := graph.number(tip)) is not None)
        for number in _visited(graph, numbers, self._is_reached):
            if graph.first[number] == NOT_PULLED:
                self._is_reached[number] = False

    def __contains__(self, sha: object) -> bool:
        number = self._graph.number(sha) if isinstance(sha, str) else None
        return number is not None and bool(self._is_reached[number])

    def __iter__(self) -> Iterator[str]:
        return compress(self._graph.shas, self._is_reached)

    def __len__(self) -> int:
        return self._is_reached.count(True)


def _visited(graph: CommitGraph, numbers: Iterable[int], is_visited: bytearray) -> array[int]:
    """The numbers of these and of their ancestors, but for those visited before, which are not followed; all are visited then."""
    first, others, found, waiting = graph.first, graph.others, array("i"), [*numbers]
    while waiting:
        number = waiting.pop()
        while number >= 0 and not is_visited[number]:
            is_visited[number] = True
            found.append(number)
            if number in others:
                waiting += others[number]
            number = first[number]
    return found


class OfCommits(Mapping[str, V]):
    """A value of each commit, by its sha; one that many have is held once."""

    def __init__(self, graph: CommitGraph) -> None:
        self._graph = graph
        self._values: list[V] = []
        self._place_of = array("i", [_NO_VALUE]) * len(graph.shas)
        self._beyond: dict[str, V] = {}
        """The values of shas that the graph does not name."""

    def give(self, shas: Iterable[str], value: V) -> None:
        """These have the value, but for those that have one."""
        place = len(self._values)
        self._values.append(value)
        for sha in shas:
            number = self._graph.number_of_named(sha)
            if number is None:
                self._beyond.setdefault(sha, value)
            elif self._place_of[number] == _NO_VALUE:
                self._place_of[number] = place

    def __getitem__(self, sha: str) -> V:
        number = self._graph.number_of_named(sha)
        if number is None:
            return self._beyond[sha]
        if self._place_of[number] == _NO_VALUE:
            raise KeyError(sha)
        return self._values[self._place_of[number]]

    def __iter__(self) -> Iterator[str]:
        yield from (sha for sha, place in zip(self._graph.shas, self._place_of, strict=True) if place >= 0)
        yield from self._beyond

    def __len__(self) -> int:
        return len(self._place_of) - self._place_of.count(_NO_VALUE) + len(self._beyond)


NO_COMMITS = CommitGraph()
"""The graph of a project of which nothing was pulled."""
