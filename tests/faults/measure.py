"""Measure: a store and an issue tracker against what a fault-free reader holds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.records import Record
from tests.faults.marks import Marks
from tests.faults.said import Status

Place = tuple[str, str]
"""A slot: issue id and commitment key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one reader makes of the world.

    ``records`` by ref, ``aliases`` as (key, issue id), ``findings`` as rule, commitment, subject and discriminator, ``statuses`` by commitment, ``wanted``
    the digest that each slot's comment shall carry, ``entries`` what each issue's property shall hold. ``troubles`` are findings about Tandem itself (X rules).
    """

    records: Mapping[str, Record]
    aliases: frozenset[tuple[str, str]] = frozenset()
    findings: frozenset[str] = frozenset()
    troubles: frozenset[str] = frozenset()
    statuses: Mapping[str, Status] = field(default_factory=dict)
    wanted: Mapping[Place, str] = field(default_factory=dict)
    entries: Mapping[str, object] = field(default_factory=dict)

    @property
    def unknown(self) -> frozenset[str]:
        """Keys of the commitments that this reader cannot judge."""
        return frozenset(key for key, (health, _) in self.statuses.items() if health == "unknown")


def marks_of_records(
    found: Reading,
    truth: Reading,
    *,
    is_there: Callable[[str], bool] = lambda _: False,
) -> Marks:
    """Records lost (missing, or with other content) and doubled (live although the tools do not have them).

    A fault-free reader without a past sees less of some things than there is: ``is_there`` tells of a ref that he did not see whether the tool has it.
    """
    missing = [f"lost {ref}" for ref in truth.records.keys() - found.records.keys()]
    differing = [
        f"differs {ref}: {difference}"
        for ref, one in truth.records.items()
        if ref in found.records and found.records[ref] != one
        if (difference := _difference(found.records[ref], one))
    ]
    keys = [f"lost key {alias}" for alias in truth.aliases - found.aliases]
    beyond = [f"doubled {ref}" for ref in found.records.keys() - truth.records.keys() if not is_there(ref)]
    lost = sorted(missing + differing + keys)
    return Marks(lost=len(lost), doubled=len(beyond), notes=(*lost, *sorted(beyond)))


def _difference(ours: Record, theirs: Record) -> str:
    """The fields in which two records differ."""
    names = [n for n in theirs.__struct_fields__ if getattr(ours, n, None) != getattr(theirs, n)]
    return ", ".join(f"{n} {getattr(ours, n, None)!r} not {getattr(theirs, n)!r}" for n in names)[:400]


def marks_of_findings(found: Reading, truth: Reading) -> Marks:
    """Drift that was missed or invented, and commitments that stand otherwise than they do for a fault-free reader."""
    missed = [f"missed {one}" for one in truth.findings - found.findings]
    invented = [f"invented {one}" for one in found.findings - truth.findings]
    statuses = [
        f"judged {key} {found.statuses.get(key)} not {status}"
        for key, status in truth.statuses.items()
        if found.statuses.get(key) != status
    ]
    notes = sorted(missed + invented + statuses)
    return Marks(wrong_findings=len(notes), notes=tuple(notes))


def marks_of_comments(standing: Mapping[Place, Sequence[str | None]], truth: Reading) -> Marks:
    """Slots that do not hold exactly one comment of ours, and comments that do not say what they should.

    ``standing`` are the digests of our comments by slot, None for one without a marker that can be read.
    """
    notes = [f"{len(digests)} comments in {place}" for place, digests in standing.items() if len(digests) > 1]
    notes += [f"no comment in {place}" for place in truth.wanted if not standing.get(place)]
    stale = [
        f"comment in {place} says {standing[place]} not {digest}"
        for place, digest in truth.wanted.items()
        if standing.get(place) and digest not in standing[place]
    ]
    return Marks(duplicates=len(notes), wrong_statuses=len(stale), notes=(*sorted(notes), *sorted(stale)))


def marks_of_properties(standing: Mapping[str, object], truth: Reading) -> Marks:
    """Status properties that do not hold what they should. ``standing`` by issue id."""
    notes = sorted(
        f"property of {issue} is {standing.get(issue)!r} not {wanted!r}"[:600]
        for issue, wanted in truth.entries.items()
        if standing.get(issue) != wanted
    )
    return Marks(wrong_statuses=len(notes), notes=tuple(notes))
