"""Working days in the company: Monday to Friday in Shanghai, public holidays and the plant's own maintenance stop."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count

from connectors.sandbox.world.workshop import SHANGHAI


def _days(year: int, *spans: str) -> tuple[date, ...]:
    """Dates of spans such as ``10-01..10-07``."""
    found = []
    for span in spans:
        first, _, last = span.partition("..")
        day, end = (date.fromisoformat(f"{year}-{text}") for text in (first, last or first))
        found += [day + timedelta(days=n) for n in range((end - day).days + 1)]
    return tuple(found)


_FIXED = ("01-01", "05-01", "10-01..10-03")
_PUBLISHED = {
    2025: ("01-28..02-04", "04-04..04-06", "05-01..05-05", "05-31..06-02", "10-01..10-08"),
    2026: (
        "01-01..01-03",
        "02-15..02-23",
        "04-04..04-06",
        "05-01..05-05",
        "06-19..06-21",
        "09-25..09-27",
        "10-01..10-07",
    ),
}
"""Days off as the State Council announced them; the days worked in exchange stand in ``_EXCHANGED``."""
_EXCHANGED = {
    2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
    2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}


def _span(anchor: datetime) -> tuple[date, date]:
    day = anchor.astimezone(SHANGHAI).date()
    return day - timedelta(days=280), day + timedelta(days=90)


def holidays(anchor: datetime) -> tuple[date, ...]:
    """Public holidays from nine months before the anchor to three months after it, sorted. Years without an announcement have the fixed days only."""
    first, last = _span(anchor)
    years = range(first.year, last.year + 1)
    days = {d for y in years for d in _days(y, *_FIXED, *_PUBLISHED.get(y, ()))}
    return tuple(sorted(d for d in days if first <= d <= last))


def exchanged(anchor: datetime) -> tuple[date, ...]:
    """Weekend days that were worked in exchange for holidays, in the same span."""
    first, last = _span(anchor)
    years = range(first.year, last.year + 1)
    return tuple(d for y in years for d in _days(y, *_EXCHANGED.get(y, ())) if first <= d <= last)


def is_ordinary(day: date, anchor: datetime) -> bool:
    """True for a working day if the maintenance stop is left aside."""
    worked = day.weekday() < 5 or day in exchanged(anchor)
    return worked and day not in holidays(anchor)


def maintenance_stop(anchor: datetime) -> tuple[date, ...]:
    """The plant's yearly stop: the four ordinary working days that end two ordinary working days before the anchor, oldest first."""
    today = anchor.astimezone(SHANGHAI).date()
    before = (today - timedelta(days=n) for n in count(1))
    ordinary = [next(d for d in before if is_ordinary(d, anchor)) for _ in range(5)]
    return tuple(reversed(ordinary[1:]))


def workdays_before(anchor: datetime, days: int) -> datetime:
    """The noon of the working day that lies ``days`` working days before the anchor's day, the stop counted as days off."""
    stop = maintenance_stop(anchor)
    today = anchor.astimezone(SHANGHAI).date()
    before = (today - timedelta(days=n) for n in count(1))
    day = today
    for _ in range(days):
        day = next(d for d in before if is_ordinary(d, anchor) and d not in stop)
    return datetime(day.year, day.month, day.day, 4, tzinfo=anchor.tzinfo)
