"""Small words that several views share: ages, colours, outside text made safe for the terminal."""

from __future__ import annotations

from datetime import datetime

from rich.markup import escape

from sync.core.finding import Severity
from sync.core.status import Agreement, Health

HEALTH_COLOURS = {
    Health.DONE: "green",
    Health.ON_TRACK: "green",
    Health.AT_RISK: "yellow",
    Health.OFF_TRACK: "red",
    Health.BLOCKED: "red",
    Health.UNKNOWN: "bright_black",
}
SEVERITY_COLOURS = {
    Severity.INFO: "bright_black",
    Severity.NOTICE: "cyan",
    Severity.WARNING: "yellow",
    Severity.HIGH: "red",
    Severity.CRITICAL: "bold red",
}


def safe(text: str) -> str:
    """Outside text for a terminal: control characters dropped (no escape sequence survives), brackets escaped for Rich."""
    return escape("".join(c for c in text if c.isprintable()))


def status_words(health: Health, agreement: Agreement) -> str:
    """``at risk · drifting`` with its colour."""
    return f"[{HEALTH_COLOURS[health]}]{health.value.replace('_', ' ')}[/] · {agreement.value}"


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest whole unit: ``3 days``, ``5 h``, ``12 min``, ``new`` below a minute."""
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 1:
        return "new"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def counted(number: int, noun: str) -> str:
    """``1 write``, ``2,000 writes``, ``3 branches``."""
    ending = "" if number == 1 else "es" if noun.endswith(("ch", "sh", "s")) else "s"
    return f"{number:,} {noun}{ending}"
