"""Check: one line of ``doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How one check of ``doctor`` ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of ``doctor``: what was looked at, how it is, and what to do about it. ``is_access`` marks a credential or permission failure."""

    level: Level
    subject: str
    message: str
    advice: str = ""
    is_access: bool = False
