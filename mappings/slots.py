"""Slots: the Jira issue that carries the comment of a found commitment for which neither file nor record names one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from connectors.records import Issue, Ref
from mappings.commitments import Commitment, CommitmentKind
from mappings.links import Confidence, Link
from mappings.observed import Observed
from mappings.schema import MappingSpec
from mappings.scope import memberships_of


def with_slots(
    commitments: tuple[Commitment, ...], *, spec: MappingSpec, observed: Observed, links: tuple[Link, ...]
) -> tuple[Commitment, ...]:
    """The milestones with a slot each: given ones stay; else the lowest-numbered epic inside, else the lowest-numbered issue.

    Where a milestone holds merge requests only, the issues that they implement (certain and likely links) stand in. None found: no slot.
    """
    lacking = [c for c in commitments if c.kind is CommitmentKind.MILESTONE and not c.slot_issue_keys]
    members: dict[str, list[Ref]] = defaultdict(list)
    for membership in memberships_of(spec, lacking, observed, links):
        members[membership.commitment_key].append(membership.record)
    implemented = _implemented(links)
    chosen: dict[str, tuple[str, ...]] = {}
    for key, refs in members.items():
        linked = (issue for ref in refs for issue in implemented.get(ref, ()))
        chosen[key] = _lowest(refs, spec, observed) or _lowest(linked, spec, observed)
    return tuple(replace(c, slot_issue_keys=chosen.get(c.key, c.slot_issue_keys)) for c in commitments)


def _implemented(links: Iterable[Link]) -> dict[Ref, list[Ref]]:
    """Issues by the change that implements them."""
    issues: dict[Ref, list[Ref]] = defaultdict(list)
    for link in links:
        if link.issue and link.role.is_work and link.confidence is not Confidence.WEAK:
            issues[link.change].append(link.issue)
    return issues


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
