"""Slots: the Jira issue that carries the comment of a found commitment for which neither file nor record names one."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from connectors.records import Issue, Ref
from mappings.code import Code
from mappings.commitments import Commitment, CommitmentKind
from mappings.links import Confidence
from mappings.observed import Observed
from mappings.schema import MappingSpec
from mappings.scope import Memberships


def with_slots(
    commitments: tuple[Commitment, ...],
    *,
    spec: MappingSpec,
    observed: Observed,
    memberships: Memberships,
    code: Code,
) -> tuple[Commitment, ...]:
    """The milestones with a slot each: given ones stay; else the lowest-numbered epic inside, else the lowest-numbered issue.

    Where a milestone holds merge requests only, the issues that they implement (certain and likely links) stand in. None found: no slot.
    """
    chosen: dict[str, tuple[str, ...]] = {}
    for commitment in commitments:
        if commitment.kind is CommitmentKind.MILESTONE and not commitment.slot_issue_keys:
            refs = [m.record for m in memberships.by_commitment.get(commitment.key, ())]
            linked = (issue for ref in refs for issue in _implemented(ref, code))
            chosen[commitment.key] = _lowest(refs, spec, observed) or _lowest(linked, spec, observed)
    return tuple(replace(c, slot_issue_keys=chosen.get(c.key, c.slot_issue_keys)) for c in commitments)


def _implemented(change: Ref, code: Code) -> Iterable[Ref]:
    """Issues that the change implements."""
    links = code.links_by_change.get(change, ())
    return (x.issue for x in links if x.issue and x.role.is_work and x.confidence is not Confidence.WEAK)


def _lowest(refs: Iterable[Ref], spec: MappingSpec, observed: Observed) -> tuple[str, ...]:
    records = (observed.by_ref.get(ref) for ref in refs)
    issues = [record for record in records if isinstance(record, Issue)]
    epics = [issue for issue in issues if issue.type in spec.vocabulary.epic_types]
    ordered = sorted(epics or issues, key=lambda issue: (number_of(issue.key), issue.key))
    return tuple(issue.key for issue in ordered[:1])


def number_of(key: str) -> int:
    """The number in an issue key; 0 where there is none."""
    digits = key.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0
