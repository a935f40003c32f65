"""Pull: reads every scope since its cursor and lands each page with its cursor in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from connectors.errors import AuthenticationError, ForbiddenError, NotFoundError, TandemError
from connectors.port import Completeness, Connector, Page, Request, Scope, Stream, Verdict
from sync.logs import log
from sync.store import progress, records

EVERYTHING = "*"
"""Stream or partition that stands for all of a source: a site that could not be reached at all."""


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

    ``tick`` is called after each page; ``paths`` tells the watched paths by what has been read so far (debt items name them in Jira).
    """

    engine: Engine
    run_id: str
    now: datetime
    is_full: bool = False
    watch: Callable[[Landed], None] = lambda _: None
    tick: Callable[[], None] = lambda: None
    paths: Callable[[], tuple[tuple[str, str], ...]] = tuple


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
    site refuses the credentials.
    """
    reached: list[tuple[Connector, TandemError | None]] = [(c, _connected(c)) for c in connectors]
    found: list[Verdict] = []
    for connector, error in reached:
        if error is None:
            connector.attend(job.paths())
            found += [v for stream in connector.streams() for v in _read(job, connector, stream)]
        else:
            scope = Scope(source=connector.source, stream=EVERYTHING, partition=EVERYTHING)
            found.append(verdict_of(scope, error, at=job.now))
    answered = frozenset(c.source for c, error in reached if error is None)
    with job.engine.begin() as connection:
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


def _read(job: Pull, connector: Connector, stream: Stream) -> Iterator[Verdict]:
    """Verdicts of one stream's partitions, read one after the other."""
    with job.engine.connect() as connection:
        known = progress.known_partitions(connection, source=connector.source, stream=stream.name)
    try:
        partitions = tuple(stream.partitions(known))
    except TandemError as error:
        scope = Scope(source=connector.source, stream=stream.name, partition=EVERYTHING)
        yield verdict_of(scope, error, at=job.now)
        return
    for partition in partitions:
        yield _read_scope(
            job, stream, Scope(source=connector.source, stream=stream.name, partition=partition)
        )


def _read_scope(job: Pull, stream: Stream, scope: Scope) -> Verdict:
    with job.engine.connect() as connection:
        cursor = progress.cursor_of(connection, scope)
    request = Request(scope=scope, cursor=cursor, now=job.now, is_full=job.is_full)
    error: TandemError | None = None
    try:
        for page in stream.pages(request):
            _land(job, scope, page)
    except TandemError as raised:
        error = raised
        log().warning("scope_unfinished", scope=str(scope), reason=str(raised))
    return verdict_of(scope, error, at=job.now)


def _land(job: Pull, scope: Scope, page: Page) -> None:
    with job.engine.begin() as connection:
        changed = records.land(connection, scope, page, now=job.now)
        progress.keep_cursor(connection, scope, page.cursor)
        progress.keep_skipped(connection, scope, page.skipped, run_id=job.run_id)
    for skipped in page.skipped:
        log().warning("record_skipped", scope=str(scope), what=skipped.what, reason=skipped.reason)
    job.watch(
        Landed(
            scope=scope, kinds=tuple(r.kind for r in page.records), changed=changed, skipped=len(page.skipped)
        )
    )
    job.tick()
