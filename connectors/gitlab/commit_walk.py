"""Commit walk: what one project's moved, new, rewritten and deleted branches brought and left behind.

Invariant: a branch stands in the cursor's tips at a sha that is not stale only when everything reachable from that sha has landed. So a walk that breaks off
goes on with the branches whose tips still differ, and inside a branch behind the rows that landed.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.errors import NotFoundError
from connectors.gitlab.branches import Branches, bare, confirm_gone, mark_of_prefix, settled, tips_of
from connectors.gitlab.client import Payload, Rows
from connectors.gitlab.foreseen import Foreseen
from connectors.gitlab.newest import Newest
from connectors.gitlab.ranges import Ranges, parents_in
from connectors.parsing import MALFORMED
from connectors.port import Page, Skipped
from connectors.records import Branch, Record, Ref

Advance: TypeAlias = Generator[Page, None, Cursor]
"""Yields pages and returns the cursor behind them, which lands with the next page."""


class Spot(Struct, frozen=True, kw_only=True):
    """How far an unfinished walk has come: ``rows`` of the span, or of what it holds below a prefix, have landed."""

    span: str
    prefix: str
    rows: int

    @property
    def text(self) -> str:
        """The spot as a cursor's position."""
        return json.dumps([self.span, self.prefix, {"rows": self.rows}])

    @property
    def head(self) -> str:
        """The sha from which the span goes back."""
        return self.span.rpartition("..")[2]

    @classmethod
    def of(cls, position: str | None) -> Spot | None:
        """The spot of a position; None where there is none or it cannot be read."""
        try:
            span, prefix, landed = json.loads(position or "")
            return cls(span=str(span), prefix=str(prefix), rows=int(landed["rows"]))
        except MALFORMED:
            return None


