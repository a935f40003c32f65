"""Parents: those of some commits, told by numbers, in the form in which they are kept and a commit graph takes them up."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

ROOT, NOT_PULLED = -1, -2
"""In the place of a first parent: there is none, or what its parents are is not known."""

Said: TypeAlias = tuple[str, Sequence[str] | None]
"""A commit with its parents, or None where it is gone."""


class Parents(Struct, frozen=True, kw_only=True):
    """Of each of ``shas`` the number of its ``first`` parent, or ROOT, or NOT_PULLED for a commit that is gone.

    Numbers are places in ``shas``, and behind those in ``beyond``, which are the parents that are none of these commits. ``others`` are the numbers of merges, each with those of its parents but the first.
    """

    shas: list[str]
    first: list[int]
    others: list[list[int]]
    beyond: list[str]

    @classmethod
    def of(cls, commits: Iterable[Said]) -> Parents:
        """Of commits with their parents, or None where one is gone; of two that are the same the later one counts."""
        said = dict(commits)
        numbers = {sha: number for number, sha in enumerate(said)}
        shas, first, others, beyond = [*said], list[int](), list[list[int]](), list[str]()

        def numbered(sha: str) -> int:
            if sha not in numbers:
                numbers[sha] = len(numbers)
                beyond.append(sha)
            return numbers[sha]

        for number, parents in enumerate(said.values()):
            if parents:
                first.append(numbered(parents[0]))
                if len(parents) > 1:
                    others.append([number, *map(numbered, parents[1:])])
            else:
                first.append(NOT_PULLED if parents is None else ROOT)
        return cls(shas=shas, first=first, others=others, beyond=beyond)

    def said(self, among: Container[str] | None = None) -> Iterator[tuple[str, tuple[str, ...] | None]]:
        """Each commit, of those ``among`` where they are given, with its parents, or None where it is gone."""
        shas, others = [*self.shas, *self.beyond], {number: more for number, *more in self.others}
        for number, (sha, first) in enumerate(zip(self.shas, self.first, strict=True)):
            if among is not None and sha not in among:
                continue
            if first >= 0:
                yield sha, tuple(shas[parent] for parent in (first, *others.get(number, ())))
            else:
                yield sha, None if first == NOT_PULLED else ()
