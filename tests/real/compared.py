"""Comparison of our rows with another system's: equal, or different in a way that was chosen and written down with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Row: TypeAlias = Mapping[str, object]
PRESENCE = "(row)"
"""The column that differs where one side lacks the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One column of one record on which the two sides differ, and why ours is right as it is."""

    record: str
    column: str
    ours: object
    theirs: object
    reason: str

    @property
    def fact(self) -> tuple[str, str, object, object]:
        """What differs, without the reason."""
        return self.record, self.column, self.ours, self.theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How one table compares: rows, values, and how many of both are equal or explained.

    ``unexplained`` and ``stale`` must be empty: each is either a defect or an excuse that no longer holds.
    """

    table: str
    rows: int
    values: int
    equal: int
    explained: int
    chosen: int
    unexplained: tuple[tuple[str, str, object, object], ...]
    stale: tuple[Difference, ...]

    @property
    def line(self) -> str:
        """The summary in one line. A row is explained where it differs and every difference of it has a reason."""
        wrong = f", {len(self.unexplained)} differences without reason" if self.unexplained else ""
        rows = f"{self.rows} rows compared, {self.equal} equal, {self.explained} explained"
        return f"{self.table}: {rows}{wrong}; of {self.values} values {self.chosen} differ by choice"


def compared(
    table: str,
    ours: Mapping[str, Row],
    theirs: Mapping[str, Row],
    chosen: Iterable[Difference] = (),
) -> Comparison:
    """Compares by key the columns that the other side's rows have. A row that one side lacks differs in ``PRESENCE``."""
    chosen = tuple(chosen)
    reasons = {difference.fact for difference in chosen}
    found = {key: _differing(key, ours.get(key), theirs.get(key)) for key in sorted(ours | theirs)}
    facts = {fact for differing in found.values() for fact in differing}
    return Comparison(
        table=table,
        rows=len(found),
        values=sum(len(row) for row in theirs.values()),
        equal=sum(not differing for differing in found.values()),
        explained=sum(bool(differing) and set(differing) <= reasons for differing in found.values()),
        chosen=len(facts & reasons),
        unexplained=tuple(f for differing in found.values() for f in differing if f not in reasons),
        stale=tuple(difference for difference in chosen if difference.fact not in facts),
    )


def _differing(key: str, ours: Row | None, theirs: Row | None) -> list[tuple[str, str, object, object]]:
    if ours is None or theirs is None:
        return [(key, PRESENCE, ours is not None, theirs is not None)]
    return [(key, name, ours[name], value) for name, value in theirs.items() if ours[name] != value]


def require_same(comparison: Comparison) -> None:
    """Fails if nothing was compared, a difference has no reason, or a reason has no difference."""
    assert comparison.values > 0, f"{comparison.table}: nothing was compared"
    unexplained = "\n".join(map(repr, comparison.unexplained))
    assert not comparison.unexplained, f"(record, column, ours, theirs) without a reason:\n{unexplained}"
    stale = "\n".join(map(repr, comparison.stale))
    assert not comparison.stale, f"reasons without a difference:\n{stale}"
