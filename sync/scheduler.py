"""The worker's schedule: an interval or a cron expression, with jitter; never two runs at once; missed ticks are made up by one run."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connectors.errors import ConfigError
from mappings.schema import ScheduleSpec
from sync.logs import log
from sync.stopping import StopSignal, listening


def trigger_of(schedule: ScheduleSpec, *, zone: str) -> CronTrigger | IntervalTrigger:
    """The trigger for a schedule; cron expressions are read in ``zone``. Raises ConfigError for an expression that no cron would take."""
    if schedule.cron is None:
        return IntervalTrigger(minutes=schedule.every_minutes, jitter=schedule.jitter_s, timezone=zone)
    try:
        trigger = CronTrigger.from_crontab(schedule.cron, timezone=zone)
    except ValueError as error:
        raise ConfigError(f'schedule.cron: "{schedule.cron}" is no cron expression: {error}') from error
    trigger.jitter = schedule.jitter_s
    return trigger


def work(cycle: Callable[[], None], trigger: CronTrigger | IntervalTrigger, stop: StopSignal) -> None:
    """Run ``cycle`` now and at every tick until a signal asks for the stop; the cycle under way ends at its next safe place.

    A tick that comes while a cycle runs is dropped; ticks missed while the machine slept are made up by one run.
    """
    scheduler = BlockingScheduler(timezone=trigger.timezone)
    scheduler.add_job(cycle, trigger, max_instances=1, coalesce=True, misfire_grace_time=None, id="cycle")

    def shut() -> None:
        with contextlib.suppress(
            SchedulerNotRunningError
        ):  # a stop in the first cycle: the schedule has not begun
            scheduler.shutdown()

    def begun(_: object) -> None:
        if stop.is_set:  # between the first cycle and the schedule
            threading.Thread(target=shut, name="stop").start()

    def told(number: int) -> None:
        log().info("stopping", signal=signal.Signals(number).name)
        # shutting down inside the handler would wait for a lock that the interrupted code may hold
        threading.Thread(target=shut, name="stop").start()

    scheduler.add_listener(begun, EVENT_SCHEDULER_STARTED)
    with listening(stop, told=told):
        log().info("worker_started", trigger=str(trigger))
        cycle()
        if not stop.is_set:
            scheduler.start()


def overdue_at(schedule: ScheduleSpec, *, zone: str, since: datetime) -> datetime | None:
    """When the next good run is missed if the last one ended at ``since``: two intervals later, or at the second tick of the cron line, and the jitter.

    None where the cron line never comes true again. Raises ConfigError for one that no cron would take.
    """
    jitter = timedelta(seconds=schedule.jitter_s)
    if schedule.cron is None:
        return since + 2 * timedelta(minutes=schedule.every_minutes) + jitter
    trigger = trigger_of(schedule.model_copy(update={"jitter_s": 0}), zone=zone)
    first = trigger.get_next_fire_time(None, since)
    second = (
        trigger.get_next_fire_time(first, first.astimezone(UTC) + timedelta(seconds=1)) if first else None
    )
    # in UTC, because adding to a local time forgets which of the two hours it is when clocks are put back
    return second.astimezone(UTC) + jitter if second else None


def due_at(schedule: ScheduleSpec, *, zone: str, since: datetime) -> datetime | None:
    """When the next round is due after one that began at ``since``, without the jitter, in UTC. None where the cron line never comes true again.

    Raises ConfigError for a line that no cron would take.
    """
    if schedule.cron is None:
        return since + timedelta(minutes=schedule.every_minutes)
    trigger = trigger_of(schedule.model_copy(update={"jitter_s": 0}), zone=zone)
    found = trigger.get_next_fire_time(None, since + timedelta(seconds=1))
    return found.astimezone(UTC) if found else None
