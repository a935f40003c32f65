"""The schedule: an interval or a cron expression, in the mapping's zone, with jitter."""

from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connectors.errors import ConfigError
from mappings.schema import ScheduleSpec
from sync.scheduler import overdue_at, trigger_of


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


FRIDAY = datetime(2026, 11, 20, 20, 3, tzinfo=UTC)


def test_a_run_is_overdue_after_two_intervals_and_the_jitter() -> None:
    schedule = ScheduleSpec(every_minutes=20, jitter_s=30)
    assert overdue_at(schedule, zone="UTC", since=FRIDAY) == FRIDAY + timedelta(minutes=40, seconds=30)


def test_a_run_is_overdue_at_the_second_tick_of_a_cron_line_over_a_weekend() -> None:
    schedule = ScheduleSpec(cron="0 8-20 * * mon-fri", jitter_s=0)
    assert overdue_at(schedule, zone="UTC", since=FRIDAY) == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_cron_line_is_read_in_the_mappings_zone_also_where_the_clock_is_put_back() -> None:
    schedule = ScheduleSpec(cron="30 1 * * *", jitter_s=60)
    since = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)
    found = overdue_at(schedule, zone="America/New_York", since=since)
    assert found is not None
    assert found.astimezone(UTC) in {
        datetime(2026, 11, 1, 6, 31, tzinfo=UTC),
        datetime(2026, 11, 2, 6, 31, tzinfo=UTC),
    }


def test_a_cron_line_that_never_comes_true_again_makes_nothing_overdue() -> None:
    assert overdue_at(ScheduleSpec(cron="0 0 30 2 *"), zone="UTC", since=FRIDAY) is None
