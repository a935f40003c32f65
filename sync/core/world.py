"""World: all that a judgement may look at. Observed records, their links, the commitments with their members, and ``now``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from connectors.commands import Slot
from connectors.port import Verdict
from connectors.records import (
    Branch,
    Commit,
    FieldChange,
    GitlabIssue,
    Issue,
    MergeRequest,
    PathTouch,
    Pipeline,
    Ref,
    Worklog,
)
from mappings.commitments import Commitment, Membership
from mappings.graph import default_branch_shas
from mappings.keys import keys_in, known_projects
from mappings.links import Confidence, Link
from mappings.observed import Observed, grouped
from mappings.reverts import Revert
from mappings.schema import MappingSpec
from mappings.shipments import Place, Shipment, shipments_of
from mappings.statuses import Progress, progress_of
from mappings.todos import Todos
from sync.core.condition import Condition, Sighting, SiteVitals
from sync.core.finding import Acknowledged


@dataclass(frozen=True)
class World:
    """Everything that rules see. Lookups are by ref; nothing here decides."""

    now: datetime
    spec: MappingSpec
    observed: Observed
    commitments: tuple[Commitment, ...]
    memberships: tuple[Membership, ...]
    links: tuple[Link, ...]
    reverts: tuple[Revert, ...] = ()
    condition: Condition = field(default_factory=Condition)

    @cached_property
    def commitment(self) -> Mapping[str, Commitment]:
        """Commitments by key."""
        return MappingProxyType({c.key: c for c in self.commitments})

    @cached_property
    def _memberships_by_commitment(self) -> Mapping[str, tuple[Membership, ...]]:
        return grouped_by(self.memberships, "commitment_key")

    @cached_property
    def memberships_by_record(self) -> Mapping[Ref, tuple[Membership, ...]]:
        """Memberships by the record that belongs."""
        return grouped_by(self.memberships, "record")

    def memberships_in(self, commitment: Commitment) -> tuple[Membership, ...]:
        """Memberships of one commitment."""
        return self._memberships_by_commitment.get(commitment.key, ())

    def issues_in(self, commitment: Commitment) -> tuple[Issue, ...]:
        """Member issues of one commitment, in ref order."""
        return self._members(commitment, Issue)

    def gitlab_issues_in(self, commitment: Commitment) -> tuple[GitlabIssue, ...]:
        """Member GitLab issues."""
        return self._members(commitment, GitlabIssue)

    def _members(self, commitment: Commitment, record_type: type) -> tuple:  # type: ignore[type-arg]  # narrowed by the callers above
        refs = sorted({m.record for m in self.memberships_in(commitment)})
        found = (self.observed.by_ref.get(ref) for ref in refs)
        return tuple(record for record in found if isinstance(record, record_type))

    @cached_property
    def links_by_issue(self) -> Mapping[Ref, tuple[Link, ...]]:
        """Links by the issue they name; links to unknown issues are left out."""
        return grouped_by((link for link in self.links if link.issue), "issue")

    @cached_property
    def links_by_change(self) -> Mapping[Ref, tuple[Link, ...]]:
        """Links by the branch, merge request or commit that holds them."""
        return grouped_by(self.links, "change")

    def work_on(self, issue: Issue) -> tuple[MergeRequest, ...]:
        """Merge requests that implement the issue, by certain or likely links, in ref order."""
        return self._linked(issue, MergeRequest)

    def commits_on(self, issue: Issue) -> tuple[Commit, ...]:
        """Commits that implement the issue, by certain or likely links, in ref order."""
        return self._linked(issue, Commit)

    def branches_on(self, issue: Issue) -> tuple[Branch, ...]:
        """Branches that implement the issue, by certain or likely links, in ref order."""
        return self._linked(issue, Branch)

    def _linked(self, issue: Issue, record_type: type) -> tuple:  # type: ignore[type-arg]  # narrowed by the callers above
        links = self.links_by_issue.get(issue.ref, ())
        refs = sorted({x.change for x in links if x.role.is_work and x.confidence is not Confidence.WEAK})
        found = (self.observed.by_ref.get(ref) for ref in refs)
        return tuple(record for record in found if isinstance(record, record_type))

    @cached_property
    def reverts_by_change(self) -> Mapping[Ref, tuple[Revert, ...]]:
        """What stands reverted now, by the change that was taken back."""
        return grouped_by(self.reverts, "of")

    @cached_property
    def requests_from(self) -> Mapping[tuple[str, str, str], tuple[MergeRequest, ...]]:
        """Merge requests by (source, project id, source branch)."""
        return grouped(self.observed.all(MergeRequest), lambda m: (m.source, m.project_id, m.source_branch))

    @cached_property
    def pipelines_on(self) -> Mapping[tuple[str, str, str], tuple[Pipeline, ...]]:
        """Pipelines by (source, project id, ref name), oldest first."""
        pipelines = sorted(self.observed.all(Pipeline), key=lambda p: (p.created_at, len(p.id), p.id))
        return grouped(pipelines, lambda p: (p.source, p.project_id, p.ref_name))

    @cached_property
    def touches_below(self) -> Mapping[tuple[str, str, str], tuple[PathTouch, ...]]:
        """Commits below a watched path, by (source, project id, prefix without a closing slash)."""
        return grouped(self.observed.all(PathTouch), lambda t: (t.source, t.project_id, t.prefix.rstrip("/")))

    @cached_property
    def default_branch_shas(self) -> frozenset[tuple[str, str, str]]:
        """(source, project id, sha) of every commit on a default branch."""
        return default_branch_shas(self.observed)

    @cached_property
    def shipments(self) -> Mapping[Place, Shipment]:
        """What went out first with which commit, by (source, project id, sha); see ``shipments_of``."""
        return shipments_of(self.observed, self.spec.vocabulary.production)

    @cached_property
    def planning_changes(self) -> tuple[FieldChange, ...]:
        """Changes of fix version or epic over all issues, oldest first."""
        planning = (c for c in self.observed.all(FieldChange) if c.field in {"fix_version", "parent"})
        return tuple(sorted(planning, key=lambda c: (c.at, len(c.id), c.id)))

    @cached_property
    def worklogs_by_author(self) -> Mapping[tuple[str, str], tuple[Worklog, ...]]:
        """Hours by (source, account), in ref order; entries without an account are left out."""
        known = (log for log in self.observed.all(Worklog) if log.author_id)
        return grouped(known, lambda log: (log.source, log.author_id or ""))

    def worklogs_on(self, issue: Issue) -> tuple[Worklog, ...]:
        """Hours on the issue, earliest work first."""
        return self._worklogs.get((issue.source, issue.id), ())

    @cached_property
    def _worklogs(self) -> Mapping[tuple[str, str], tuple[Worklog, ...]]:
        logs = sorted(self.observed.all(Worklog), key=lambda log: (log.started_at, log.ref))
        return grouped(logs, lambda log: (log.source, log.issue_id))

    @cached_property
    def first_shipment_of(self) -> Mapping[tuple[str, str], datetime]:
        """When each project shipped for the first time that is known, by (source, project id)."""
        first: dict[tuple[str, str], datetime] = {}
        for one in self.shipments.values():
            place = (one.ref.source, one.project_id)
            first[place] = min(one.at, first.get(place, one.at))
        return MappingProxyType(first)

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

    @cached_property
    def resolving_projects(self) -> frozenset[tuple[str, str]]:
        """(source, project key) of the Jira projects whose issues get a resolution date when they are done."""
        return frozenset((i.source, i.project_key) for i in self.observed.all(Issue) if i.resolved_at)

    def progress_of(self, issue: Issue) -> Progress:
        """How far the issue is by its status and resolution."""
        return progress_of(issue, self.spec.vocabulary)

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


def grouped_by(values: Iterable, name: str) -> Mapping:  # type: ignore[type-arg]  # keyed by whatever the attribute holds
    """Values by one of their attributes, each group in the given order."""
    return grouped(values, lambda value: getattr(value, name))
