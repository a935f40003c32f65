"""Scope: which records belong to which commitment, and the rule that made each belong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from connectors.records import GitlabIssue, Issue, MergeRequest, Ref
from mappings.commitments import Commitment, Membership, MilestoneSpec
from mappings.links import Link
from mappings.matching import matched
from mappings.observed import Observed, grouped_by
from mappings.problems import below
from mappings.record_index import RecordIndex, Subject
from mappings.schema import MappingSpec
from mappings.terms import Debt
from mappings.touched import Touches


@dataclass(frozen=True)
class Memberships:
    """Lookups over memberships, which are sorted by commitment key and record."""

    held: tuple[Membership, ...] = ()

    @cached_property
    def by_commitment(self) -> Mapping[str, tuple[Membership, ...]]:
        """Memberships by the key of the commitment."""
        return grouped_by(self.held, "commitment_key")

    @cached_property
    def by_record(self) -> Mapping[Ref, tuple[Membership, ...]]:
        """Memberships by the record that belongs."""
        return grouped_by(self.held, "record")

    def loose(self, refs: Iterable[Ref]) -> frozenset[Ref]:
        """Those of the records that belong nowhere."""
        return frozenset(ref for ref in refs if ref not in self.by_record)


def memberships_of(
    spec: MappingSpec, commitments: Iterable[Commitment], observed: Observed, links: Iterable[Link] = ()
) -> tuple[Membership, ...]:
    """Every membership, one for each commitment and record, sorted by commitment key and record.

    Members are Jira issues, merge requests and GitLab issues. A debt item has one member, its issue. ``links`` (certain and likely work only) tell whose
    work touches a path. Of several rules that pick a record, the first in the file is named.
    """
    kinds = (observed.all(Issue), observed.all(MergeRequest), observed.all(GitlabIssue))
    subjects = tuple(record for kind in kinds for record in kind)
    touches = Touches(observed, tuple(links))
    return memberships_among(spec, commitments, RecordIndex(observed, subjects, touches.refs_below))


def memberships_among(
    spec: MappingSpec, commitments: Iterable[Commitment], index: RecordIndex
) -> tuple[Membership, ...]:
    """The memberships of some records, those of ``index``; see ``memberships_of``."""
    named = _named_origins(spec)
    found = (m for commitment in commitments for m in _members(commitment, index, named=named))
    return tuple(sorted(found, key=lambda m: (m.commitment_key, m.record)))


def _members(commitment: Commitment, index: RecordIndex, *, named: frozenset[str]) -> Iterator[Membership]:
    if commitment.debt:
        yield from _debt_member(commitment, commitment.debt, index)
        return
    path = commitment.origin
    rule = matched(commitment.scope, below(path, "scope"), index)
    places = range(len(index.subjects)) if rule.picked.is_rest else rule.picked.places
    for place in places:
        if place in rule.picked:
            where, because = rule.reason(place)
            where = where if path in named else path
            yield _membership(commitment, index.subjects[place], because=because, rule=where)


def _named_origins(spec: MappingSpec) -> frozenset[str]:
    """Paths of the entries that hold a scope; rules of discovered commitments stand nowhere in the file but in the entry's form."""
    named = (i for i, entry in enumerate(spec.milestones) if isinstance(entry, MilestoneSpec))
    return frozenset(below("milestones", i) for i in named)


def _debt_member(commitment: Commitment, debt: Debt, index: RecordIndex) -> Iterator[Membership]:
    record = index.observed.issue_by_key.get(debt.issue_key) or index.gitlab_issue(debt.issue_key)
    if record and record.ref in index.place:
        because = f"issue = {debt.issue_key}"
        yield _membership(commitment, record, because=because, rule=commitment.origin)


def _membership(commitment: Commitment, record: Subject, *, because: str, rule: str) -> Membership:
    return Membership(commitment_key=commitment.key, record=record.ref, because=because, rule=rule)
