"""Stream of issues: one partition per project key, with changelogs and former keys in the same pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.errors import ForbiddenError, NotFoundError
from connectors.jira.client import RefusedError
from connectors.jira.facts import Connection
from connectors.jira.issue_pages import IssueReader
from connectors.jira.search import (
    Query,
    Rows,
    epoch_literal,
    history_pages,
    ids_of,
    pages_of,
    require_visible,
    zone_literal,
)
from connectors.jira.together import Gathered, Together, companions_of
from connectors.parsing import maybe_instant
from connectors.port import Order, Page, Request

T = TypeVar("T")

OVERLAP = timedelta(minutes=15)
"""How far a window reaches back behind the cursor: covers the search index's lag and clocks that disagree."""
_ALONE = "alone"
"""Name in a cursor's tips under which the instant stands, by our clock, at which the project was last searched by itself."""
_CLOUD_PAGE = 100
_CLOUD_LOT = 500
"""Issues whose changelogs are asked for together. The tool takes twice as many, and what a walk read of them is read again where it breaks off."""
_SERVER_PAGE = 50  # small, because each row carries its changelog


class _Read(Struct, frozen=True, kw_only=True):
    """What is left of one page of a search: what lands, and the ids of its rows as far as they have one."""

    page: Page
    ids: tuple[str, ...]


def walk_start(connection: Connection, now: datetime) -> datetime:
    """The tool's own clock at the start of a walk, and never later than ours: too early only means reading a little twice."""
    server_at = connection.client.server_at
    return min(server_at, now) if server_at else now


