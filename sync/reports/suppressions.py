"""Suppressions: all that are in force or were, from the mapping and by command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from rich import box
from rich.console import RenderableType
from rich.table import Table

from mappings.drift_options import SuppressionSpec
from sync.core.drift.suppression import about_of
from sync.reports.words import safe


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRow:
    """One suppression; ``id`` is None for one of the mapping, which only the mapping can take away."""

    id: int | None
    spec: SuppressionSpec
    is_expired: bool


def rows_of(
    in_mapping: Iterable[SuppressionSpec], by_command: Mapping[int, SuppressionSpec], *, today: date
) -> tuple[SuppressionRow, ...]:
    """Those made by command by number, then the mapping's in its order."""
    numbered: list[tuple[int | None, SuppressionSpec]] = [*by_command.items()]
    numbered += [(None, spec) for spec in in_mapping]
    return tuple(SuppressionRow(id=i, spec=spec, is_expired=spec.until < today) for i, spec in numbered)


def view_of(rows: Iterable[SuppressionRow]) -> RenderableType:
    """A table, or a sentence where there is none."""
    listed = tuple(rows)
    if not listed:
        return "Nothing is suppressed."
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("ID", "ABOUT", "REASON", "OWNER", "UNTIL"):
        table.add_column(name, overflow="fold")
    for row in listed:
        until = f"{row.spec.until.isoformat()}{' expired' if row.is_expired else ''}"
        id_ = "mapping" if row.id is None else str(row.id)
        table.add_row(id_, safe(about_of(row.spec)), safe(row.spec.reason), safe(row.spec.owner), until)
    return table


def document_of(rows: Iterable[SuppressionRow]) -> dict[str, object]:
    """The same for programs."""
    return {
        "suppressions": [
            {"id": r.id, "is_expired": r.is_expired, **r.spec.model_dump(mode="json")} for r in rows
        ]
    }
