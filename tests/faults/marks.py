"""Marks: what a fault left behind, counted. All zeros but ``runs`` is what every row must show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

COLUMNS = (
    "runs",
    "lost",
    "doubled",
    "duplicates",
    "wrong_findings",
    "wrong_statuses",
    "unsettled",
)
HEADS: Mapping[str, str] = {
    "runs": "runs",
    "lost": "records lost",
    "doubled": "records doubled",
    "duplicates": "duplicate comments",
    "wrong_findings": "wrong findings",
    "wrong_statuses": "wrong status written",
    "unsettled": "not settled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Counts of one row.

    ``lost``: records that are missing or not as a fault-free reader sees them. ``doubled``: live records that he does not see. ``duplicates``: slots
    with more or fewer than one comment of ours. ``wrong_findings``: drift that is missed or invented. ``wrong_statuses``: comments and properties
    that said, at any time, what no fault-free reader would have said. ``unsettled``: everything else that must not be, such as a traceback, an
    exit code without a meaning, or a write after all was said. ``waited``: trials that were at rest only
    after a day or more. ``idle``: trials in which nothing came to pass, because a run ended before its turn; they are no runs. ``notes`` name each mark.
    """

    runs: int = 0
    lost: int = 0
    doubled: int = 0
    duplicates: int = 0
    wrong_findings: int = 0
    wrong_statuses: int = 0
    unsettled: int = 0
    waited: int = 0
    idle: int = 0
    notes: tuple[str, ...] = ()

    def __add__(self, other: Marks) -> Marks:
        sums = {name: getattr(self, name) + getattr(other, name) for name in (*COLUMNS, "waited", "idle")}
        return Marks(**sums, notes=self.notes + other.notes)

    @property
    def is_clean(self) -> bool:
        """True if every count but ``runs`` is zero."""
        return not any(getattr(self, name) for name in COLUMNS if name != "runs")

    def require_clean(self) -> None:
        """Fail with the first of what was found, if anything was."""
        if not self.is_clean:
            counts = ", ".join(f"{HEADS[c]} {getattr(self, c)}" for c in COLUMNS)
            raise AssertionError("\n".join((counts, *(note[:600] for note in self.notes[:12]))))

    def document(self) -> dict[str, object]:
        """Plain values, to be carried from one process to another."""
        return asdict(self)


def marks_from(document: Mapping[str, object]) -> Marks:
    """The marks that ``Marks.document`` gave."""
    return Marks(**{**document, "notes": tuple(document["notes"])})  # type: ignore[arg-type, call-overload]
