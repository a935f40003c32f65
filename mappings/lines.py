"""Lines: the first-parent histories of branches, and what each step of them brought in. Built once per project, near-linear."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from mappings.commit_graph import CommitGraph
from mappings.parents import NOT_PULLED

_NO_LINE = -1


@dataclass(eq=False, slots=True)
class Line:
    """The part of one first-parent history that no earlier line has; what landed on ``base`` up to step ``base_index`` came before. Steps are counted from 0, oldest first.

    ``brought`` are the shas that each step brought in, or None where one of them was never pulled: then there may be more behind it; ``also`` says of commits that landed on an earlier line first with which step they came to this one.
    """

    number: int
    base: Line | None = None
    base_index: int = -1
    brought: list[tuple[str, ...] | None] = field(default_factory=list)
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

    def brought(self, sha: str) -> tuple[str, ...] | None:
        """What a commit brought to the line of which it is a step: a merge what came by its parents but the first, any other itself, one without parents nothing.

        None where no line that was built has it so, or something of it was never pulled.
        """
        number = self.graph.number(sha)
        if number is None or self._line_of[number] == _NO_LINE:
            return None
        if number not in self.graph.others and self.graph.first[number] >= 0:
            return (sha,)
        return self._lines[self._line_of[number]].brought[self._index_of[number]]

    def _build(self, tip: int) -> None:
        first, others = self.graph.first, self.graph.others
        line, number = Line(number=len(self._lines)), tip
        line_of, index_of = self._line_of, self._index_of
        steps = array("i")
        while number >= 0 and first[number] != NOT_PULLED and line_of[number] == _NO_LINE:
            steps.append(number)
            number = first[number]
        if number >= 0 and line_of[number] != _NO_LINE:
            line.base, line.base_index = self._lines[line_of[number]], index_of[number]
        self._lines.append(line)
        for index, step in enumerate(reversed(steps)):
            line_of[step], index_of[step] = line.number, index
            self._land(step, line, index)
            line.brought.append(self._bring(others[step], line, index) if step in others else ())

    def _bring(self, parents: tuple[int, ...], line: Line, index: int) -> tuple[str, ...] | None:
        """Have what comes by these parents land with step ``index`` of a line. Returns its shas; None where one of them was never pulled."""
        new = self._beyond(line, parents, upto=index)
        for number in new:
            self._land(number, line, index)
        return self._named(new)

    def _land(self, number: int, line: Line, index: int) -> None:
        if self._landed_on[number] == _NO_LINE:
            self._landed_on[number], self._landed_at[number] = line.number, index
        else:
            line.also[number] = index

    def beyond(self, line: Line, head: str, *, upto: int) -> tuple[str, ...] | None:
        """Shas reachable from ``head`` that are no ancestors of step ``upto`` of ``line``; None where one of them was never pulled."""
        number = self.graph.number(head)
        return None if number is None else self._named(self._beyond(line, (number,), upto=upto))

    def _named(self, numbers: Collection[int]) -> tuple[str, ...] | None:
        first, shas = self.graph.first, self.graph.shas
        is_cut = NOT_PULLED in [first[number] for number in numbers]
        return None if is_cut else tuple([shas[number] for number in numbers])

    def _beyond(self, line: Line, heads: Iterable[int], *, upto: int) -> list[int]:
        first, others, landed_on = self.graph.first, self.graph.others, self._landed_on
        found: dict[int, None] = {}
        waiting = list(heads)
        while waiting:
            number = waiting.pop()
            has_landed = landed_on[number] != _NO_LINE and self._has(line, number, upto)
            if has_landed or number in found:
                continue
            found[number] = None
            if first[number] >= 0:
                waiting.append(first[number])
                waiting.extend(others.get(number, ()))
        return [*found]

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
