"""Suppressions: all that are in force or were, from the mapping and by command, with what each holds now."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import RenderableType
from rich.table import Table

from sync.core.decided import SuppressedNow
from sync.core.drift.suppression import about_of
from sync.core.finding import Finding
from sync.reports.words import safe

_NAMED = 3
"""Findings that a row names; the others are counted."""


def view_of(rows: Iterable[SuppressedNow]) -> RenderableType:
    """A table, or a sentence where there is none."""
    listed = tuple(rows)
    if not listed:
        return "Nothing is suppressed."
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("ID", "ABOUT", "REASON", "OWNER", "UNTIL", "HOLDS NOW"):
        table.add_column(name, overflow="fold")
    for row in listed:
        until = f"{row.spec.until.isoformat()}{' expired' if row.is_expired else ''}"
        id_ = "mapping" if row.id is None else str(row.id)
        about, reason = safe(about_of(row.spec)), safe(row.spec.reason)
        table.add_row(id_, about, reason, safe(row.spec.owner), until, _held(row))
    return table


def _held(row: SuppressedNow) -> str:
    if not row.holds:
        return "-" if row.is_expired else "nothing"
    named = [f"{finding.rule} {safe(finding.subject_label)}" for finding in row.holds[:_NAMED]]
    more = len(row.holds) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def document_of(rows: Iterable[SuppressedNow]) -> dict[str, object]:
    """The same for programs."""
    return {"suppressions": [_fields(row) for row in rows]}


def _fields(row: SuppressedNow) -> dict[str, object]:
    kept: dict[str, object] = {"id": row.id, "is_expired": row.is_expired}
    return kept | row.spec.model_dump(mode="json") | {"holds": [fields_of(f) for f in row.holds]}


def fields_of(finding: Finding) -> dict[str, object]:
    """By what a program finds a finding again, and what people call it."""
    return {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "commitment": None if finding.commitment_key == "*" else finding.commitment_key,
        "subject_label": finding.subject_label,
    }
