"""Stamps: instants as the two vendors write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

_SHANGHAI = timezone(timedelta(hours=8))


def jira_time(at: datetime) -> str:
    """As Jira writes it, in the account's zone and with an offset without a colon: ``2026-11-20T11:04:05.000+0800``."""
    local = at.astimezone(_SHANGHAI)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}+0800"


def gitlab_time(at: datetime) -> str:
    """As GitLab writes it: ``2026-11-20T03:04:05.000Z``."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def commit_time(at: datetime) -> str:
    """As GitLab writes the dates of a commit, in the zone of the author's machine."""
    local = at.astimezone(_SHANGHAI)
    return f"{local:%Y-%m-%dT%H:%M:%S}.000+08:00"