class IssueStream:
    """Issues of the mapped projects.

    The first walk of a project goes by id and can be resumed after the last stored row; later ones read what was updated since
    the cursor minus ``OVERLAP``, or what further reach is asked for. As long as the request's ``max_age`` allows, that is done by one search over all projects,
    which is as good as each project's own but for one thing: only its own search tells for certain that a project can be seen.
    """

    name = "issues"
    order = Order()

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._reader = IssueReader(connection)
        self._takes_epoch = True
        chosen = connection.selection.projects
        groups = dict.fromkeys(companions_of(project, chosen) for project in chosen)
        self._together = {
            g: Together(g, search=self._updated, histories=self._reader.histories)
            for g in groups
            if len(g) > 1
        }

    def partitions(self, known: frozenset[str]) -> Iterable[str]:  # noqa: ARG002  # the mapping is the list
        """The mapped project keys."""
        return self._connection.selection.projects

    def pages(self, request: Request) -> Iterator[Page]:
        """One page per search page and a last one that carries the finished cursor.

        Raises NotFoundError or ForbiddenError for a project that cannot be seen.
        """
        project = request.scope.partition
        try:
            yield from self._walk(request, project)
        except (RefusedError, ForbiddenError, NotFoundError):
            require_visible(self._connection.client, project)
            raise

    def _walk(self, request: Request, project: str) -> Iterator[Page]:
        kept = request.cursor
        cursor = Cursor(read_to=kept.read_to, tips=kept.tips) if request.is_full else kept
        if request.is_full or cursor.read_to is None or cursor.position is not None:
            cursor = cursor.begun(walk_start(self._connection, request.now))
            yield from self._full(project, cursor)
        else:
            since = cursor.read_to - max(OVERLAP, request.reach)
            if found := self._gathered(request, since):
                yield from self._gathered_pages(project, cursor.begun(found.started_at), found)
                return
            cursor = cursor.begun(walk_start(self._connection, request.now))
            yield from self._window(project, cursor, since=since)
        yield Page(records=(), cursor=cursor.finished(tips=self._alone(request)))

    def _alone(self, request: Request) -> tuple[tuple[str, str], ...]:
        return ((_ALONE, request.now.isoformat()),) if self._together else ()

    def _gathered(self, request: Request, since: datetime) -> Gathered | None:
        """What the search over all projects found, where it may stand for the project's own."""
        alone_at = maybe_instant(dict(request.cursor.tips).get(_ALONE))
        age = request.now - alone_at if alone_at else request.max_age
        chosen = companions_of(request.scope.partition, self._connection.selection.projects)
        if request.reach or not timedelta(0) <= age < request.max_age or chosen not in self._together:
            return None
        return self._together[chosen].gathered(
            since=since, start=lambda: walk_start(self._connection, request.now)
        )

    def _gathered_pages(self, project: str, cursor: Cursor, found: Gathered) -> Iterator[Page]:
        if rows := found.rows.get(project):
            own = {id_: found.histories.get(id_, ()) for id_ in ids_of(rows)}
            yield self._reader.whole(rows, own, cursor)
        yield Page(records=(), cursor=cursor.finished())

    def _full(self, project: str, cursor: Cursor) -> Iterator[Page]:
        """Everything by id, behind the last stored row where a walk was interrupted; from the start if that row is no longer there."""
        is_empty = cursor.position is None
        try:
            found = self._read(project, after_id=cursor.position)
            for page in self._landing(found, cursor, is_by_id=True):
                is_empty = False
                yield page
        except RefusedError:
            if cursor.position is None:
                raise
            require_visible(self._connection.client, project)
            yield from self._full(project, replace(cursor, position=None))
        if is_empty:
            require_visible(self._connection.client, project)  # nothing at all: empty, or not visible?

    def _window(self, project: str, cursor: Cursor, *, since: datetime) -> Iterator[Page]:
        if self._takes_epoch:
            try:
                yield from self._landing(self._read(project, updated_since=epoch_literal(since)), cursor)
            except RefusedError:
                require_visible(self._connection.client, project)
                self._takes_epoch = False
            else:
                return
        yield from self._landing(self._read(project, updated_since=self._zone_literal(since)), cursor)

    def _landing(self, found: Iterable[_Read], cursor: Cursor, *, is_by_id: bool = False) -> Iterator[Page]:
        """A page for each page of the search. On Cloud the changes of a lot of issues follow, and only behind them the cursor of a walk by id moves on."""
        is_cloud = self._connection.facts.is_cloud
        ahead, lot = cursor, list[str]()
        for read in found:
            ahead = ahead.at(read.ids[-1]) if is_by_id and read.ids else ahead
            yield replace(read.page, cursor=cursor if is_cloud else ahead)
            if not is_cloud:
                continue
            lot += read.ids
            if len(lot) > _CLOUD_LOT - _CLOUD_PAGE:
                yield from self._changes_of_lot(lot, cursor, ahead)
                cursor = ahead
                lot.clear()
        if lot:
            yield from self._changes_of_lot(lot, cursor, ahead)

    def _changes_of_lot(self, lot: Sequence[str], cursor: Cursor, ahead: Cursor) -> Iterator[Page]:
        """Pages of the changes of these issues; the last, which is empty, carries the cursor behind them."""
        yield from history_pages(
            self._connection.client, lot, lambda histories: self._reader.changes(histories, cursor)
        )
        yield Page(records=(), cursor=ahead)

    def _updated(self, projects: tuple[str, ...], since: datetime) -> Iterator[Rows]:
        """Pages of a search over several projects; where epoch literals are refused, which may be for another reason, by the account's zone."""
        literals = (*((epoch_literal(since),) if self._takes_epoch else ()), self._zone_literal(since))
        for literal in literals:
            try:
                yield from self._pages(self._query(*projects, updated_since=literal), lambda rows: rows)
            except RefusedError:
                if literal == literals[-1]:
                    raise
            else:
                return

    def _zone_literal(self, since: datetime) -> str:
        return zone_literal(since, self._connection.facts.account.zone)

    def _read(
        self, project: str, *, updated_since: str | None = None, after_id: str | None = None
    ) -> Iterator[_Read]:
        """The pages of a search, read; on Cloud without changes, which are asked for, and everywhere with an empty cursor."""
        query = self._query(project, updated_since=updated_since, after_id=after_id)
        made = self._reader.issues if self._connection.facts.is_cloud else self._reader.page
        return self._pages(
            query,
            lambda rows: _Read(page=made(rows, Cursor()), ids=ids_of(rows)),
        )

    def _query(self, *projects: str, updated_since: str | None = None, after_id: str | None = None) -> Query:
        is_cloud = self._connection.facts.is_cloud
        return Query(
            projects=projects,
            fields=self._reader.fields,
            page_size=_CLOUD_PAGE if is_cloud else _SERVER_PAGE,
            updated_since=updated_since,
            after_id=after_id,
            has_changelog=not is_cloud,
        )

    def _pages(self, query: Query, read: Callable[[Rows], T]) -> Iterator[T]:
        return pages_of(self._connection.client, query, read, is_cloud=self._connection.facts.is_cloud)
