"""Prune: removes what is older than the settings keep it, of the kinds whose loss makes no finding wrong and causes nothing to be read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Engine,
    FromClause,
    Table,
    and_,
    delete,
    exists,
    select,
)

from connectors.errors import ConfigError
from sync.store.decisions import remove_ended, remove_lapsed
from sync.store.errors import StoreError
from sync.store.progress import GOOD, READING
from sync.store.references import BETWEEN_RECORDS
from sync.store.tables import RECORD_TABLES, TABLE_BY_KIND, audit, runs, sightings, skips

LEAST_DAYS: Mapping[str, int] = MappingProxyType({"audit": 2, "gone": 30, "decision": 30})
"""The daily budgets of writes count the audit trail's lines of today, in whatever time zone the calendar is. A deleted issue is told of for 30 days (L06);
one that the mapping names is told of for longer, in the end by X04 alone. An expired suppression is told of (G10) until it is removed."""

_PIPELINES = TABLE_BY_KIND["pipeline"]
_JOBS = TABLE_BY_KIND["job"]
_TRIES = 3


def _is_superseded(pipeline: FromClause, cutoff: datetime) -> ColumnElement[bool]:
    """True for a pipeline before one that passed on the same branch, both before the cutoff.

    Whether a branch has been red since a merge is answered by the first pass after it, so what came before a kept pass is not asked for.
    """
    later = _PIPELINES.alias("later")
    return and_(
        pipeline.c.created_at < cutoff,
        exists().where(
            later.c.source == pipeline.c.source,
            later.c.project_id == pipeline.c.project_id,
            later.c.ref_name == pipeline.c.ref_name,
            later.c.origin == pipeline.c.origin,
            later.c.status == "success",
            later.c.gone_at.is_(None),
            later.c.created_at > pipeline.c.created_at,
            later.c.created_at < cutoff,
        ),
    )


def _pipelines(cutoff: datetime) -> tuple[Delete, ...]:
    return (*_jobs(cutoff), delete(_PIPELINES).where(_is_superseded(_PIPELINES, cutoff)))


def _jobs(cutoff: datetime) -> tuple[Delete, ...]:
    """Jobs are asked for again where a red branch's newest pipeline has none, so only superseded pipelines lose theirs."""
    pipeline = _PIPELINES.alias("pipeline")
    is_its = and_(pipeline.c.source == _JOBS.c.source, pipeline.c.id == _JOBS.c.pipeline_id)
    return (delete(_JOBS).where(exists().where(is_its, _is_superseded(pipeline, cutoff))),)


def _gone(cutoff: datetime) -> tuple[Delete, ...]:
    """Tombstones to which nothing belongs any more: what belongs to one would not be read again if it came back."""
    return tuple(
        delete(table).where(
            table.c.gone_at < cutoff,
            *(~_is_named(table, r.child, r.column) for r in BETWEEN_RECORDS if r.parent is table),
        )
        for table in RECORD_TABLES.values()
    )


def _is_named(parent: Table, child: Table, column: str) -> ColumnElement[bool]:
    return exists().where(child.c.source == parent.c.source, child.c[column] == parent.c.id)


def _runs(cutoff: datetime) -> tuple[Delete, ...]:
    """The newest good run stays, however old: it tells since when nothing has gone well."""
    is_good = runs.c.outcome.in_(GOOD) & runs.c.command.in_(READING)
    newest_good = select(runs.c.id).where(is_good).order_by(runs.c.finished_at.desc(), runs.c.id).limit(1)
    is_old = and_(runs.c.started_at < cutoff, runs.c.id.not_in(newest_good.scalar_subquery()))
    of_old = skips.c.run_id.in_(select(runs.c.id).where(is_old))
    return (delete(skips).where(of_old), delete(runs).where(is_old))


def _deployments(cutoff: datetime) -> tuple[Delete, ...]:
    table = TABLE_BY_KIND["deployment"]
    return (delete(table).where(table.c.updated_at < cutoff),)


def _audit(cutoff: datetime) -> tuple[Delete, ...]:
    return (delete(audit).where(audit.c.at < cutoff),)


_Removal: TypeAlias = Callable[[Connection, datetime, datetime], int]
"""Removes what is older than an instant, at an instant, and returns how many rows."""


def _by(statements: Callable[[datetime], tuple[Delete, ...]]) -> _Removal:
    return lambda connection, cutoff, _: sum(connection.execute(s).rowcount for s in statements(cutoff))


def _sightings(connection: Connection, cutoff: datetime, now: datetime) -> int:
    """With a finding's life goes what was acknowledged of it: without the life nobody could tell that it holds no more."""
    remove_ended(connection, before=cutoff, now=now)
    return connection.execute(delete(sightings).where(sightings.c.cleared_at < cutoff)).rowcount


KINDS: Mapping[str, _Removal] = MappingProxyType(
    {
        "gone": _by(_gone),
        "pipeline": _by(_pipelines),
        "job": _by(_jobs),
        "deployment": _by(_deployments),
        "run": _by(_runs),
        "audit": _by(_audit),
        "decision": lambda connection, cutoff, now: remove_lapsed(connection, before=cutoff, now=now),
        "sighting": _sightings,
    }
)
"""What removes each kind."""


def pruned(
    engine: Engine, days: Mapping[str, int], *, now: datetime, is_dry: bool = False
) -> Mapping[str, int]:
    """Remove what is older than its days and return how many rows by kind; ``is_dry`` counts only. A worker may be at work meanwhile.

    Raises ConfigError, before anything is removed, for kinds that may not be pruned and for too few days.
    """
    problems = tuple(_problems(days))
    if problems:
        raise ConfigError(*problems)
    return {
        kind: _removed(engine, KINDS[kind], now - timedelta(days=days[kind]), now=now, is_dry=is_dry)
        for kind in days
    }


def _problems(days: Mapping[str, int]) -> tuple[str, ...]:
    unknown = [
        f'TANDEM_RETENTION_DAYS: "{kind}" cannot be pruned; allowed: {", ".join(KINDS)}'
        for kind in days
        if kind not in KINDS
    ]
    few = [
        f"TANDEM_RETENTION_DAYS: {kind} wants at least {least} days, not {days[kind]}"
        for kind in days
        if days[kind] < (least := LEAST_DAYS.get(kind, 1))
    ]
    return (*unknown, *few)


def _removed(engine: Engine, removal: _Removal, cutoff: datetime, *, now: datetime, is_dry: bool) -> int:
    """One transaction per kind, rolled back where it is only counted; tried again where a worker's transaction crossed it."""
    for attempt in range(_TRIES):
        try:
            with engine.connect() as connection:
                count = removal(connection, cutoff, now)
                connection.rollback() if is_dry else connection.commit()
                return count
        except StoreError:
            if attempt + 1 == _TRIES:
                raise
    raise AssertionError  # the last attempt returned or raised


def tidied(engine: Engine) -> bool:
    """Give the room of removed rows back and let the database count anew; False where that must wait, because others are at work on it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        statements = (
            ("PRAGMA optimize", "VACUUM") if engine.dialect.name == "sqlite" else ("VACUUM (ANALYZE)",)
        )
        try:
            for statement in statements:
                connection.exec_driver_sql(statement)
        except StoreError:
            return False
    return True
