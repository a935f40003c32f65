"""Days as people give them on the command line."""

from __future__ import annotations

from datetime import date

from connectors.errors import ConfigError

_YEARS = range(1970, 3000)
"""Beyond them a day's beginning leaves the calendar in some zone."""


def day_in(text: str, *, option: str) -> date:
    """The day that ``text`` says; ConfigError, naming the option, if it says none."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(_refused(text, option)) from error
    if day.year not in _YEARS:
        raise ConfigError(_refused(text, option))
    return day


def coming_day(text: str, *, option: str, today: date) -> date:
    """The day that ``text`` says, which must not have gone by; ConfigError otherwise."""
    day = day_in(text, option=option)
    if day < today:
        raise ConfigError(f"{option}: {day.isoformat()} has gone by.")
    return day


def _refused(text: str, option: str) -> str:
    return f'{option}: "{text}" is no day; write it as YYYY-MM-DD, such as 2026-10-01.'
