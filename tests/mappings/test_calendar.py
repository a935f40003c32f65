from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.calendar import Calendar
from mappings.schema import CalendarSpec, Weekday

pytestmark = pytest.mark.pure

ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "America/Sao_Paulo"]


def calendar(**given):
    return Calendar(CalendarSpec.model_validate(given))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_weekday_is_worked_and_a_weekend_is_not():
    assert calendar().is_workday(date(2026, 11, 20))
    assert not calendar().is_workday(date(2026, 11, 21))


def test_a_holiday_is_not_worked():
    assert not calendar(holidays=["2026-10-01"]).is_workday(date(2026, 10, 1))


def test_a_listed_saturday_is_worked():
    assert calendar(workdays=["2026-10-10"]).is_workday(date(2026, 10, 10))


def test_another_week_is_kept():
    gulf = calendar(week=["sun", "mon", "tue", "wed", "thu"])
    assert [gulf.is_workday(date(2026, 11, day)) for day in (20, 21, 22)] == [False, False, True]


def test_an_instant_falls_on_the_day_of_the_zone():
    assert calendar(zone="Asia/Shanghai").day_of(utc("2026-11-20T16:00")) == date(2026, 11, 21)
    assert calendar(zone="America/New_York").day_of(utc("2026-11-20T04:59")) == date(2026, 11, 19)


def test_a_day_begins_at_midnight_of_the_zone():
    assert calendar(zone="Asia/Shanghai").start_of(date(2026, 11, 21)) == utc("2026-11-20T16:00")


def test_a_day_ends_where_the_next_begins():
    cal = calendar(zone="Europe/Berlin")
    assert cal.end_of(date(2026, 3, 29)) - cal.start_of(date(2026, 3, 29)) == timedelta(hours=23)
    assert cal.end_of(date(2026, 10, 25)) - cal.start_of(date(2026, 10, 25)) == timedelta(hours=25)


def test_where_the_clock_skips_midnight_the_day_begins_with_the_change():
    cal = calendar(zone="America/Sao_Paulo")
    assert cal.start_of(date(2018, 11, 4)) == utc("2018-11-04T03:00")
    assert cal.day_of(cal.start_of(date(2018, 11, 4))) == date(2018, 11, 4)


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        ("2026-11-20T12:00", "2026-11-23T12:00", 1.0),
        ("2026-11-20T00:00", "2026-11-23T00:00", 1.0),
        ("2026-11-21T03:00", "2026-11-22T20:00", 0.0),
        ("2026-11-16T00:00", "2026-11-23T00:00", 5.0),
        ("2026-11-16T06:00", "2026-11-16T18:00", 0.5),
        ("2026-11-23T12:00", "2026-11-20T12:00", -1.0),
        ("2024-02-28T00:00", "2024-03-01T00:00", 2.0),
        ("2026-09-30T00:00", "2026-10-12T00:00", 7.0),
    ],
)
def test_working_time_counts_whole_and_part_days(earlier, later, days):
    cal = calendar(holidays=["2026-10-01", "2026-10-02"], workdays=["2026-10-10"])
    assert cal.workdays_between(utc(earlier), utc(later)) == pytest.approx(days)


def test_a_day_of_23_hours_is_one_working_day():
    cal = calendar(zone="Europe/Berlin", workdays=["2026-03-29"])
    assert cal.workdays_between(
        cal.start_of(date(2026, 3, 29)), cal.end_of(date(2026, 3, 29))
    ) == pytest.approx(1.0)


def test_the_zone_of_an_instant_does_not_matter():
    here = utc("2026-11-20T12:00")
    there = here.astimezone(timezone(timedelta(hours=8)))
    cal = calendar(zone="Asia/Shanghai")
    assert cal.workdays_between(here, there) == 0
    assert cal.workdays_between(there, there + timedelta(days=3)) == pytest.approx(1.0)


def test_two_thousand_years_are_counted_without_a_loop():
    assert calendar().workdays_from(date(1, 1, 1), date(2001, 1, 1)) == pytest.approx(730485 / 7 * 5, abs=1)


def test_adding_no_days_changes_nothing():
    assert calendar().plus_workdays(utc("2026-11-21T10:00"), 0) == utc("2026-11-21T10:00")


def test_adding_a_day_on_friday_noon_leads_to_monday_noon():
    assert calendar().plus_workdays(utc("2026-11-20T12:00"), 1) == utc("2026-11-23T12:00")


def test_adding_days_on_a_weekend_begins_on_monday():
    assert calendar().plus_workdays(utc("2026-11-21T12:00"), 0.5) == utc("2026-11-23T12:00")


def test_a_negative_number_of_days_is_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        calendar().plus_workdays(utc("2026-11-21T12:00"), -1)


def test_more_days_than_a_century_holds_are_refused():
    with pytest.raises(ValueError, match="not 30000 working days within a century"):
        calendar().plus_workdays(utc("2026-11-21T12:00"), 30_000)


SINCE = datetime(2015, 1, 1, tzinfo=UTC)
instants = st.integers(0, 18 * 365 * 86_400).map(lambda seconds: SINCE + timedelta(seconds=seconds))
days = st.dates(date(2015, 1, 1), date(2032, 12, 31))
calendars = st.builds(
    lambda zone, week, holidays, workdays: Calendar(
        CalendarSpec(zone=zone, week=tuple(sorted(week)), holidays=holidays, workdays=workdays)
    ),
    st.sampled_from(ZONES),
    st.sets(st.sampled_from(list(Weekday)), min_size=1),
    st.frozensets(days, max_size=8),
    st.frozensets(days, max_size=8),
)


@given(calendars, days, days)
def test_counting_by_formula_equals_counting_by_hand(cal, first, last):
    first, last = sorted((first, last))
    last = min(last, first + timedelta(days=400))
    by_hand = sum(cal.is_workday(first + timedelta(days=n)) for n in range((last - first).days))
    assert cal.workdays_from(first, last) == by_hand


@given(calendars, instants)
def test_an_instant_lies_within_its_day(cal, instant):
    day = cal.day_of(instant)
    assert cal.start_of(day) <= instant < cal.end_of(day)


@given(calendars, days)
def test_the_start_of_a_day_is_on_that_day(cal, day):
    assert cal.day_of(cal.start_of(day)) == day


@given(calendars, instants, instants, instants)
def test_working_time_adds_up(cal, a, b, c):
    whole = cal.workdays_between(a, c)
    assert whole == pytest.approx(cal.workdays_between(a, b) + cal.workdays_between(b, c), abs=1e-6)


@given(calendars, instants, instants)
def test_working_time_never_runs_backwards_or_faster_than_the_clock(cal, a, b):
    a, b = sorted((a, b))
    assert 0 <= cal.workdays_between(a, b) <= (b - a) / timedelta(hours=23) + 1e-6


@given(calendars, instants, st.floats(0, 60))
def test_what_is_added_is_what_lies_between(cal, instant, amount):
    later = cal.plus_workdays(instant, amount)
    assert cal.workdays_between(instant, later) == pytest.approx(amount, abs=1e-6)
