"""Pull: reads every scope since its cursor and lands each page with its cursor in one transaction.

Once a day each scope is read with a long reach behind its cursor, because a search index can lag by more than a window's overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from connectors.cursor import Cursor
from connectors.errors import (
    AuthenticationError,
    BlockedError,
    ForbiddenError,
    NotFoundError,
    TandemError,
)
from connectors.port import Completeness, Connector, Page, Request, Scope, Stream, Verdict
from connectors.records import Project
from sync.logs import log
from sync.store import progress, projects, records
from sync.store.errors import LeaseHeldError, StoreError

EVERYTHING = "*"
"""Stream or partition that stands for all of a source: a site that could not be reached at all."""

REACH = timedelta(hours=48)
"""How far behind its cursor a scope is read where the long reach is due."""

SITE_WIDE = (AuthenticationError, BlockedError)
"""What one scope meets and every other of the source would meet too: the rest of the source is not asked any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """A page landed: the ``kinds`` of the records in it, one each; ``changed`` rows were new or different."""

    scope: Scope
    kinds: tuple[str, ...]
    changed: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What a pull needs besides the connectors: the store, the run's id and start, and who watches.

    ``tick`` is called after each page and ``guard`` inside each page's transaction, where it may refuse it; ``paths`` tells the watched paths by what has been read so far (debt items name them in Jira).
    ``reach_every`` is how often a scope is read with ``REACH``.
    """

    engine: Engine
    run_id: str
    now: datetime
    is_full: bool = False
    watch: Callable[[Landed], None] = lambda _: None
    tick: Callable[[], None] = lambda: None
    guard: Callable[[Connection], None] = lambda _: None
    paths: Callable[[], tuple[tuple[str, str], ...]] = tuple
    reach_every: timedelta = timedelta(days=1)


_COMPLETENESS: tuple[tuple[type[TandemError], Completeness], ...] = (
    (NotFoundError, Completeness.MISSING),
    (ForbiddenError, Completeness.FORBIDDEN),
    (AuthenticationError, Completeness.FORBIDDEN),
    (TandemError, Completeness.PARTIAL),
)


def verdict_of(scope: Scope, error: TandemError | None, *, at: datetime) -> Verdict:
    """How a scope ended: complete without an error, else by the error's class and in its words."""
    if error is None:
        return Verdict(scope=scope, completeness=Completeness.COMPLETE, at=at)
    completeness = next(c for kind, c in _COMPLETENESS if isinstance(error, kind))
    return Verdict(scope=scope, completeness=completeness, at=at, reason=str(error))


def pull(job: Pull, connectors: Iterable[Connector]) -> tuple[Verdict, ...]:
    """Read all connectors and return the verdict of every scope, which are stored as well.

    A site that does not answer is one verdict over everything of it; the others go on. Raises AuthenticationError, before anything is read, if a
    site refuses the credentials; in mid-run that ends the source's remaining scopes only.
    """
    reached: list[tuple[Connector, TandemError | None]] = [(c, _connected(c)) for c in connectors]
    found: list[Verdict] = []
    for connector, error in reached:
        if error is None:
            connector.attend(job.paths())
            found += _Reading(job, connector).verdicts()
        else:
            scope = Scope(source=connector.source, stream=EVERYTHING, partition=EVERYTHING)
            found.append(verdict_of(scope, error, at=job.now))
    answered = frozenset(c.source for c, error in reached if error is None)
    with job.engine.begin() as connection:
        job.guard(connection)
        for verdict in found:
            progress.keep_verdict(connection, verdict)
        progress.forget_verdicts(connection, (v.scope for v in found), sources=answered)
    return tuple(found)


def _connected(connector: Connector) -> TandemError | None:
    try:
        connector.connect()
    except AuthenticationError:
        raise
    except TandemError as error:
        log().warning("site_unreachable", source=connector.source, reason=str(error))
        return error
    return None


class _Reading:
    """One source's turn: its scopes one after the other, until an error that all of them would meet."""

    def __init__(self, job: Pull, connector: Connector) -> None:
        self._job = job
        self._connector = connector
        self._end: TandemError | None = None

    def verdicts(self) -> Iterator[Verdict]:
        """A verdict for every scope; those behind a site-wide error end with the same one, unasked."""
        for stream in self._connector.streams():
            yield from self._stream(stream)

    def _stream(self, stream: Stream) -> Iterator[Verdict]:
        source = self._connector.source
        with self._job.engine.connect() as connection:
            known = progress.known_partitions(connection, source=source, stream=stream.name)
        try:
            partitions = tuple(stream.partitions(known))
        except TandemError as error:
            yield self._ended(Scope(source=source, stream=stream.name, partition=EVERYTHING), error)
            return
        for partition in partitions:
            scope = Scope(source=source, stream=stream.name, partition=partition)
            yield self._ended(scope, self._end or read_scope(self._job, stream, scope))

    def _ended(self, scope: Scope, error: TandemError | None) -> Verdict:
        if isinstance(error, SITE_WIDE):
            self._end = error
        return verdict_of(scope, error, at=self._job.now)


def read_scope(job: Pull, stream: Stream, scope: Scope) -> TandemError | None:
    """Read one scope from its cursor and land it; returns what ended it early, None where it was read to its end."""
    is_far = _is_reach_due(job, scope)
    with job.engine.connect() as connection:
        cursor = progress.cursor_of(connection, scope, now=job.now)
    reach = REACH if is_far else timedelta(0)
    request = Request(scope=scope, cursor=cursor, now=job.now, is_full=job.is_full, reach=reach)
    try:
        for page in stream.pages(request):
            _land(job, scope, page)
    except (LeaseHeldError, StoreError):
        raise  # not the tool failed but our own store, or another process took it over: nothing more can be kept
    except TandemError as raised:
        log().warning("scope_unfinished", scope=str(scope), reason=str(raised))
        return raised
    if is_far and cursor.walk_started_at is None:  # a resumed walk began with an earlier bound
        _keep_reach(job, scope)
    return None


def _reach_of(scope: Scope) -> Scope:
    return replace(scope, stream=f"reach of {scope.stream}")


def _is_reach_due(job: Pull, scope: Scope) -> bool:
    with job.engine.connect() as connection:
        last = progress.cursor_of(connection, _reach_of(scope), now=job.now).read_to
    return last is None or job.now - last >= job.reach_every


def _keep_reach(job: Pull, scope: Scope) -> None:
    with job.engine.begin() as connection:
        job.guard(connection)
        progress.keep_cursor(connection, _reach_of(scope), Cursor(read_to=job.now), now=job.now)


def _land(job: Pull, scope: Scope, page: Page) -> None:
    with job.engine.begin() as connection:
        job.guard(connection)
        renamed = projects.renamed_among(connection, page.records)
        changed = records.land(connection, scope, page, now=job.now)
        progress.keep_cursor(connection, scope, page.cursor, now=job.now)
        for ref in renamed:
            projects.read_anew(connection, ref, now=job.now)
        progress.keep_skipped(connection, scope, page.skipped, run_id=job.run_id)
        for ref in (gone for gone in page.gone if gone.kind == Project.kind):
            changed += projects.bury_project(connection, ref, now=job.now)
    for skipped in page.skipped:
        log().warning("record_skipped", scope=str(scope), what=skipped.what, reason=skipped.reason)
    job.watch(
        Landed(
            scope=scope, kinds=tuple(r.kind for r in page.records), changed=changed, skipped=len(page.skipped)
        )
    )
    job.tick()
