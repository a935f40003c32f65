"""Expiry: the last day of a token in words, and whether it is near. Pure."""

from __future__ import annotations

from datetime import date

_NEAR_DAYS = 14


def is_ending(expires_on: date, *, today: date) -> bool:
    """True if fewer than 14 days are left, or none."""
    return (expires_on - today).days < _NEAR_DAYS


def expiry_text(expires_on: date, *, today: date) -> str:
    """When the token ends, counted from ``today``."""
    days = (expires_on - today).days
    if days < 0:
        return f"expired on {expires_on}"
    return f"expires on {expires_on}, in {days} day{'' if days == 1 else 's'}"
