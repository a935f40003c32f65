"""Acknowledgements: of what people have taken notice, and whether that stands."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import RenderableType
from rich.table import Table

from sync.core.decided import AcknowledgedNow
from sync.core.drift.standing import Lapse
from sync.reports.words import safe

_LAPSED = {
    Lapse.DAY_OVER: "lapsed: its last day is over",
    Lapse.CLEARED: "lapsed: the finding has cleared",
    Lapse.CAME_BACK: "lapsed: it cleared and came back",
    Lapse.WORSE: "lapsed: it is worse now",
}


def view_of(rows: Iterable[AcknowledgedNow]) -> RenderableType:
    """A table, or a sentence where there is none."""
    listed = tuple(rows)
    if not listed:
        return "Nothing is acknowledged."
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("FINDING", "COMMITMENT", "BY", "AT", "UNTIL", "NOTE", "STANDS"):
        table.add_column(name, overflow="fold")
    for row in listed:
        given = row.given
        until = given.until.isoformat() if given.until else "it clears"
        key = "" if row.commitment_key == "*" else row.commitment_key
        stands = _LAPSED[row.lapse] if row.lapse else "holds" if row.finding else "holds; not found now"
        at = f"{given.at:%Y-%m-%d}"
        table.add_row(safe(row.about), safe(key), safe(given.owner), at, until, safe(given.note), stands)
    return table


def document_of(rows: Iterable[AcknowledgedNow]) -> dict[str, object]:
    """The same for programs."""
    return {"acknowledgements": [_fields(row) for row in rows]}


def _fields(row: AcknowledgedNow) -> dict[str, object]:
    given = row.given
    return {
        "fingerprint": given.fingerprint,
        "about": row.about,
        "commitment": None if row.commitment_key == "*" else row.commitment_key,
        "owner": given.owner,
        "severity": given.severity.word,
        "at": given.at.isoformat(),
        "until": given.until.isoformat() if given.until else None,
        "note": given.note,
        "lapse": row.lapse.value if row.lapse else None,
        "is_found_now": row.finding is not None,
    }