class CommitWalk(Struct, frozen=True, kw_only=True):
    """One walk over the branches of a project.

    ``prefixes`` are the watched ones; ``spot`` is where an earlier walk broke off; ``stray`` is the head of its span, where no branch has that span any more; ``newest`` tells some spans; ``foreseen`` is what is asked ahead.
    """

    ranges: Ranges
    branches: Branches
    prefixes: tuple[str, ...]
    spot: Spot | None
    stray: str | None
    newest: Newest
    foreseen: Foreseen

    def pages(self, cursor: Cursor) -> Advance:
        """What a walk that broke off had listed of a head that is gone, deleted branches, then moved and new ones, then prefixes that were not watched before."""
        if self.stray:
            cursor = replace(cursor, position=None)
            yield from self._left(cursor, self.ranges.beyond(self.branches.base, self.stray), self.stray)
        for name in self.branches.gone_from(tips_of(cursor.tips)):
            cursor = yield from self._gone(cursor, name)
        for branch in self._in_order(dict(cursor.tips)):
            if dict(cursor.tips).get(branch.name) != branch.sha:
                cursor = yield from self._branch(cursor, branch)
        for prefix in self.prefixes:
            if mark_of_prefix(prefix) not in dict(cursor.tips):
                cursor = yield from self._new_prefix(cursor, prefix)
        return cursor

    def _in_order(self, tips: Mapping[str, str]) -> list[Branch]:
        """The branches, first that in which an earlier walk broke off: another span's spot takes the place of its own."""
        span = self.spot.span if self.spot else ""
        return sorted(
            self.branches.all, key=lambda b: self.branches.span_of(b, settled(tips.get(b.name))) != span
        )

    def _gone(self, cursor: Cursor, name: str) -> Advance:
        confirm_gone(self.ranges.catalogue, self.ranges.project_id, name)
        tips = dict(cursor.tips)
        old = bare(tips.pop(name))
        cursor = with_tips(cursor, tips)
        lost, bad = self._lost(self.ranges.beyond(self.branches.base, old), old)
        id_ = f"{self.ranges.project_id}/{name}"
        ref = Ref(source=self.ranges.catalogue.source, kind=Branch.kind, id=id_)
        yield Page(records=lost, cursor=cursor, skipped=bad, gone=(ref,))
        return cursor

    def _branch(self, cursor: Cursor, branch: Branch) -> Advance:
        old = dict(cursor.tips).get(branch.name)
        advanced = with_tips(cursor, {**dict(cursor.tips), branch.name: branch.sha})
        if standing := settled(old):
            yield from self._moved(cursor, advanced, branch, standing)
            return advanced
        if branch.sha not in tips_of(cursor.tips).values() and not self.branches.holds(branch):
            yield from self._span(cursor, self.branches.span_of(branch, None))
        if old and bare(old) != branch.sha:
            yield from self._left(advanced, self.ranges.beyond(branch.sha, bare(old)), bare(old))
        return advanced

    def _moved(self, cursor: Cursor, advanced: Cursor, branch: Branch, old: str) -> Iterator[Page]:
        """What a branch gained, and where it does not continue its former tip, what it left behind.

        Where neither tip has anything beyond the other, the tool has cleaned the former one up: the branch is read as a new one.
        """
        is_continued = yield from self._span(cursor, self.branches.span_of(branch, old), former=old)
        if is_continued:
            return
        left = self.ranges.beyond(branch.sha, old)
        if left:
            yield from self._left(advanced, left, old)
        elif is_continued is None:
            yield from self._span(cursor, self.branches.span_of(branch, None))
            yield Page(records=(), cursor=advanced, skipped=(self._cleaned_up(branch),))

    def _left(self, cursor: Cursor, left: dict[str, Payload], old: str) -> Iterator[Page]:
        """What was reachable from a branch's former tip and is not any more."""
        if left:
            lost, bad = self._lost(left, old)
            yield Page(records=lost, cursor=cursor, skipped=bad)

    def _cleaned_up(self, branch: Branch) -> Skipped:
        return Skipped(
            what=f"former tip of branch {branch.name} in project {self.ranges.project_id}",
            reason="the tool no longer holds it, so the commits that it alone held cannot be told",
        )

    def _lost(self, rows: dict[str, Payload], old: str) -> tuple[tuple[Record, ...], tuple[Skipped, ...]]:
        lost = self.ranges.unheld(rows, old, self.branches.heads.values())
        return self.ranges.unreachable(lost)

    def _span(
        self, cursor: Cursor, span: str, *, former: str | None = None
    ) -> Generator[Page, None, bool | None]:
        """Commits of a span and their touches of prefixes watched before. Returns whether one of them has the ``former`` tip as a parent; None if the span is empty.

        A resumed span has not seen all parents; it is not empty.
        """
        is_continued = False if self.spot is not None and self.spot.span == span else None
        marks = dict(cursor.tips)
        for prefix in ("", *(p for p in self.prefixes if mark_of_prefix(p) in marks)):
            for so_far, rows in self._pages(span, prefix):
                if rows and not prefix:
                    is_continued = bool(is_continued) or former in parents_in(rows)
                    self.newest.note(rows)
                yield self._page(cursor, rows, Spot(span=span, prefix=prefix, rows=so_far))
        return is_continued

    def _pages(self, span: str, prefix: str) -> Iterator[tuple[int, Rows]]:
        """Pages of a span, from behind the spot where the span is the one that broke off."""
        after = 0
        if self.spot and self.spot.span == span:
            if prefix < self.spot.prefix:
                return
            after = self.spot.rows if prefix == self.spot.prefix else 0
        try:
            yield from (
                self._listed(span, prefix)
                if not after
                else self.ranges.pages(span, prefix=prefix, after=after)
            )
        except NotFoundError:
            if ".." not in span:
                raise

    def _listed(self, span: str, prefix: str) -> Iterator[tuple[int, Rows]]:
        """Pages of a span from its beginning, which the newest commits may tell, or which may have been asked for ahead."""
        is_resumed = self.spot is not None and self.spot.span == span
        if not (prefix or is_resumed) and (rows := self.newest.taken(span)):
            return iter(((len(rows), rows),))
        begun = self.foreseen.taken((span, prefix))
        return begun() if begun else self.ranges.pages(span, prefix=prefix)

    def _page(self, cursor: Cursor, rows: Rows, spot: Spot) -> Page:
        records, bad = self.ranges.records(rows, prefix=spot.prefix)
        return Page(records=records, cursor=cursor.at(spot.text), skipped=bad)

    def _new_prefix(self, cursor: Cursor, prefix: str) -> Advance:
        """All commits that touch a prefix which was not watched before. A walk that broke off inside begins the prefix anew."""
        for branch in self.branches.all:
            span = self.branches.span_of(branch, None)
            for so_far, rows in self._listed(span, prefix):
                yield self._page(cursor, rows, Spot(span=span, prefix=prefix, rows=so_far))
        return with_tips(cursor, {**dict(cursor.tips), mark_of_prefix(prefix): "walked"})


def with_tips(cursor: Cursor, tips: Mapping[str, str]) -> Cursor:
    """The cursor with these tips, sorted."""
    return replace(cursor, tips=tuple(sorted(tips.items())))
