"""Calendar: which days are worked, where a day begins, and how much working time lies between two instants."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from mappings.schema import CalendarSpec, Weekday

_DAY = timedelta(days=1)
_WEEK = tuple(Weekday)
_LONGEST_SEARCH = timedelta(days=36_600)


@dataclass(frozen=True)
class Calendar:
    """The working calendar of a mapping. All instants are aware; days are days of the calendar's zone.

    A day listed under ``workdays`` is worked whatever else is said of it; a holiday is not; all others follow the week.
    """

    spec: CalendarSpec

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which days begin and end."""
        return ZoneInfo(self.spec.zone)

    @cached_property
    def _weekdays(self) -> frozenset[int]:
        return frozenset(_WEEK.index(day) for day in self.spec.week)

    @cached_property
    def _gained(self) -> tuple[date, ...]:
        return self._exceptions(self.spec.workdays, is_in_week=False)

    @cached_property
    def _lost(self) -> tuple[date, ...]:
        return self._exceptions(self.spec.holidays - self.spec.workdays, is_in_week=True)

    def _exceptions(self, days: Iterable[date], *, is_in_week: bool) -> tuple[date, ...]:
        return tuple(sorted(d for d in days if (d.weekday() in self._weekdays) is is_in_week))

    def is_workday(self, day: date) -> bool:
        """True if people work on ``day``."""
        if day in self.spec.workdays:
            return True
        return day not in self.spec.holidays and day.weekday() in self._weekdays

    def day_of(self, instant: datetime) -> date:
        """The day on which ``instant`` falls in the calendar's zone."""
        return instant.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """The first instant of ``day``, UTC; where the clock skips midnight, the instant of the change."""
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """The first instant after ``day``, UTC."""
        return self.start_of(day + _DAY)

    def workdays_from(self, first: date, last: date) -> int:
        """Number of working days from ``first`` up to and without ``last``; negative the other way round. Takes no loop over the days."""
        if last < first:
            return -self.workdays_from(last, first)
        weeks, rest = divmod((last - first).days, 7)
        count = weeks * len(self._weekdays)
        count += sum((first.weekday() + extra) % 7 in self._weekdays for extra in range(rest))
        return count + _within(self._gained, first, last) - _within(self._lost, first, last)

    def workdays_between(self, earlier: datetime, later: datetime) -> float:
        """Working days from ``earlier`` to ``later``, whole and part ones.

        A working day counts 1 from its midnight to the next (so Friday noon to Monday noon is one day in a five-day week), in proportion to its real
        length where clocks change; other days count nothing. Negative where ``later`` is the earlier one.
        """
        first, last = self.day_of(earlier), self.day_of(later)
        return self.workdays_from(first, last) + self._worked(later, last) - self._worked(earlier, first)

    def _worked(self, instant: datetime, day: date) -> float:
        """The part of ``day`` that has gone by at ``instant``, 0 to 1; 0 on days that are not worked."""
        if not self.is_workday(day):
            return 0.0
        start = self.start_of(day)
        return min(1.0, max(0.0, (instant - start) / (self.end_of(day) - start)))

    def plus_workdays(self, instant: datetime, days: float) -> datetime:
        """The first instant, UTC, at which ``days`` (0 or more) working days have gone by since ``instant``.

        Raises ``ValueError`` for a negative number, or where a century holds not enough working days.
        """
        if days < 0:
            raise ValueError("the number of working days must not be negative")
        if days == 0:
            return instant.astimezone(UTC)
        day = self.day_of(instant)
        remaining = days + self._worked(instant, day)
        latest = day + _LONGEST_SEARCH
        while day < latest:
            if self.is_workday(day):
                if remaining <= 1:
                    return self.start_of(day) + (self.end_of(day) - self.start_of(day)) * remaining
                remaining -= 1
            day += _DAY
        raise ValueError(f"there are not {days:g} working days within a century of {instant:%Y-%m-%d}")


def _within(days: tuple[date, ...], first: date, last: date) -> int:
    return bisect_left(days, last) - bisect_left(days, first)
