"""Stream of worklogs: the one Jira resource with feeds of what changed and what was deleted, for the whole site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.errors import FatalError, RetryableError
from connectors.jira.client import CORE, path_of
from connectors.jira.facts import Connection
from connectors.jira.parse import parse_worklog
from connectors.jira.search import rows_in
from connectors.jira.stream_issues import walk_start
from connectors.parsing import parsed
from connectors.port import Order, Page, Request
from connectors.records import Ref, Worklog

_WITHHELD = timedelta(minutes=2)


class _Batch(Struct, frozen=True, kw_only=True):
    """One page of a feed: ids that the page before did not hold, and the instant (epoch ms) from which the feed goes on."""

    ids: tuple[str, ...]
    until_ms: int


class WorklogStream:
    """Worklogs of the site, one partition. The cursor is the feed's own ``until``: Jira withholds the last minute.

    Worklogs of projects that are not mapped come too; the feed cannot be asked for projects. They come after the issues: one that comes back brings its
    worklogs along, and the feed may tell that some of them are gone.
    """

    name = "worklogs"
    order = Order(after=frozenset({"issues"}), may_name_paths=False)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def partitions(self, known: frozenset[str]) -> Iterable[str]:  # noqa: ARG002  # there is one
        """``*``."""
        return ("*",)

    def pages(self, request: Request) -> Iterator[Page]:
        """A page per 1000 changed worklogs, then one with the deleted ones and the finished cursor."""
        kept = Cursor(read_to=request.cursor.read_to) if request.is_full else request.cursor
        cursor = kept.begun(walk_start(self._connection, request.now))
        is_first = cursor.read_to is None and not request.is_full
        since_ms = (
            0 if request.is_full or cursor.read_to is None else max(_ms(cursor.read_to - request.reach), 0)
        )
        until_ms = int(cursor.position) if cursor.position else since_ms
        for batch in self._feed("updated", until_ms):
            until_ms = batch.until_ms
            yield self._page(batch, cursor.at(str(until_ms)))
        gone: tuple[Ref, ...] = ()
        if not is_first:  # before the first walk nothing was stored that could be gone
            gone, deleted_until_ms = self._deleted(since_ms)
            until_ms = min(_end_ms(cursor, until_ms), _end_ms(cursor, deleted_until_ms))
        yield Page(records=(), cursor=_finished(cursor, _end_ms(cursor, until_ms)), gone=gone)

    def _page(self, batch: _Batch, cursor: Cursor) -> Page:
        payloads: object = []
        if batch.ids:
            payloads = self._connection.client.post(
                path_of(CORE, "worklog", "list"), {"ids": [int(id_) for id_ in batch.ids]}
            )
        if not isinstance(payloads, list):
            raise FatalError(
                "worklog/list: the answer is no list; this version of Jira may have changed its format"
            )
        worklogs, bad = parsed(
            payloads, partial(parse_worklog, source=self._connection.source), what="worklog"
        )
        return Page(records=worklogs, cursor=cursor, skipped=bad)

    def _deleted(self, since_ms: int) -> tuple[tuple[Ref, ...], int]:
        """(what was deleted since, the feed's end)."""
        ids: dict[str, None] = {}
        end_ms = since_ms
        for batch in self._feed("deleted", since_ms):
            ids |= dict.fromkeys(batch.ids)
            end_ms = batch.until_ms
        return tuple(Ref(source=self._connection.source, kind=Worklog.kind, id=id_) for id_ in ids), end_ms

    def _feed(self, name: str, since_ms: int) -> Iterator[_Batch]:
        """Pages of a feed, oldest first.

        The next page is asked for from 1 ms before the end of this one, because rows of that same instant may be left; where a whole page is of
        one instant, from that instant on. Raises RetryableError if the feed leads no further.
        """
        before: frozenset[tuple[str, int]] = frozenset()
        while True:
            answer = self._connection.client.get(path_of(CORE, "worklog", name), {"since": since_ms})
            rows = [(str(row["worklogId"]), int(row["updatedTime"])) for row in rows_in(answer, "values")]
            until_ms = int(answer.get("until") or since_ms)
            fresh = [row for row in rows if row not in before]
            yield _Batch(ids=tuple(dict.fromkeys(id_ for id_, _ in fresh)), until_ms=until_ms)
            if not rows or answer.get("lastPage", True):
                return
            since_ms = _next_since_ms(name, since_ms, until_ms)
            before = frozenset(rows)


def _next_since_ms(name: str, since_ms: int, until_ms: int) -> int:
    following = next((ms for ms in (until_ms - 1, until_ms) if ms > since_ms), None)
    if following is None:
        raise RetryableError(
            f"worklog/{name}: the feed leads no further than {until_ms} although it is not at its end"
        )
    return following


def _end_ms(cursor: Cursor, until_ms: int) -> int:
    """Up to where a feed that was read to its end is known.

    A quiet feed's ``until`` stands still, but the feed withholds the last minute only; two are taken off for clocks.
    """
    return max(until_ms, _ms(_start_of(cursor) - _WITHHELD))


def _finished(cursor: Cursor, until_ms: int) -> Cursor:
    """Finished at the feeds' end, never after the walk's start."""
    until = datetime.fromtimestamp(until_ms / 1000, tz=UTC)
    return replace(cursor, walk_started_at=min(_start_of(cursor), until)).finished()


def _start_of(cursor: Cursor) -> datetime:
    assert cursor.walk_started_at is not None  # noqa: S101  # begun by the caller
    return cursor.walk_started_at


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
