"""Newest: a project's newest commits on whatever ref, in one listing: where several branches gained some, it tells of most of them at once.

What it tells is proved by the parents that its rows name: a branch's gain is known once all that is reachable from its tip was listed, down to what is stored. Dates prove nothing. What is
not proved is asked for by its range, as if nobody had tried. Heads that no branch holds any more are listed too, as many as the tool keeps, so the listing is never read to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import timedelta
from itertools import chain, islice

from msgspec import Struct

from connectors.gitlab.branches import Branches, settled
from connectors.gitlab.client import Payload, Rows
from connectors.gitlab.foreseen import Gain, gains_to_come
from connectors.gitlab.ranges import Ranges
from connectors.parsing import MALFORMED

_EACH = 4
"""Ranges that one page is to spare: for fewer none is asked, for more at most one for so many."""
_MOST = 10
"""Pages."""
_LATELY = timedelta(days=60)
"""A tip that is older than the newest by more is not among the newest commits, most likely."""


class Told(Struct, frozen=True, kw_only=True):
    """The rows of what a branch gained, which are all once the commits ``lacking`` are stored with everything behind them."""

    rows: Rows
    lacking: Set[str]


class Newest:
    """What the newest commits tell of one walk's spans."""

    def __init__(self, told: Mapping[str, Told]) -> None:
        self._told = told
        self._wanted = _lacking(told)
        self._landed: set[str] = set()

    @classmethod
    def asked(cls, ranges: Ranges, branches: Branches, marks: Mapping[str, str]) -> Newest:
        """What they tell of the gains since a cursor's tips ``marks``; asked for where that is likely to spare requests."""
        gains = tuple(gains_to_come(branches, marks))
        base = next((settled(marks.get(branch.name)) for branch in branches.all if branch.is_default), None)
        hopeful = [gain.branch for gain in gains if ".." in gain.span]
        if len(hopeful) < _EACH:
            return cls({})
        newest = max(branch.committed_at for branch in hopeful)
        lately = frozenset(b.sha for b in hopeful if newest - b.committed_at < _LATELY)
        pages = islice(ranges.newest(until=newest), min(_MOST, len(lately) // _EACH))
        has_whole = any(".." not in gain.span for gain in gains)
        told = _told_by(pages, gains, base, lately, may_lack=has_whole)
        return cls({span: one for span, one in told.items() if has_whole or not one.lacking})

    def __contains__(self, span: str) -> bool:
        """True if there is a chance that the span is told."""
        return span in self._told

    def taken(self, span: str) -> Rows | None:
        """The rows of a span, newest first; None where it is not told."""
        told = self._told.get(span)
        return told.rows if told and told.lacking <= self._landed else None

    def note(self, rows: Iterable[Payload]) -> None:
        """These rows of the span under way have landed; what is behind them has too before the next span begins."""
        if self._wanted:
            self._landed |= self._wanted.intersection(str(row["id"]) for row in rows if _has_parents(row))


def _lacking(told: Mapping[str, Told]) -> frozenset[str]:
    return frozenset(chain.from_iterable(one.lacking for one in told.values()))


def _told_by(
    pages: Iterable[Rows], gains: Sequence[Gain], base: str | None, tips: Set[str], *, may_lack: bool
) -> Mapping[str, Told]:
    """What pages tell, read on as long as they bring what is looked for: these tips, and unless it ``may_lack`` what is reachable from them."""
    rows: dict[str, Payload] = {}
    told: dict[str, Told] = {}
    wanted = tips
    for page in pages:
        found = {str(row["id"]): row for row in page if _has_parents(row)}
        is_near = not wanted.isdisjoint(found)
        rows |= found
        told = dict(_told(gains, rows, base))
        wanted = (tips - rows.keys()) | (frozenset() if may_lack else _lacking(told))
        if not (wanted and is_near):
            break
    return told


def _told(gains: Iterable[Gain], rows: Mapping[str, Payload], base: str | None) -> Iterator[tuple[str, Told]]:
    """The gains that these rows may tell, ``base`` being where the default branch stood. What was gained before is stored when the next one lands, whoever tells it.

    Of other branches' tips nothing is taken for stored: one that the default branch held was not listed, and what it held may come only with that branch's next range.
    """
    known = {base, *_reached(rows, (base,), frozenset())[0]} if base else set[str]()
    for gain in gains:
        found, beyond = _reached(rows, (gain.branch.sha,), {gain.former, *known})
        told = tuple(row for sha, row in rows.items() if sha in found)
        if told:
            yield gain.span, Told(rows=told, lacking=beyond)
        known |= {gain.branch.sha, *found}


def _reached(
    rows: Mapping[str, Payload], heads: Iterable[str], known: Set[str | None]
) -> tuple[Set[str], Set[str]]:
    """The shas of rows that are reachable from ``heads`` without passing what is known, and those where that ends because there is no row."""
    found, beyond, waiting = set[str](), set[str](), [*heads]
    while waiting:
        sha = waiting.pop()
        if sha in found or sha in known:
            continue
        if sha not in rows:
            beyond.add(sha)
            continue
        found.add(sha)
        waiting += map(str, rows[sha]["parent_ids"])
    return found, beyond


def _has_parents(row: object) -> bool:
    """True if a row names its commit and a list of its parents; what else is wrong with it is the parser's to report."""
    try:
        return bool(row["id"]) and isinstance(row["parent_ids"], list)  # type: ignore[index]
    except MALFORMED:
        return False
