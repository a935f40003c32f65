"""Census: finds deletions, which incremental reading cannot see. Only a confirmed deletion becomes a tombstone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.cursor import Cursor
from connectors.errors import TandemError
from connectors.port import Census, Connector, Scope
from connectors.records import Ref
from sync.engine.pull import Pull
from sync.logs import log
from sync.store import progress, records


def count(job: Pull, connectors: Iterable[Connector], *, every: timedelta) -> int:
    """Bury what the tools confirm as deleted; returns how many. A partition is counted at most once in ``every``.

    A failed count buries nothing and is tried again in the next run.
    """
    buried = 0
    for connector in connectors:
        for census in connector.censuses():
            for partition in _partitions(connector, census):
                scope = Scope(source=connector.source, stream=f"census of {census.kind}", partition=partition)
                buried += _counted(job, census, scope) if _is_due(job, scope, every=every) else 0
    return buried


def _partitions(connector: Connector, census: Census) -> tuple[str, ...]:
    try:
        return tuple(census.partitions())
    except TandemError as error:
        log().warning("census_failed", source=connector.source, kind=census.kind, reason=str(error))
        return ()


def _is_due(job: Pull, scope: Scope, *, every: timedelta) -> bool:
    """True where the last count is older than ``every``. A partition never counted has just been read whole, so its clock starts now."""
    with job.engine.begin() as connection:
        last = progress.cursor_of(connection, scope).read_to
        if last is None:
            progress.keep_cursor(connection, scope, Cursor(read_to=job.now))
    return last is not None and (job.is_full or job.now - last >= every)


def _counted(job: Pull, census: Census, scope: Scope) -> int:
    with job.engine.connect() as connection:
        stored = records.live_ids(
            connection, source=scope.source, kind=census.kind, partition=scope.partition
        )
    try:
        missing = stored - census.ids(scope.partition)
        gone = census.confirmed_gone(scope.partition, missing) if missing else frozenset()
    except TandemError as error:
        log().warning("census_failed", scope=str(scope), reason=str(error))
        return 0
    with job.engine.begin() as connection:
        records.bury(
            connection, (Ref(source=scope.source, kind=census.kind, id=i) for i in gone), now=job.now
        )
        progress.keep_cursor(connection, scope, Cursor(read_to=job.now))
    return len(gone)
