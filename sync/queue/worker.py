"""Worker: one process that takes parts of ticks from the queue, one at a time, until a signal asks for the stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from importlib import import_module
from typing import Any

from msgspec.structs import replace
from procrastinate import App as Engine
from procrastinate import BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job, Status
from psycopg_pool import PoolTimeout

from connectors.errors import ConfigError
from sync.app import App
from sync.logs import log
from sync.queue import rounds, schema
from sync.queue.doing import KINDS, Hand, LaterError
from sync.stopping import StopRequestedError, StopSignal, listening
from sync.store.budgets import StoredBudgets
from sync.store.connections import POSTGRES_OPTIONS
from sync.store.errors import StoreError
from sync.store.holders import name_of_holder
from sync.store.queue_tables import MIND, SCHEMA

_SIGNS = 3
"""Signs of life within the time after which a worker is taken for dead."""
_LOOKS_S = 1.0
"""Seconds between looks for jobs whose time has come; of all others the database tells at once."""
_LOST = "the queue's connection to the database was lost; start this worker again"
_KEPT_HOURS = 24 * 7
"""Failed jobs are kept so long, for people."""


class _Retries(BaseRetryStrategy):
    """What is to be done later is done later, what was stopped goes back at once, and nothing else is done again."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002  # the base class's signature
        """When to try again; None for a job that has failed."""
        match exception:
            case LaterError():
                return RetryDecision(retry_in={"milliseconds": int(exception.after_s * 1000)})
            case StopRequestedError():
                return RetryDecision()
            case _:
                return None


def work(app: App, *, once: bool = False) -> None:
    """Take parts from the queue and begin ticks when they are due, until SIGTERM or Ctrl-C. With ``once`` begin a tick at once and end when nothing is left to do.

    Raises ConfigError where the store cannot serve as a queue, StoreError where the connection to it was lost.
    """
    schema.prepare(app.engine)
    _tell_of_engine()
    stop = StopSignal()
    shared = replace(app, commons=StoredBudgets(app.engine))
    hand = Hand(app=shared, name=name_of_holder(), check=stop.check)
    _load(shared)
    try:
        asyncio.run(_run(hand, stop, once=once))
    except (ConnectorException, PoolTimeout) as error:
        raise StoreError(_LOST) from error
    finally:
        hand.sites.forget()
    if not (stop.is_set or once):
        raise StoreError(_LOST)
    log().info("worker_stopped")


def _load(app: App) -> None:
    """Load what parts need before there is anything to do: all workers would do it in the first moments of a tick, when others wait for them."""
    import_module("sync.engine.deliver")
    with contextlib.suppress(ConfigError), app.connectors() as connectors:  # the parts will tell of it
        for connector in connectors:
            connector.sink()


async def _run(hand: Hand, stop: StopSignal, *, once: bool) -> None:
    stalled_s = hand.app.settings.queue_stalled_s
    engine = _engine(hand, stalled_s)
    if once:
        await asyncio.to_thread(rounds.look_after, hand.app, anew=hand.take_up_mapping, is_wanted=True)
    async with engine.open_async():
        running = asyncio.create_task(
            engine.run_worker_async(
                name=hand.name,
                wait=not once,
                concurrency=1,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=stalled_s / _SIGNS,
                stalled_worker_timeout=stalled_s,
                fetch_job_polling_interval=min(_LOOKS_S, stalled_s),
            )
        )
        loop = asyncio.get_running_loop()

        def told(number: int) -> None:
            log().info("stopping", signal=signal.Signals(number).name)
            loop.call_soon_threadsafe(running.cancel)

        with listening(stop, told=told), contextlib.suppress(asyncio.CancelledError):
            log().info("worker_started", worker=hand.name)
            await running


def _engine(hand: Hand, stalled_s: float) -> Engine:
    """The queue's engine over the store's database, with a task for each kind of part and the one that looks after ticks."""
    url = hand.app.engine.url.set(drivername="postgresql")
    connector = PsycopgConnector(
        conninfo=url.render_as_string(hide_password=False),
        kwargs={k: v for k, v in POSTGRES_OPTIONS.items() if k not in url.query},
        configure=_configure,
        min_size=1,
        max_size=4,
    )
    engine = Engine(connector=connector)
    for kind in KINDS:
        engine.task(name=kind, pass_context=True, retry=_Retries())(_task(hand))
    every_s = max(1, min(30, int(stalled_s / _SIGNS)))
    mind = engine.task(name=MIND, queueing_lock=MIND, priority=10)(_minding(hand, engine, stalled_s))
    engine.periodic(cron=f"* * * * * */{every_s}")(mind)
    return engine


async def _configure(connection: Any) -> None:  # noqa: ANN401  # the driver's own connection
    await connection.execute(
        "SELECT set_config('search_path', %s || ',' || current_setting('search_path'), false)", (SCHEMA,)
    )
    await connection.commit()


def _task(hand: Hand) -> Callable[[JobContext, int, str], None]:
    def do(context: JobContext, tick: int, name: str) -> None:
        hand.do(tick, name, f"{context.job.id}/{context.job.attempts}")

    return do


def _minding(hand: Hand, engine: Engine, stalled_s: float) -> Callable[[int], Any]:
    async def mind(timestamp: int) -> None:  # noqa: ARG001  # the engine tells it
        """Give the work of dead workers to others, and look after the tick."""
        manager = engine.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=stalled_s):
            log().warning("job_rescued", task=job.task_name, job=job.id)
            try:
                await manager.retry_job(job)
            except (AlreadyEnqueued, UniqueViolation):  # the same is waiting already
                await manager.finish_job(job, Status.ABORTED, delete_job=True)
        await manager.delete_old_jobs(nb_hours=_KEPT_HOURS, include_failed=True)
        await asyncio.to_thread(rounds.look_after, hand.app, anew=hand.take_up_mapping)

    return mind


class _Telling(logging.Handler):
    """What the engine warns of goes where our own lines go."""

    def emit(self, record: logging.LogRecord) -> None:
        log().warning("queue_engine", said=record.getMessage())


def _tell_of_engine() -> None:
    for name in ("procrastinate", "psycopg.pool", "asyncio"):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.WARNING)
        logger.handlers[:] = [_Telling()]
