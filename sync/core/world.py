"""World: all that a judgement may look at. Observed records, their links, the commitments with their members, and ``now``."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar, cast

from connectors.commands import Slot
from connectors.port import Verdict
from connectors.records import (
    Branch,
    Commit,
    GitlabIssue,
    Issue,
    MergeRequest,
    Pipeline,
    Record,
    Ref,
    Worklog,
)
from mappings.code import Code
from mappings.commitments import Commitment, Membership
from mappings.departures import Departure, departures_of
from mappings.keys import keys_in, known_projects
from mappings.links import Confidence, Link
from mappings.observed import ItemSeen, Observed, grouped_by
from mappings.reverts import Revert
from mappings.schema import MappingSpec
from mappings.scope import Memberships
from mappings.shipments import Place, Shipment
from mappings.statuses import Progress, progress_of
from mappings.todos import Todos
from sync.core.condition import Condition, Sighting, SiteVitals
from sync.core.finding import Acknowledged

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class World:
    """Everything that rules see. Lookups are by ref; nothing here decides."""

    now: datetime
    spec: MappingSpec
    observed: Observed
    commitments: tuple[Commitment, ...]
    memberships: Memberships
    code: Code
    condition: Condition = field(default_factory=Condition)

    @cached_property
    def commitment(self) -> Mapping[str, Commitment]:
        """Commitments by key."""
        return MappingProxyType({c.key: c for c in self.commitments})

    @property
    def memberships_by_record(self) -> Mapping[Ref, tuple[Membership, ...]]:
        """Memberships by the record that belongs."""
        return self.memberships.by_record

    def memberships_in(self, commitment: Commitment) -> tuple[Membership, ...]:
        """Memberships of one commitment."""
        return self.memberships.by_commitment.get(commitment.key, ())

    def issues_in(self, commitment: Commitment) -> tuple[Issue, ...]:
        """Member issues of one commitment, in ref order."""
        return self._of_type(commitment.key, Issue, lambda: self._member_refs(commitment))

    def gitlab_issues_in(self, commitment: Commitment) -> tuple[GitlabIssue, ...]:
        """Member GitLab issues."""
        return self._of_type(commitment.key, GitlabIssue, lambda: self._member_refs(commitment))

    @property
    def links_by_issue(self) -> Mapping[Ref, tuple[Link, ...]]:
        """Links by the issue they name; links to unknown issues are left out."""
        return self.code.links_by_issue

    @property
    def links_by_change(self) -> Mapping[Ref, tuple[Link, ...]]:
        """Links by the branch, merge request or commit that holds them."""
        return self.code.links_by_change

    def work_on(self, issue: Issue) -> tuple[MergeRequest, ...]:
        """Merge requests that implement the issue, by certain or likely links, in ref order."""
        return self._of_type(issue.ref, MergeRequest, lambda: self._working_refs(issue))

    def commits_on(self, issue: Issue) -> tuple[Commit, ...]:
        """Commits that implement the issue, by certain or likely links, in ref order."""
        return self._of_type(issue.ref, Commit, lambda: self._working_refs(issue))

    def branches_on(self, issue: Issue) -> tuple[Branch, ...]:
        """Branches that implement the issue, by certain or likely links, in ref order."""
        return self._of_type(issue.ref, Branch, lambda: self._working_refs(issue))

    @cached_property
    def _found(self) -> dict[tuple[str, Hashable], tuple[Record, ...]]:
        return {}

    def _of_type(
        self, key: Hashable, record_type: type[R], refs: Callable[[], Iterable[Ref]]
    ) -> tuple[R, ...]:
        """Records of one type among ``refs``, which belong to ``key``; looked up once and remembered, for the rules all ask the same."""
        asked = (record_type.kind, key)
        if asked not in self._found:
            named = sorted({ref for ref in refs() if ref.kind == record_type.kind})
            found = (self.observed.by_ref.get(ref) for ref in named)
            self._found[asked] = tuple(record for record in found if record)
        return cast("tuple[R, ...]", self._found[asked])

    def _member_refs(self, commitment: Commitment) -> Iterable[Ref]:
        return (m.record for m in self.memberships_in(commitment))

    def _working_refs(self, issue: Issue) -> Iterable[Ref]:
        links = self.code.links_by_issue.get(issue.ref, ())
        return (x.change for x in links if x.role.is_work and x.confidence is not Confidence.WEAK)

    @property
    def reverts_by_change(self) -> Mapping[Ref, tuple[Revert, ...]]:
        """What stands reverted now, by the change that was taken back."""
        return self.code.reverts_of

    @property
    def requests_from(self) -> Mapping[tuple[str, str, str], tuple[MergeRequest, ...]]:
        """Merge requests by (source, project id, source branch)."""
        return self.observed.requests_from

    def runs_since_passed(self, branch: tuple[str, str, str]) -> tuple[Pipeline, ...]:
        """The pipelines that ran for a branch, (source, project id, name), up to now and from the newest that passed on; oldest first."""
        passed = self.spec.vocabulary.passed_pipelines
        return self.observed.runs_since_passed(branch, passed=passed, until=self.now)

    @property
    def default_branch_shas(self) -> Container[Place]:
        """Holds (source, project id, sha) of every commit on a default branch."""
        return self.code.landed

    @property
    def shipments(self) -> Mapping[Place, Shipment]:
        """What went out first with which commit, by (source, project id, sha); see ``shipments_of``."""
        return self.code.shipments

    def worklogs_on(self, issue: Issue) -> tuple[Worklog, ...]:
        """Hours on the issue, earliest work first."""
        return self.observed.worklogs_of.get(issue.ref, ())

    @cached_property
    def mirrors_of(self) -> Mapping[Ref, tuple[GitlabIssue, ...]]:
        """GitLab issues whose title names exactly one Jira issue, by that issue."""
        projects = known_projects(self.spec, self.observed)
        named: dict[Ref, tuple[GitlabIssue, ...]] = {}
        for mirror in self.observed.all(GitlabIssue):
            keys = {seen.key for seen in keys_in(mirror.title, projects)}
            issue = self.observed.issue_by_key.get(next(iter(keys))) if len(keys) == 1 else None
            if issue:
                named[issue.ref] = (*named.get(issue.ref, ()), mirror)
        return MappingProxyType(named)

    @cached_property
    def todos(self) -> Todos:
        """The marks in files by what they name."""
        return Todos(self.observed, known_projects(self.spec, self.observed))

    def progress_of(self, issue: Issue | ItemSeen) -> Progress:
        """How far the issue is by its status and resolution."""
        return progress_of(issue, self.spec.vocabulary)

    @cached_property
    def departures(self) -> Mapping[str, tuple[Departure, ...]]:
        """Issues that are gone, by the key of the commitment that misses them; ``*`` where the commitment is gone with its issue."""
        return grouped_by(departures_of(self.spec, self.commitments, self.observed), "commitment_key")

    @cached_property
    def unclaimed(self) -> Mapping[str, tuple[Link, ...]]:
        """Links to keys that no issue has, by key."""
        return grouped_by(self.code.links_to_nothing(), "key")

    @cached_property
    def sighting(self) -> Mapping[str, Sighting]:
        """When each finding was seen, by fingerprint."""
        return MappingProxyType({s.fingerprint: s for s in self.condition.sightings})

    @cached_property
    def acknowledgement(self) -> Mapping[str, Acknowledged]:
        """What people have acknowledged, by fingerprint."""
        return MappingProxyType({a.fingerprint: a for a in self.condition.acknowledged})

    @cached_property
    def sites(self) -> tuple[SiteVitals, ...]:
        """Clock and token of the sources that the mapping has."""
        names = {s.name for s in self.spec.sources.jira} | {s.name for s in self.spec.sources.gitlab}
        return tuple(site for site in self.condition.sites if site.source in names)

    def is_slot(self, slot: Slot) -> bool:
        """True if the mapping still has the commitment's comment there; the issue may have another key by now."""
        commitment = self.commitment.get(slot.commitment_key)
        issues = (
            self.observed.issue_by_key.get(key) for key in (commitment.slot_issue_keys if commitment else ())
        )
        return any(issue and (issue.source, issue.id) == (slot.source, slot.issue_id) for issue in issues)

    @cached_property
    def blind(self) -> tuple[Verdict, ...]:
        """Verdicts of scopes that were not read to their end."""
        return tuple(v for v in self.observed.verdicts if not v.is_complete)

    def is_blind(self, *streams: str) -> bool:
        """True if any scope of any of ``streams`` was not read to its end: then absence proves nothing."""
        return any(v.scope.holds(*streams) for v in self.blind)
