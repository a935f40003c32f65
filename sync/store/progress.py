"""How far reading has come: cursors, verdicts, runs and skipped records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, insert, select, update

from connectors.cursor import Cursor
from connectors.port import Completeness, Scope, Skipped, Verdict
from sync.store import bulk
from sync.store.dialect import upsert
from sync.store.questions import rows_by
from sync.store.tables import cursors, runs, skips, verdicts

CLOCKS = timedelta(minutes=10)
"""How far a clock may be ahead of the one that reads a cursor, less than every stream's overlap: two hosts are never of one mind."""

_SCOPE = ("source", "stream", "partition")
_BATCH = 300  # scopes per question


def cursor_of(connection: Connection, scope: Scope, *, now: datetime | None = None) -> Cursor:
    """The stored cursor; a fresh one where nothing has been read yet.

    With ``now``, what it says beyond that instant is not believed: it was written by a clock that has been set back since, so changes behind it may never
    have been read. The scope is then read anew; an unfinished walk from the future is begun again.
    """
    return cursors_among(connection, (scope,), now=now).get(scope, Cursor())


def cursors_among(
    connection: Connection, scopes: Iterable[Scope], *, now: datetime | None = None
) -> dict[Scope, Cursor]:
    """As ``cursor_of``, for all of these scopes, by one question for some hundreds of the streams that are parted alike; those without a cursor are left out."""
    found: dict[Scope, Cursor] = {}
    for (source, partitions), streams in _by_partitions(scopes).items():
        for start in range(0, len(partitions), _BATCH):
            some = partitions[start : start + _BATCH]
            for row in rows_by(connection, cursors, source=source, stream=streams, partition=some):
                scope = Scope(source=source, stream=row.stream, partition=row.partition)
                found[scope] = _believed(_cursor_in(row), now)
    return found


def _by_partitions(scopes: Iterable[Scope]) -> Mapping[tuple[str, tuple[str, ...]], list[str]]:
    """Streams by source and the partitions meant of them, for three columns compared with a list of triples are a full scan in SQLite."""
    parted: dict[tuple[str, str], list[str]] = {}
    for scope in scopes:
        parted.setdefault((scope.source, scope.stream), []).append(scope.partition)
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (source, stream), partitions in parted.items():
        found.setdefault((source, tuple(sorted(partitions))), []).append(stream)
    return found


def _cursor_in(row: Row[Any]) -> Cursor:
    return Cursor(
        read_to=row.read_to, walk_started_at=row.walk_started_at, position=row.position, tips=row.tips
    )


def _believed(kept: Cursor, now: datetime | None) -> Cursor:
    if now is None:
        return kept
    if kept.read_to and kept.read_to > now + CLOCKS:
        return Cursor(tips=kept.tips)  # what stood there still tells what is gone
    if kept.walk_started_at and kept.walk_started_at > now + CLOCKS:
        return Cursor(read_to=kept.read_to, tips=kept.tips)
    return kept


def keep_cursor(connection: Connection, scope: Scope, cursor: Cursor, *, now: datetime | None = None) -> None:
    """Store the cursor; ``read_to`` never goes back, unless it lies beyond ``now``, where no reading can have come."""
    keep_cursors(connection, {scope: cursor}, now=now)


def keep_cursors(
    connection: Connection, news: Mapping[Scope, Cursor], *, now: datetime | None = None
) -> None:
    """As ``keep_cursor``, all of them by one question and one statement. One that is as it was is not written."""
    before = cursors_among(connection, news)
    rows = [
        _row_of(scope, cursor, _believed(before.get(scope, Cursor()), now))
        for scope, cursor in news.items()
        if before.get(scope) != cursor
    ]
    bulk.put(connection, cursors, rows)


def _row_of(scope: Scope, cursor: Cursor, before: Cursor) -> dict[str, Any]:
    return {
        "source": scope.source,
        "stream": scope.stream,
        "partition": scope.partition,
        "read_to": max(filter(None, (before.read_to, cursor.read_to)), default=None),
        "walk_started_at": cursor.walk_started_at,
        "position": cursor.position,
        "tips": cursor.tips,
    }


def known_partitions(connection: Connection, *, source: str, stream: str) -> frozenset[str]:
    """Partitions of a stream that have a cursor."""
    return frozenset(rows_by(connection, cursors, ("partition",), source=source, stream=stream).scalars())


def read_instants(connection: Connection) -> Mapping[Scope, datetime]:
    """Up to when each scope that has a cursor was read; those that were never read to their end are left out."""
    query = select(cursors.c.source, cursors.c.stream, cursors.c.partition, cursors.c.read_to)
    return {
        Scope(source=source, stream=stream, partition=partition): read_to
        for source, stream, partition, read_to in connection.execute(
            query.where(cursors.c.read_to.is_not(None))
        )
    }


