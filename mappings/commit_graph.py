"""Commit graph: the parents of a project's commits, held by numbers: a commit takes some 120 bytes, a quarter of what dictionaries and tuples of shas take."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import groupby
from typing import TypeVar

V = TypeVar("V")

_ROOT, _NOT_PULLED = -1, -2
"""In the place of a first parent: there is none, or what its parents are is not known."""
_NO_VALUE = -1


class CommitGraph(Mapping[str, tuple[str, ...]]):
    """Parent shas by commit sha; a sha that is no key was never pulled.

    Every sha that was named has a number from 0 on, be it a key or the parent of one; ``shas`` are in the order of their numbers. What walks through a graph does so by numbers.
    """

    def __init__(
        self, shas: Iterable[str] = (), commits: Iterable[tuple[str, Sequence[str] | None]] = ()
    ) -> None:
        """Of ``commits``, with their parents, or None where one is gone; what is said last counts. ``shas`` are those of all of them, in any order, each as often as one likes."""
        self.shas = [sha for sha, _ in groupby(sorted(shas))]
        self._sorted = len(self.shas)
        self._beyond: dict[str, int] = {}
        """The numbers of parents that are no commits themselves."""
        self._first = array("i", [_NOT_PULLED]) * self._sorted
        self._others: dict[int, tuple[int, ...]] = {}
        """The parents of merges but the first."""
        for sha, parents in commits:
            self._put(sha, parents)
        self._count = self._sorted - self._first[: self._sorted].count(_NOT_PULLED)

    def _put(self, sha: str, parents: Sequence[str] | None) -> None:
        number = self._numbered(sha)
        first, *others = (
            map(self._numbered, parents) if parents else (_NOT_PULLED if parents is None else _ROOT,)
        )
        self._first[number] = first
        if others:
            self._others[number] = tuple(others)
        else:
            self._others.pop(number, None)

    def _numbered(self, sha: str) -> int:
        number = self.number_of_named(sha)
        if number is None:
            number = self._beyond[sha] = len(self.shas)
            self.shas.append(sha)
            self._first.append(_NOT_PULLED)
        return number

    def number_of_named(self, sha: str) -> int | None:
        """The number of a sha that is a commit, pulled or not, or the parent of one."""
        number = bisect_left(self.shas, sha, 0, self._sorted)
        if number < self._sorted and self.shas[number] == sha:
            return number
        return self._beyond.get(sha)

    def number(self, sha: str) -> int | None:
        """The number of a commit; None where it was never pulled."""
        number = self.number_of_named(sha)
        return None if number is None or self._first[number] == _NOT_PULLED else number

    def held(self, sha: str | None) -> str | None:
        """The same sha, as the graph holds it where it does."""
        number = self.number_of_named(sha) if sha else None
        return sha if number is None else self.shas[number]

    def is_pulled(self, number: int) -> bool:
        """True if what has the number is a commit whose parents are known."""
        return self._first[number] != _NOT_PULLED

    def first_parent(self, number: int) -> int | None:
        """The number of a commit's first parent."""
        first = self._first[number]
        return first if first >= 0 else None

    def other_parents(self, number: int) -> tuple[int, ...]:
        """The numbers of a merge commit's parents but the first."""
        return self._others.get(number, ())

    def parents(self, number: int) -> tuple[int, ...]:
        """The numbers of its parents; of what was never pulled there are none."""
        first = self._first[number]
        return (first, *self._others.get(number, ())) if first >= 0 else ()

    def __getitem__(self, sha: str) -> tuple[str, ...]:
        number = self.number(sha)
        if number is None:
            raise KeyError(sha)
        return tuple(self.shas[parent] for parent in self.parents(number))

    def __contains__(self, sha: object) -> bool:
        return isinstance(sha, str) and self.number(sha) is not None

    def __iter__(self) -> Iterator[str]:
        return (sha for sha, first in zip(self.shas, self._first, strict=True) if first != _NOT_PULLED)

    def __len__(self) -> int:
        return self._count


class Walk:
    """A walk through a graph that visits no commit twice."""

    def __init__(self, graph: CommitGraph) -> None:
        self._graph = graph
        self._is_visited = bytearray(len(graph.shas))
        self._unnamed: set[str] = set()

    def on_from(self, tip: str) -> Iterator[str]:
        """The shas of ``tip`` and its ancestors that were not visited before, also of those never pulled, whose own ancestors are not known. Linear."""
        number = self._graph.number_of_named(tip)
        if number is not None:
            yield from (self._graph.shas[one] for one in self._visited(number))
        elif tip not in self._unnamed:
            self._unnamed.add(tip)
            yield tip

    def _visited(self, number: int) -> Iterator[int]:
        waiting, is_visited, parents = [number], self._is_visited, self._graph.parents
        while waiting:
            number = waiting.pop()
            if not is_visited[number]:
                is_visited[number] = True
                yield number
                waiting.extend(parents(number))


class Reached(Set[str]):
    """The shas of the pulled commits of a graph that are one of some tips or an ancestor of one. Found in linear time."""

    def __init__(self, graph: CommitGraph, tips: Iterable[str]) -> None:
        self._graph = graph
        self._is_reached = bytearray(len(graph.shas))
        waiting = [number for tip in tips if (number := graph.number(tip)) is not None]
        while waiting:
            number = waiting.pop()
            if not self._is_reached[number] and graph.is_pulled(number):
                self._is_reached[number] = True
                waiting.extend(graph.parents(number))

    def __contains__(self, sha: object) -> bool:
        number = self._graph.number(sha) if isinstance(sha, str) else None
        return number is not None and bool(self._is_reached[number])

    def __iter__(self) -> Iterator[str]:
        return (sha for sha, is_it in zip(self._graph.shas, self._is_reached, strict=True) if is_it)

    def __len__(self) -> int:
        return sum(self._is_reached)


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
