"""Foreseen: the revision ranges that a walk is going to list for certain, begun before their turn by threads that have nothing else to do.

A range of shas never changes what it means, so it does not matter when it is asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import TypeAlias

from msgspec import Struct

from connectors.gitlab.branches import Branches, mark_of_prefix, settled, tips_of
from connectors.gitlab.client import Rows
from connectors.gitlab.ranges import Ranges
from connectors.port import Ahead
from connectors.records import Branch

Span: TypeAlias = tuple[str, str]
"""Revisions, and the prefix below which they are listed, empty for all."""


class Gain(Struct, frozen=True, kw_only=True):
    """What a branch has beyond its ``former`` tip, or a new one beyond the default branch, is the revisions ``span``."""

    branch: Branch
    former: str | None
    span: str


def spans_to_come(
    branches: Branches, marks: Mapping[str, str], prefixes: tuple[str, ...]
) -> tuple[Span, ...]:
    """What a walk from a cursor's tips ``marks`` lists, in its order; not all of it, but nothing that it does not list."""
    walked = tuple(p for p in prefixes if mark_of_prefix(p) in marks)
    found = [(gain.span, prefix) for gain in gains_to_come(branches, marks) for prefix in ("", *walked)]
    found += [(branches.span_of(b, None), p) for p in prefixes if p not in walked for b in branches.all]
    return tuple(found)


def gains_to_come(branches: Branches, marks: Mapping[str, str]) -> Iterator[Gain]:
    """What a walk from a cursor's tips ``marks`` lists of the branches, in its order."""
    tips = tips_of(tuple(marks.items()))
    gone = branches.gone_from(tips)
    now = {name: sha for name, sha in tips.items() if name not in gone}
    known = set(now.values())
    for branch in branches.all:
        if now.get(branch.name) == branch.sha:
            continue
        standing = settled(now.get(branch.name))
        if standing or not (branch.sha in known or branches.holds(branch)):
            yield Gain(branch=branch, former=standing, span=branches.span_of(branch, standing))
        known.add(branch.sha)


class Foreseen:
    """Spans that are asked for ahead, to be taken in their order; those that are passed over are given up."""

    def __init__(self, ranges: Ranges, spans: tuple[Span, ...], ahead: Ahead) -> None:
        self._spans = deque(spans)
        self._begun = ahead(partial(_begun, ranges, span) for span in spans)

    def taken(self, span: Span) -> Callable[[], Iterator[tuple[int, Rows]]] | None:
        """What gives the pages of a span as ``Ranges.pages`` does, and raises what that raises; None for a span that was not foreseen."""
        if span not in self._spans:
            return None
        while True:
            begun = next(self._begun)
            if self._spans.popleft() == span:
                return begun


def _begun(ranges: Ranges, span: Span) -> Iterator[tuple[int, Rows]]:
    """The pages of a span, of which the first is read."""
    pages = ranges.pages(span[0], prefix=span[1])
    return chain((next(pages),), pages)
