"""Check: one line of ``doctor``, and what it says of a token's last day."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

_NEAR_DAYS = 14


class Level(StrEnum):
    """How one check of ``doctor`` ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Check(Struct, frozen=True, kw_only=True):
    """One line of ``doctor``: what was looked at, how it is, and what to do about it. ``is_access`` marks a credential or permission failure."""

    level: Level
    subject: str
    message: str
    advice: str = ""
    is_access: bool = False


def is_ending(expires_on: date, *, today: date) -> bool:
    """True if fewer than 14 days are left, or none."""
    return (expires_on - today).days < _NEAR_DAYS


def expiry_text(expires_on: date, *, today: date) -> str:
    """When the token ends, counted from ``today``."""
    days = (expires_on - today).days
    if days < 0:
        return f"expired on {expires_on}"
    return f"expires on {expires_on}, in {days} day{'' if days == 1 else 's'}"
