"""Census: compares what the tools hold with what is stored, which incremental reading cannot do.

What is stored and not counted is settled by direct reads: only a confirmed deletion becomes a tombstone. What is counted and not stored is read
again in the same run; if it stays out, the scope is unknown. A count that could not be made is no doubt about what was read, so it changes no
verdict; a count that contradicts the store is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.errors import RetryableError, TandemError
from connectors.port import Census, Connector, Scope, Settled, Stream, Verdict
from connectors.records import Ref
from sync.engine.pull import Pull, read_scope, verdict_of
from sync.logs import log
from sync.store import progress, records
from sync.store.errors import LeaseHeldError, StoreError

_NAMED = 5  # ids that a reason names


class Gap(Struct, frozen=True, kw_only=True):
    """Where count and store differ: ids ``uncounted`` (stored in this partition, not counted) and ``unread`` (counted, stored nowhere)."""

    uncounted: frozenset[str]
    unread: frozenset[str]


def gap_of(
    counted: frozenset[str], *, here: frozenset[str], anywhere: frozenset[str], unreadable: frozenset[str]
) -> Gap:
    """The difference between a count and what is stored ``here`` and ``anywhere``; ``unreadable`` ids are known to have no readable record."""
    return Gap(uncounted=here - counted, unread=counted - anywhere - unreadable)


def contradiction_of(scope: Scope, unread: frozenset[str]) -> RetryableError | None:
    """Why a scope is unknown although it was read to its end; None where nothing is missing."""
    if not unread:
        return None
    some = ", ".join(sorted(unread)[:_NAMED])
    more = ", ..." if len(unread) > _NAMED else ""
    return RetryableError(
        f"{scope}: {len(unread)} that the tool counts could not be read, even by a full walk ({some}{more}); counted again in the next run"
    )


def count(
    job: Pull, connectors: Iterable[Connector], verdicts: Iterable[Verdict], *, every: timedelta
) -> tuple[Verdict, ...]:
    """The verdicts after counting, stored where they changed. A partition is counted at most once in ``every``, and only where its scope was read whole.

    A failed count buries nothing and is tried again in the next run.
    """
    found = {v.scope: v for v in verdicts}
    for connector in connectors:
        for census in connector.censuses():
            for scope in _due(job, connector, census, found, every=every):
                error = _Counting(job, connector, census, scope).result()
                if error is not None:
                    found[scope] = verdict_of(scope, error, at=job.now)
                    _keep(job, found[scope])
    return tuple(found.values())


def _due(
    job: Pull, connector: Connector, census: Census, found: Mapping[Scope, Verdict], *, every: timedelta
) -> tuple[Scope, ...]:
    try:
        partitions = tuple(dict.fromkeys(census.partitions()))
    except TandemError as error:
        log().warning("census_failed", source=connector.source, kind=census.kind, reason=str(error))
        return ()
    scopes = (Scope(source=connector.source, stream=census.stream, partition=p) for p in partitions)
    whole = (s for s in scopes if s in found and found[s].is_complete)
    return _older(job, census, tuple(whole), every=every)


def _clock_of(census: Census, scope: Scope) -> Scope:
    return replace(scope, stream=f"census of {census.kind}")


def _older(job: Pull, census: Census, scopes: tuple[Scope, ...], *, every: timedelta) -> tuple[Scope, ...]:
    """The scopes whose last count is older than ``every``. One never counted has just been read whole, so its clock starts now."""
    clocks = {_clock_of(census, scope): scope for scope in scopes}
    with job.engine.connect() as connection:
        kept = progress.cursors_among(connection, clocks, now=job.now)
    last = {scope: kept[clock].read_to for clock, scope in clocks.items() if clock in kept}
    fresh = {clock: Cursor(read_to=job.now) for clock, scope in clocks.items() if last.get(scope) is None}
    if fresh:
        with job.engine.begin() as connection:
            job.guard(connection)
            progress.keep_cursors(connection, fresh, now=job.now)
    return tuple(scope for scope, at in last.items() if at and (job.is_full or job.now - at >= every))


def _keep(job: Pull, verdict: Verdict) -> None:
    with job.engine.begin() as connection:
        job.guard(connection)
        progress.keep_verdict(connection, verdict)


class _Counting:
    """The count of one partition and what follows from it."""

    def __init__(self, job: Pull, connector: Connector, census: Census, scope: Scope) -> None:
        self._job = job
        self._connector = connector
        self._census = census
        self._scope = scope
        self._clock = _clock_of(census, scope)

    def result(self) -> TandemError | None:
        """What the count found against the scope; None where the store agrees in the end, or where no count could be made."""
        try:
            gap = self._gap(self._census.ids(self._scope.partition))
            settled = self._settled(gap.uncounted)
        except (LeaseHeldError, StoreError):
            raise
        except TandemError as error:
            log().warning("census_failed", scope=str(self._scope), kind=self._census.kind, reason=str(error))
            return None
        self._land(settled)
        contradiction = self._repaired(gap.unread) if gap.unread else None
        if contradiction is None:
            self._done(gap.unread)
        else:
            log().warning("census_contradicts", scope=str(self._scope), reason=str(contradiction))
        self._job.tick()
        return contradiction

    def _gap(self, counted: frozenset[str]) -> Gap:
        source, kind = self._scope.source, self._census.kind
        with self._job.engine.connect() as connection:
            here = records.live_ids(connection, source=source, kind=kind, partition=self._scope.partition)
        return gap_of(counted, here=here, anywhere=self._stored(), unreadable=self._known_unreadable())

    def _settled(self, uncounted: frozenset[str]) -> Settled:
        return self._census.settled(self._scope.partition, uncounted) if uncounted else Settled()

    def _land(self, settled: Settled) -> None:
        job, source, kind = self._job, self._scope.source, self._census.kind
        with job.engine.begin() as connection:
            job.guard(connection)
            refs = (Ref(source=source, kind=kind, id=i) for i in sorted(settled.gone))
            records.bury(connection, refs, now=job.now)
            for partition, page in settled.moved:
                records.land(connection, replace(self._scope, partition=partition), page, now=job.now)

    def _repaired(self, unread: frozenset[str]) -> TandemError | None:
        """Read the window again, which holds what came since, then everything, until nothing counted is missing."""
        stream = self._stream()
        for is_full in (False, True):
            if is_full and self._job.is_full:
                break  # the window of a full run was a full walk already
            error = read_scope(replace(self._job, is_full=is_full or self._job.is_full), stream, self._scope)
            if error is not None:
                return error
            unread = unread - self._stored() - self._skipped()
            if not unread:
                return None
        return contradiction_of(self._scope, unread)

    def _stream(self) -> Stream:
        return next(s for s in self._connector.streams() if s.name == self._census.stream)

    def _stored(self) -> frozenset[str]:
        with self._job.engine.connect() as connection:
            return records.live_ids(connection, source=self._scope.source, kind=self._census.kind)

    def _skipped(self) -> frozenset[str]:
        """Ids that this run said to have no readable record: they stay out of later counts."""
        with self._job.engine.connect() as connection:
            skipped = progress.skipped_in(connection, self._job.run_id)
        mine = (what for scope, what, _ in skipped if scope == str(self._scope) and "," not in what)
        return frozenset(what.rpartition(" ")[2] for what in mine)

    def _done(self, unread: frozenset[str]) -> None:
        """Start the clock anew and note which counted ids have no readable record."""
        unreadable = (self._known_unreadable() | (unread & self._skipped())) - self._stored()
        tips = tuple((id_, "unreadable") for id_ in sorted(unreadable))
        with self._job.engine.begin() as connection:
            self._job.guard(connection)
            progress.keep_cursor(
                connection, self._clock, Cursor(read_to=self._job.now, tips=tips), now=self._job.now
            )

    def _known_unreadable(self) -> frozenset[str]:
        with self._job.engine.connect() as connection:
            return frozenset(id_ for id_, _ in progress.cursor_of(connection, self._clock).tips)
