"""The command that runs for ever: a sync at every tick of the mapping's schedule."""

from __future__ import annotations

from typing import Annotated

import typer

from connectors.errors import ConfigError, TandemError
from mappings.schema import ScheduleSpec
from sync.cli.context import opened
from sync.cli.options import Options
from sync.cli.run import job_for, show
from sync.cli.watching import watching
from sync.engine.run import Watch
from sync.engine.run import sync as sync_once
from sync.logs import log
from sync.queue.schema import require_postgres
from sync.scheduler import trigger_of, work
from sync.stopping import StopRequestedError, StopSignal


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command()(worker)


def worker(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="One sync, then end, as tandem sync does.")] = False,
    queue: Annotated[
        bool,
        typer.Option("--queue", help="Share the work with other workers over one PostgreSQL, anywhere."),
    ] = False,
    every_minutes: Annotated[
        int | None, typer.Option("--every-minutes", min=1, help="Instead of the mapping's schedule.")
    ] = None,
    cron: Annotated[
        str | None,
        typer.Option("--cron", help='Instead of the mapping\'s schedule, such as "*/15 8-20 * * mon-fri".'),
    ] = None,
) -> None:
    """Sync now and then at every tick of the schedule, until SIGTERM or Ctrl-C; a run under way ends at its next safe place."""
    options: Options = context.obj
    if queue:
        _share(options, once=once, has_schedule=bool(every_minutes or cron))
        return
    if once:
        _once(options)
        return
    with opened(options) as app:
        spec = app.mapping.spec
    schedule = _schedule(spec.schedule, every_minutes, cron)
    stop = StopSignal()
    work(lambda: _tick(options, stop), trigger_of(schedule, zone=spec.calendar.zone), stop)
    log().info("worker_stopped")


def _share(options: Options, *, once: bool, has_schedule: bool) -> None:
    """One of several workers, of which any may be ended at any time. With ``once`` it ends when nothing is left to do."""
    if has_schedule:
        raise ConfigError("--queue goes by the mapping's schedule, for all workers are to go by the same")
    with opened(options) as app:
        require_postgres(app.engine)
        from sync.queue.worker import work as share  # noqa: PLC0415  # it takes an extra

        share(app, once=once)


def _schedule(given: ScheduleSpec, every_minutes: int | None, cron: str | None) -> ScheduleSpec:
    if every_minutes:
        return ScheduleSpec(every_minutes=every_minutes, jitter_s=given.jitter_s)
    return ScheduleSpec(cron=cron, jitter_s=given.jitter_s) if cron else given


def _once(options: Options) -> None:
    with opened(options) as app, watching() as watch, job_for(app, "sync", watch=watch) as job:
        outcome = sync_once(job)
    show(outcome, as_json=False)


def _tick(options: Options, stop: StopSignal) -> None:
    """One sync. What fails is logged and tried again at the next tick; the mapping is read anew each time."""
    try:
        with opened(options) as app, job_for(app, "worker", watch=Watch(check=stop.check)) as job:
            run = sync_once(job).run
    except StopRequestedError:
        log().info("run_stopped")
    except TandemError as error:
        log().error("run_failed", reason=str(error))
    else:
        log().info("run_ended", run=run.id, outcome=run.outcome, requests=run.requests, writes=run.writes)
