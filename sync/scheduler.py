"""The worker's schedule: an interval or a cron expression, with jitter; never two runs at once; missed ticks are made up by one run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connectors.errors import ConfigError
from mappings.schema import ScheduleSpec
from sync.logs import log


class StopRequestedError(Exception):
    """The worker was asked to stop. Not a TandemError: nothing failed, and nobody on the way up shall take it for a failed scope."""


class StopSignal:
    """Set by SIGTERM or Ctrl-C; ``check`` ends the present step at the next safe place, between two transactions."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask for the stop."""
        self._event.set()

    @property
    def is_set(self) -> bool:
        """True once the stop was asked for."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise StopRequestedError if the stop was asked for."""
        if self._event.is_set():
            raise StopRequestedError


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

    def on_signal(number: int, _: FrameType | None) -> None:
        log().info("stopping", signal=signal.Signals(number).name)
        stop.set()
        # shutting down inside the handler would wait for a lock that the interrupted code may hold
        threading.Thread(target=scheduler.shutdown, name="stop").start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    cycle()
    if not stop.is_set:
        scheduler.start()
