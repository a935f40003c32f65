"""Jobs: parts of a tick as the queue's engine holds them: entered in the transaction that makes them ready, found again when they were lost."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

from procrastinate import App, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import DEFAULT_QUEUE, Job
from sqlalchemy import Connection

from sync.queue import schema
from sync.store.ticks import Part, Tick

_entering = App(connector=SyncPsycopgConnector())
"""Enters jobs through connections of ours; it is never opened."""


def enter(connection: Connection, tick: Tick, ready: Iterable[Part]) -> None:
    """Have parts done, once the transaction is stored: the queue's own locks let no two workers do one at a time."""
    jobs = [_job_of(tick, part) for part in ready]
    if jobs:
        schema.use(connection)
        _entering.job_manager.batch_defer_jobs(jobs, connection=_raw(connection))


def _job_of(tick: Tick, part: Part) -> Job:
    """``lock`` is what is worked on, whatever the tick; ``queueing_lock`` keeps a part from being entered twice."""
    return Job(
        id=None,
        queue=DEFAULT_QUEUE,
        lock=part.name,
        queueing_lock=f"{tick.id} {part.name}",
        task_name=part.kind,
        task_kwargs={"tick": tick.id, "name": part.name},
    )


def _raw(connection: Connection) -> Any:  # noqa: ANN401  # the driver's own connection
    return connection.connection.driver_connection


def enter_again(connection: Connection, tick: Tick, part: Part) -> None:
    """Enter a part that the engine has lost, unless somebody has done so in the same moment."""
    schema.use(connection)
    with contextlib.suppress(AlreadyEnqueued), connection.begin_nested():
        _entering.job_manager.batch_defer_jobs([_job_of(tick, part)], connection=_raw(connection))