def keep_verdict(connection: Connection, verdict: Verdict) -> None:
    """Store how a scope ended; an incomplete one keeps the instant up to which it was last complete."""
    keep_verdicts(connection, (verdict,))


def keep_verdicts(connection: Connection, found: Iterable[Verdict]) -> None:
    """As ``keep_verdict``, those that are complete by one statement and the others by another. One that is as it was is not written."""
    by_kind: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    before = frozenset(all_verdicts(connection))
    for verdict in (one for one in found if one not in before):
        row = {
            "source": verdict.scope.source,
            "stream": verdict.scope.stream,
            "partition": verdict.scope.partition,
            "completeness": verdict.completeness.value,
            "at": verdict.at,
            "reason": verdict.reason,
        }
        by_kind[verdict.is_complete].append(row)
    for is_complete, rows in by_kind.items():
        if rows:
            statement = upsert(connection, verdicts)
            names = ("completeness", "reason", *(("at",) if is_complete else ()))
            news = {name: statement.excluded[name] for name in names}
            connection.execute(statement.on_conflict_do_update(index_elements=_SCOPE, set_=news), rows)


def forget_verdicts(connection: Connection, keep: Iterable[Scope], *, sources: frozenset[str]) -> None:
    """Drop the verdicts of ``sources`` but for the scopes in ``keep``: a project left the mapping, or a failed log-in came right."""
    kept = {(scope.source, scope.stream, scope.partition) for scope in keep}
    known = select(*(verdicts.c[name] for name in _SCOPE)).where(verdicts.c.source.in_(sources))
    left = [place for place in map(tuple, connection.execute(known)) if place not in kept]
    bulk.remove(connection, verdicts, [dict(zip(_SCOPE, place, strict=True)) for place in left])


def all_verdicts(connection: Connection, *, source: str | None = None) -> tuple[Verdict, ...]:
    """How every scope ended last time, or every one of a source."""
    query = select(verdicts) if source is None else select(verdicts).where(verdicts.c.source == source)
    return tuple(
        Verdict(
            scope=Scope(source=r.source, stream=r.stream, partition=r.partition),
            completeness=Completeness(r.completeness),
            at=r.at,
            reason=r.reason,
        )
        for r in connection.execute(query)
    )


class Run(Struct, frozen=True, kw_only=True):
    """One run of the engine. ``outcome`` is ``complete``, ``partial``, ``failed`` or None while it is under way or was killed."""

    id: str
    command: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str | None = None
    requests: int = 0
    records: int = 0
    skipped: int = 0
    writes: int = 0
    detail: str = ""


def begin_run(connection: Connection, run: Run) -> None:
    """Note that a run began."""
    connection.execute(insert(runs).values(id=run.id, command=run.command, started_at=run.started_at))


def end_run(connection: Connection, run: Run) -> None:
    """Note how a run ended."""
    connection.execute(
        update(runs)
        .where(runs.c.id == run.id)
        .values(
            finished_at=run.finished_at,
            outcome=run.outcome,
            requests=run.requests,
            records=run.records,
            skipped=run.skipped,
            writes=run.writes,
            detail=run.detail,
        )
    )


def recent_runs(connection: Connection, *, limit: int) -> tuple[Run, ...]:
    """The newest runs, newest first."""
    query = select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
    return tuple(Run(**row._mapping) for row in connection.execute(query))  # noqa: SLF001  # the documented way to a row's values by name


GOOD = frozenset({"complete", "partial"})
"""Outcomes of runs that did their work: a partial one left some scope to the next run and said so."""

READING = frozenset({"sync", "worker", "pull"})
"""Commands that read the tools."""


def good_runs(connection: Connection, *, limit: int) -> tuple[Run, ...]:
    """The newest good runs of commands that read the tools, newest first by their end."""
    is_good = runs.c.outcome.in_(GOOD) & runs.c.command.in_(READING)
    query = select(runs).where(is_good).order_by(runs.c.finished_at.desc(), runs.c.id).limit(limit)
    return tuple(Run(**row._mapping) for row in connection.execute(query))  # noqa: SLF001  # the documented way to a row's values by name


def keep_skipped(connection: Connection, scope: Scope, skipped: Iterable[Skipped], *, run_id: str) -> None:
    """Note records that could not be read."""
    rows = [{"run_id": run_id, "scope": str(scope), "what": s.what, "reason": s.reason} for s in skipped]
    if rows:
        connection.execute(insert(skips), rows)


def skipped_in(connection: Connection, run_id: str) -> tuple[tuple[str, str, str], ...]:
    """(scope, what, reason) of the records that a run could not read."""
    query = (
        select(skips.c.scope, skips.c.what, skips.c.reason)
        .where(skips.c.run_id == run_id)
        .order_by(skips.c.id)
    )
    return tuple((r.scope, r.what, r.reason) for r in connection.execute(query))
