"""Walk: keyset by hand over listings that offer offsets only, so that rows which move during the walk are not lost.

With ``order_by=updated_at`` and page numbers, each row that is touched during the walk leaves its place, the rest shift left, and one row slips
over a page border. So page 1 is asked again and again with a bound at the last row received, less one second (answers are cut to
milliseconds, and filters may be strict); rows seen before are dropped. Where a whole page lies within that second, the walk pages inside
it, and repeats that until a pass brings nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

from msgspec import Struct

from connectors.gitlab.client import GitlabClient, Query, Rows
from connectors.gitlab.parse import text_of_instant
from connectors.parsing import MALFORMED, maybe_instant

T = TypeVar("T")

_SLACK = timedelta(seconds=1)


class Listing(Struct, frozen=True, kw_only=True):
    """A listing that can be filtered and ordered by the time ``stamp`` of its rows."""

    path: str
    stamp: Literal["created_at", "updated_at"]
    query: Query

    def after(self, bound: datetime | None) -> dict[str, str | int]:
        """The query for the rows at or after ``bound``, oldest first."""
        query = {**self.query, "order_by": self.stamp, "sort": "asc"}
        if bound:
            query[self.stamp.replace("_at", "_after")] = text_of_instant(bound)
        return query


class Stretch(Struct, Generic[T], frozen=True, kw_only=True):
    """What was read of rows not seen before in this walk, and the bound from which an interrupted walk goes on without loss."""

    found: T
    bound: datetime | None


class Walk(Generic[T]):
    """One walk over a listing; remembers (id, updated_at) of what it has seen and can be given again.

    ``read`` makes of rows what is kept of them; they take ten times the room, and are let go before the next step.
    """

    def __init__(self, client: GitlabClient, listing: Listing, read: Callable[[Rows], T]) -> None:
        self._client = client
        self._listing = listing
        self._read = read
        self._seen: dict[tuple[str, str], datetime | None] = {}

    def stretches(self, since: datetime | None) -> Iterator[Stretch[T]]:
        """Every row at or after ``since``, page by page. Raises a TandemError; what was yielded stays."""
        bound, is_done = since, False
        while not is_done:
            farther, is_done = yield from self._pass(bound)
            if farther != bound:
                self._forget_before(farther)
            bound = farther

    def _pass(self, bound: datetime | None) -> Generator[Stretch[T], None, tuple[datetime | None, bool]]:
        """Pages at one bound until a row lies beyond it. Returns (next bound, whether the walk is done)."""
        is_inside = has_fresh = False
        for rows, is_last in self._client.pages(self._listing.path, **self._listing.after(bound)):
            fresh = self._fresh(rows)
            has_fresh = has_fresh or any(self._bound_after((row,), bound) == bound for row in fresh)
            must_repeat = is_inside and has_fresh
            beyond = self._bound_after(rows, bound)
            farther = bound if must_repeat else beyond
            found = self._read(fresh)
            del rows, fresh
            yield Stretch(found=found, bound=farther)
            if is_last:
                return farther, not must_repeat
            if beyond != bound:
                return farther, False
            is_inside = True
        return bound, True

    def _bound_after(self, rows: Rows, bound: datetime | None) -> datetime | None:
        stamps = [at for row in rows if (at := _stamp_of(row, self._listing.stamp))]
        return max(filter(None, (bound, max(stamps) - _SLACK if stamps else None)), default=None)

    def _fresh(self, rows: Rows) -> Rows:
        fresh = []
        for row in rows:
            mark = _mark_of(row)
            if mark not in self._seen:
                self._seen[mark] = _stamp_of(row, self._listing.stamp)
                fresh.append(row)
        return tuple(fresh)

    def _forget_before(self, bound: datetime | None) -> None:
        """Forget what no page from ``bound`` on holds: a row that comes back there was touched, and is another mark."""
        if bound:
            left = bound - _SLACK
            self._seen = {mark: at for mark, at in self._seen.items() if at is None or at >= left}


def _stamp_of(row: Any, name: str) -> datetime | None:  # noqa: ANN401  # a raw row, whatever its shape
    try:
        return maybe_instant(row[name])
    except MALFORMED:
        return None


def _mark_of(row: Any) -> tuple[str, str]:  # noqa: ANN401
    """What tells a row, in the state that it is in, from others; the whole row where it is malformed."""
    try:
        return str(row["id"]), str(row.get("updated_at"))
    except MALFORMED:
        return repr(row), ""
