"""Lines: the first-parent histories of branches, and what each step of them brought in. Built once per project, near-linear."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mappings.commit_graph import CommitGraph

_NO_LINE = -1


@dataclass(eq=False, slots=True)
class Line:
    """The part of one first-parent history that no earlier line has; what landed on ``base`` up to step ``base_index`` came before. Steps are counted from 0, oldest first.

    ``brought`` are the shas that each step brought in; ``also`` says of commits that landed on an earlier line first with which step they came to this one.
    """

    number: int
    base: Line | None = None
    base_index: int = -1
    brought: list[tuple[str, ...]] = field(default_factory=list)
    also: dict[int, int] = field(default_factory=dict)


class Lines:
    """The lines of one project. Every commit is visited once per line that it is new to."""

    def __init__(self, graph: CommitGraph) -> None:
        self.graph = graph
        self._lines: list[Line] = []
        none = array("i", [_NO_LINE])
        self._line_of = none * len(graph.shas)
        """By commit the number of the line of which it is a step, and of which step."""
        self._index_of = none * len(graph.shas)
        self._landed_on = none * len(graph.shas)
        """By commit the number of the first line on which it landed, and with which step."""
        self._landed_at = none * len(graph.shas)

    def through(self, tip: str) -> tuple[Line, int] | None:
        """The line that holds ``tip`` as a step, built if need be, and which step that is; None where ``tip`` was never pulled."""
        number = self.graph.number(tip)
        if number is None:
            return None
        if self._line_of[number] == _NO_LINE:
            self._build(number)
        return self._lines[self._line_of[number]], self._index_of[number]

    def step(self, sha: str) -> tuple[Line, int] | None:
        """The line of which a commit is a step, and which; None where no line that was built has it so."""
        number = self.graph.number(sha)
        if number is None or self._line_of[number] == _NO_LINE:
            return None
        return self._lines[self._line_of[number]], self._index_of[number]

    def _build(self, tip: int) -> None:
        graph, steps = self.graph, array("i")
        number: int | None = tip
        while number is not None and graph.is_pulled(number) and self._line_of[number] == _NO_LINE:
            steps.append(number)
            number = graph.first_parent(number)
        line = Line(number=len(self._lines))
        if number is not None and self._line_of[number] != _NO_LINE:
            line.base, line.base_index = self._lines[self._line_of[number]], self._index_of[number]
        self._lines.append(line)
        for index, step in enumerate(reversed(steps)):
            self._line_of[step], self._index_of[step] = line.number, index
            self._land(step, line, index)
            others = graph.other_parents(step)
            new = [*self._beyond(line, others, upto=index)] if others else []
            for one in new:
                self._land(one, line, index)
            line.brought.append(tuple([graph.shas[one] for one in new]))

    def _land(self, number: int, line: Line, index: int) -> None:
        if self._landed_on[number] == _NO_LINE:
            self._landed_on[number], self._landed_at[number] = line.number, index
        else:
            line.also[number] = index

    def beyond(self, line: Line, head: str, *, upto: int) -> Iterator[str]:
        """Shas reachable from ``head`` that are no ancestors of step ``upto`` of ``line``; shas never pulled are yielded, not followed."""
        number = self.graph.number(head)
        if number is not None:
            yield from (self.graph.shas[one] for one in self._beyond(line, (number,), upto=upto))

    def _beyond(self, line: Line, heads: Iterable[int], *, upto: int) -> Iterator[int]:
        waiting = list(heads)
        seen: set[int] = set()
        while waiting:
            number = waiting.pop()
            if number in seen or self._has(line, number, upto):
                continue
            seen.add(number)
            yield number
            waiting.extend(self.graph.parents(number))

    def _has(self, line: Line, number: int, upto: int) -> bool:
        """True if a commit is step ``upto`` of this line or an ancestor of it."""
        landed_on, landed_at = self._landed_on[number], self._landed_at[number]
        at: Line | None = line
        while at is not None:
            index = landed_at if landed_on == at.number else at.also.get(number)
            if index is not None and index <= upto:
                return True
            upto, at = at.base_index, at.base
        return False
