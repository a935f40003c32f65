"""The schedule: an interval or a cron expression, in the mapping's zone, with jitter."""

from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connectors.errors import ConfigError, TandemError
from mappings.schema import ScheduleSpec
from sync.scheduler import StopRequestedError, StopSignal, trigger_of


def test_without_a_cron_expression_it_runs_every_so_many_minutes() -> None:
    trigger = trigger_of(ScheduleSpec(every_minutes=20, jitter_s=5), zone="UTC")
    assert isinstance(trigger, IntervalTrigger)
    assert (trigger.interval, trigger.jitter) == (timedelta(minutes=20), 5)


def test_a_cron_expression_is_read_in_the_mappings_zone() -> None:
    trigger = trigger_of(ScheduleSpec(cron="30 8 * * mon-fri", jitter_s=0), zone="Asia/Shanghai")
    assert isinstance(trigger, CronTrigger)
    friday_evening = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert trigger.get_next_fire_time(None, friday_evening) == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def test_an_hour_that_does_not_exist_is_told_with_the_expression() -> None:
    with pytest.raises(ConfigError, match=r'"0 25 \* \* \*"'):
        trigger_of(ScheduleSpec(cron="0 25 * * *"), zone="UTC")


def test_a_stop_is_noticed_at_the_next_check_and_is_no_failure() -> None:
    stop = StopSignal()
    stop.check()
    stop.set()
    with pytest.raises(StopRequestedError) as caught:
        stop.check()
    assert not isinstance(caught.value, TandemError)
