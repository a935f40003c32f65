"""Lines: the first-parent histories of branches, and what each step of them brought in. Built once per project, near-linear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Graph = Mapping[str, Sequence[str]]
"""Parent shas by commit sha; a sha that is not a key was never pulled."""


def reachable(graph: Graph, tips: Iterable[str]) -> set[str]:
    """The pulled commits that are one of ``tips`` or an ancestor of one. Linear."""
    waiting = list(tips)
    seen: set[str] = set()
    while waiting:
        sha = waiting.pop()
        if sha not in seen and sha in graph:
            seen.add(sha)
            waiting.extend(graph[sha])
    return seen


@dataclass(eq=False)
class Line:
    """The part of one first-parent history that no earlier line has. ``index_of`` orders its steps, oldest first.

    ``landed`` says for each commit with which step it came; what landed on ``base`` up to step ``base_index`` came before.
    """

    base: Line | None = None
    base_index: int = -1
    index_of: dict[str, int] = field(default_factory=dict)
    landed: dict[str, int] = field(default_factory=dict)
    brought: list[tuple[str, ...]] = field(default_factory=list)

    def has(self, sha: str, upto: int) -> bool:
        """True if ``sha`` is step ``upto`` of this line or an ancestor of it."""
        line: Line | None = self
        while line is not None:
            index = line.landed.get(sha)
            if index is not None and index <= upto:
                return True
            upto = line.base_index
            line = line.base
        return False


@dataclass(eq=False)
class Lines:
    """The lines of one project. Every commit is visited once per line that it is new to."""

    graph: Graph
    of: dict[str, Line] = field(default_factory=dict)
    """The line that a first-parent step belongs to."""

    def through(self, tip: str) -> Line | None:
        """The line that holds ``tip`` as a step, built if need be; None where ``tip`` was never pulled."""
        if tip not in self.graph:
            return None
        if tip not in self.of:
            self._build(tip)
        return self.of[tip]

    def _build(self, tip: str) -> None:
        steps: list[str] = []
        sha: str | None = tip
        while sha is not None and sha in self.graph and sha not in self.of:
            steps.append(sha)
            sha = next(iter(self.graph[sha]), None)
        base = self.of.get(sha) if sha is not None else None
        line = Line(base=base, base_index=base.index_of[sha] if base and sha else -1)
        for index, step in enumerate(reversed(steps)):
            self.of[step] = line
            line.index_of[step] = index
            line.landed[step] = index
            new = tuple(self.beyond(line, self.graph[step][1:], upto=index))
            line.landed.update(dict.fromkeys(new, index))
            line.brought.append(new)

    def beyond(self, line: Line, heads: Iterable[str], *, upto: int) -> Iterator[str]:
        """Shas reachable from ``heads`` that are no ancestors of step ``upto`` of ``line``; shas never pulled are yielded, not followed."""
        waiting = list(heads)
        seen: set[str] = set()
        while waiting:
            sha = waiting.pop()
            if sha in seen or line.has(sha, upto):
                continue
            seen.add(sha)
            yield sha
            waiting.extend(self.graph.get(sha, ()))
