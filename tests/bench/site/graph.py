"""Graph: the commits of one GitLab project. The default branch is a line of merges that needs no memory; only what came later is held.

The line is numbered so that everything reachable from a commit of it has a lower number: one root, then for each merged merge request its commits and their merge, then commits
that were pushed straight. A sha holds its commit's place in its last digits, so that it is found without a table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tests.bench.site.size import DAY_MS, OPEN_COMMITS, Series, Size, project_key

MAIN, OPEN, LATE = 0, 1, 2
"""Kinds of commits: on the line, on branches of open merge requests, and those that were made by changes."""
_MIX, _SEED, _MASK = 0x9E3779B97F4A7C15F39CC0605CEDC835, 0x5851F42D4C957F2D14057B7EF767814F, (1 << 112) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One commit: its sha, parents, instant (epoch ms), and the number that its text is made from. ``request`` is the iid that it belongs to, 0 for none."""

    sha: str
    parents: tuple[str, ...]
    at_ms: int
    number: int
    request: int = 0
    is_merge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What is reachable from a commit: nodes beside the line, newest first, and the line up to ``place`` (-1: nothing of it)."""

    beside: tuple[Node, ...]
    place: int


@dataclass(kw_only=True)
class Graph:
    """Project ``number`` of the company. ``tips`` are its branches: name -> sha."""

    size: Size
    number: int
    line: Series
    tips: dict[str, str] = field(default_factory=dict)
    late: list[Node] = field(default_factory=list)

    @classmethod
    def of(cls, size: Size, number: int, now_ms: int) -> Graph:
        """The project as it stands before any change."""
        made = cls(size=size, number=number, line=Series.until(now_ms, size.main_each, lag_ms=0))
        made.tips["main"] = made.sha(MAIN, size.main_each - 1)
        for branch in range(size.open_each):
            made.tips[made.branch_of(size.requests_each - branch)] = made.sha(
                OPEN, branch * OPEN_COMMITS + OPEN_COMMITS - 1
            )
        return made

    @cached_property
    def merged(self) -> int:
        """Merge requests 1 to this are merged, the others open."""
        return self.size.requests_each - self.size.open_each

    @cached_property
    def each(self) -> int:
        """Commits of a merged merge request, its merge included."""
        return (self.size.main_each - 1) // self.merged

    def issue_of(self, request: int) -> int:
        """The number of the Jira issue that a merge request is about, as old as it is; 0 for every tenth, which names none."""
        each = self.size.issues // self.size.jira_projects
        return max(1, request * each // self.size.requests_each) if request % 10 else 0

    def branch_of(self, request: int) -> str:
        """The source branch of a merge request."""
        issue = self.issue_of(request)
        named = f"{project_key(self.number % self.size.jira_projects)}-{issue}" if issue else "work"
        return f"feature/{named}-{request}"

    def end_of(self, request: int) -> int:
        """The place of the merge of a merged merge request."""
        return request * self.each

    def head_of(self, request: int) -> str:
        """The sha of a merge request's head."""
        if request <= self.merged:
            return self.sha(MAIN, self.end_of(request) - 1)
        return self.tips[self.branch_of(request)]

    def sha(self, kind: int, place: int) -> str:
        """The sha of a commit."""
        where = (self.number << 44) | (kind << 40) | place
        mixed = ((where + 1) * _MIX ^ _SEED) & _MASK
        return f"{mixed:028x}{where:012x}"

    def place_of(self, sha: str) -> tuple[int, int] | None:
        """(kind, place) of a sha; None where this project never had it."""
        try:
            where = int(sha[28:], 16)
        except ValueError:
            return None
        kind, place = where >> 40 & 0xF, where & 0xFFFFFFFFFF
        counts = {MAIN: self.line.base, OPEN: self.size.open_each * OPEN_COMMITS, LATE: len(self.late)}
        is_ours = where >> 44 == self.number and place < counts.get(kind, 0) and self.sha(kind, place) == sha
        return (kind, place) if is_ours else None

    def node(self, kind: int, place: int) -> Node:
        """The commit at a place."""
        if kind == LATE:
            return self.late[place]
        if kind == OPEN:
            return self._open(place)
        request, step = self._request_at(place)
        first = self.sha(MAIN, place - step - 1) if place else ""
        parents = (
            (first, self.sha(MAIN, place - 1))
            if request and step == self.each - 1
            else (self.sha(MAIN, place - 1),)
        )
        return Node(
            sha=self.sha(MAIN, place),
            parents=parents if place else (),
            at_ms=self.line.created(place),
            number=place,
            request=request,
            is_merge=len(parents) == 2,
        )

    def _request_at(self, place: int) -> tuple[int, int]:
        """(merge request, its how manieth commit) at a place of the line; (0, 0) for the root and for what was pushed straight."""
        if not 0 < place <= self.merged * self.each:
            return 0, 0
        request, step = divmod(place - 1, self.each)
        return request + 1, step

    def _open(self, place: int) -> Node:
        branch, step = divmod(place, OPEN_COMMITS)
        start = self.sha(MAIN, self.end_of(max(1, self.merged - branch)))
        return Node(
            sha=self.sha(OPEN, place),
            parents=(self.sha(OPEN, place - 1) if step else start,),
            at_ms=self.line.begin_ms + 698 * DAY_MS + place * 1000,
            number=place,
            request=self.size.requests_each - branch,
        )

    def push(self, parent: str, at_ms: int, *, request: int = 0) -> str:
        """Make a commit on top of another; returns its sha. No branch is moved."""
        sha = self.sha(LATE, len(self.late))
        self.late.append(
            Node(sha=sha, parents=(parent,), at_ms=at_ms, number=len(self.late), request=request)
        )
        return sha

    def reach(self, sha: str) -> Reach | None:
        """What is reachable from a commit, itself included; None for an unknown one."""
        found = self.place_of(sha)
        if found is None:
            return None
        beside: list[Node] = []
        while found and found[0] != MAIN:
            beside.append(self.node(*found))
            found = self.place_of(beside[-1].parents[0])  # beside the line nothing is merged
        return Reach(beside=tuple(beside), place=found[1] if found else -1)

    def between(self, old: str | None, new: str) -> Span | None:
        """What is reachable from ``new`` and not from ``old``; None where one of them is unknown."""
        reach, before = self.reach(new), self.reach(old) if old else Reach(beside=(), place=-1)
        if reach is None or before is None:
            return None
        known = {node.sha for node in before.beside}
        return Span(
            graph=self,
            beside=tuple(n for n in reach.beside if n.sha not in known),
            low=before.place,
            high=reach.place,
        )

    def of_request(self, request: int) -> Span | None:
        """What a merge request brought or is to bring; None where there is no such one."""
        if not 0 < request <= self.size.requests_each:
            return None
        old = self.sha(MAIN, self.end_of(request - 1)) if request <= self.merged else self.tips["main"]
        return self.between(old, self.head_of(request))

    def everything(self, *, until_ms: int | None = None) -> Mixed:
        """What is reachable from any branch, and was committed by then."""
        reaches = [reach for tip in self.tips.values() if (reach := self.reach(tip))]
        beside = {node.sha: node for reach in reaches for node in reach.beside}
        newest = sorted(beside.values(), key=lambda node: (node.at_ms, node.sha), reverse=True)
        high = max(reach.place for reach in reaches)
        if until_ms is not None:
            newest = [node for node in newest if node.at_ms <= until_ms]
            high = bisect_right(range(high + 1), until_ms, key=self.line.created) - 1
        return Mixed.of(self, newest, high=high)

    def branches_with(self, sha: str) -> list[str]:
        """Names of the branches from which a commit is reachable."""
        found = self.place_of(sha)
        if found is None:
            return []
        kind, place = found
        reaches = ((name, self.reach(tip)) for name, tip in sorted(self.tips.items()))
        return [
            name
            for name, reach in reaches
            if reach
            and (reach.place >= place if kind == MAIN else any(node.sha == sha for node in reach.beside))
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Commits newest first: some beside the line, then the line from ``high`` down to above ``low``."""

    graph: Graph
    beside: tuple[Node, ...]
    low: int
    high: int

    def __len__(self) -> int:
        return len(self.beside) + max(0, self.high - self.low)

    def part(self, start: int, stop: int) -> list[Node]:
        """The commits from the ``start``-th on, before the ``stop``-th."""
        first = max(0, start - len(self.beside))
        last = max(0, stop - len(self.beside))
        line = range(self.high, self.low, -1)[first:last] if self.high > self.low else ()
        return [*self.beside[start:stop], *(self.graph.node(MAIN, place) for place in line)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """Commits newest first: the line from ``high`` down to its root, and among them some beside it, each at its place in all."""

    graph: Graph
    beside: Mapping[int, Node]
    high: int

    @classmethod
    def of(cls, graph: Graph, newest: Sequence[Node], *, high: int) -> Mixed:
        """The line up to ``high`` with these commits, newest first."""
        places = range(high + 1)
        older = (bisect_right(places, node.at_ms, key=graph.line.created) for node in newest)
        beside = {
            len(places) - count + number: node
            for number, (count, node) in enumerate(zip(older, newest, strict=True))
        }
        return cls(graph=graph, beside=beside, high=high)

    def __len__(self) -> int:
        return self.high + 1 + len(self.beside)

    def part(self, start: int, stop: int) -> list[Node]:
        """The commits from the ``start``-th on, before the ``stop``-th."""
        before = sum(place < start for place in self.beside)
        found: list[Node] = []
        for place in range(start, min(stop, len(self))):
            if place in self.beside:
                found.append(self.beside[place])
                before += 1
            else:
                found.append(self.graph.node(MAIN, self.high - (place - before)))
        return found
