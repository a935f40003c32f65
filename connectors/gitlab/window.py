"""Window: a full walk or an incremental one over a listing with times, resumable from the cursor's position."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import Query
from connectors.gitlab.parse import text_of_instant
from connectors.gitlab.walk import Listing, Walk
from connectors.parsing import MALFORMED, maybe_instant, parsed
from connectors.port import Page, Request
from connectors.records import Record


class Mark(Struct, frozen=True, kw_only=True):
    """Where a walk stands: full or window, which of its steps, and the bound from which the step goes on (None: from its beginning)."""

    is_full: bool
    step: int = 0
    after: datetime | None = None

    @property
    def text(self) -> str:
        """The mark as a cursor's position."""
        return json.dumps([self.is_full, self.step, self.after and text_of_instant(self.after)])

    @classmethod
    def of(cls, cursor: Cursor, request: Request) -> Mark:
        """The mark of an unfinished walk, else the beginning of the walk that the request wants.

        A position that cannot be read begins a full walk: reading twice loses nothing.
        """
        if request.is_full or cursor.position is None:
            return cls(is_full=request.is_full or cursor.read_to is None)
        try:
            is_full, step, after = json.loads(cursor.position)
            return cls(is_full=bool(is_full), step=int(step), after=maybe_instant(after))
        except MALFORMED:
            return cls(is_full=True)


class Step(Struct, frozen=True, kw_only=True):
    """One listing of a stream. ``full_stamp`` orders full walks: the time that moves least and that the listing can be filtered by."""

    path: str
    what: str
    parse: Callable[[Any], Record]
    query: Query
    full_stamp: Literal["created_at", "updated_at"] = "updated_at"


def window_pages(
    catalogue: Catalogue, step: Step, cursor: Cursor, mark: Mark, *, since: datetime | None
) -> Iterator[Page]:
    """Pages of one step from the mark on; each cursor stands behind what its page and those before it hold. Does not finish the cursor.

    ``since`` is the window's lower bound; a full walk has none.
    """
    lower = None if mark.is_full else since
    stamp = step.full_stamp if lower is None else "updated_at"
    listing = Listing(path=step.path, stamp=stamp, query=step.query)
    walk = Walk(catalogue.client, listing, lambda rows: parsed(rows, step.parse, what=step.what))
    for stretch in walk.stretches(mark.after or lower):
        records, bad = stretch.found
        position = replace(mark, after=stretch.bound).text
        yield Page(records=records, cursor=cursor.at(position), skipped=bad)
