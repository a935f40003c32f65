"""Signals: what the headers of an answer ask of us: the tool's clock, Retry-After, and how near we are to a limit. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from msgspec import Struct

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_LONGEST_WAIT_S = 86_400.0
"""A tool that asks for more is taken to ask for a day: no clock of ours overflows, and the next run asks again."""
_LONGEST_WINDOW_S = 3_600.0
_UNTOLD_WINDOW_S = 60.0
_NEAR = 0.1
"""Share of a limit below which it is near."""
LONGEST_PAUSE_S = 5.0
"""A read near the limit waits no longer than this, and a write no longer than this for the limit to be whole again."""
_UNIX = 100_000_000
"""A reset below this is seconds from now, above it Unix time."""
_NARROW_REASONS = frozenset({"jira-burst-based", "jira-per-issue-on-write"})
"""Limits of one endpoint or one issue; the headers beside them say nothing about the site."""


def instant_of(http_date: str | None) -> datetime | None:
    """The instant of an HTTP date, UTC; None where absent or unreadable. Such dates are in GMT even where they do not say so."""
    try:
        at = parsedate_to_datetime(http_date or "")
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def retry_after_s(value: str | None, *, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header: whole or decimal seconds or an HTTP date; None where absent or unreadable.

    Of several values the longest counts; the past is 0, more than a day is a day. ``now`` is the clock that wrote the dates.
    """
    parts = [
        part.strip() for part in (value or "").split(",")
    ]  # a date's own comma only splits off its weekday
    waits = [wait for part in parts if (wait := _wait_in(part, now=now)) is not None]
    return min(max(0.0, *waits), _LONGEST_WAIT_S) if waits else None


def _wait_in(text: str, *, now: datetime) -> float | None:
    if _NUMBER.fullmatch(text):
        return float(text)
    at = instant_of(text) if any(letter.isdigit() for letter in text) else None
    return None if at is None else (at - now).total_seconds()


def asked_wait_s(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds to wait by an answer's Retry-After; a date counts from the answer's own Date, so that no skew of clocks matters."""
    return retry_after_s(headers.get("Retry-After"), now=instant_of(headers.get("Date")) or now)


class Quota(Struct, frozen=True, kw_only=True):
    """How much of a limit is left, and the seconds until it is whole again. ``is_near`` is True where little is left or the tool says so."""

    remaining: float
    left_s: float
    is_near: bool

    @property
    def pause_s(self) -> float:
        """Seconds between two reads: near the limit what is left is spread over the rest of the window, five seconds at most; else none."""
        return min(self.left_s / max(self.remaining, 1.0), LONGEST_PAUSE_S) if self.is_near else 0.0


def quota_of(headers: Mapping[str, str], *, now: datetime) -> Quota | None:
    """What an answer tells of the site's limit; None where it tells nothing, or only of one endpoint or issue.

    GitLab: RateLimit-Limit, -Remaining, -Reset (Unix time). Jira Cloud: X-RateLimit-Limit, -Remaining, -Reset (ISO 8601), -NearLimit.
    Data Center: X-RateLimit-Limit, -Remaining, -Interval-Seconds, -FillRate (tokens that come back in an interval).
    """
    if headers.get("RateLimit-Reason") in _NARROW_REASONS:
        return None
    is_told = (headers.get("X-RateLimit-NearLimit") or "").strip().casefold() == "true"
    remaining = _number(headers, "Remaining")
    if remaining is None and not is_told:
        return None
    limit = _number(headers, "Limit") or 0.0
    left = max(0.0, remaining or 0.0)
    return Quota(
        remaining=left,
        left_s=_left_s(headers, left, limit, now=instant_of(headers.get("Date")) or now),
        is_near=is_told or left <= limit * _NEAR,
    )


def _left_s(headers: Mapping[str, str], remaining: float, limit: float, *, now: datetime) -> float:
    interval_s, fill = _number(headers, "Interval-Seconds"), _number(headers, "FillRate")
    if interval_s and fill:
        left_s = max(limit - remaining, 1.0) * interval_s / fill
    else:
        left_s = _until_s(_told(headers, "Reset"), now=now)
    return min(left_s if left_s > 0 else _UNTOLD_WINDOW_S, _LONGEST_WINDOW_S)


def _until_s(reset: str, *, now: datetime) -> float:
    """Seconds until a reset, by Unix time, ISO 8601 or seconds from now; 0 where it cannot be read."""
    if _NUMBER.fullmatch(reset):
        number = float(reset)
        return number if number < _UNIX else number - now.timestamp()
    try:
        at = datetime.fromisoformat(reset)
    except ValueError:
        return 0.0
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()


def _told(headers: Mapping[str, str], name: str) -> str:
    return (headers.get(f"RateLimit-{name}") or headers.get(f"X-RateLimit-{name}") or "").strip()


def _number(headers: Mapping[str, str], name: str) -> float | None:
    text = _told(headers, name)
    return float(text) if _NUMBER.fullmatch(text) else None
