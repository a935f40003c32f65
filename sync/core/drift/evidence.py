"""Evidence: what people call a record, where it is, and what was observed of it. Values are as the tools gave them, never escaped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connectors.commands import Slot
from connectors.port import Scope
from connectors.records import (
    Branch,
    Commit,
    GitlabIssue,
    Issue,
    MergeRequest,
    Milestone,
    Pipeline,
    Record,
    Ref,
    Todo,
    TodoScan,
    Version,
)
from mappings.commitments import Commitment
from mappings.observed import Gone
from mappings.shipments import Shipment
from mappings.unmatched import Named
from sync.core.finding import Condition, Evidence
from sync.core.history import standing_of
from sync.core.world import World

_LONGEST = 100  # characters of what a mark says
Change = MergeRequest | Commit | Branch
"""What can hold a link."""


def instant_of(at: datetime) -> str:
    """An instant in UTC to the minute: ``2026-11-19 10:02 UTC``."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def label_of(record: Record) -> str:
    """What people call the record: ``PAY-118``, ``!412``, ``a1b2c3d4``, ``src/pay.py:12``, a branch, version or milestone by name."""
    match record:
        case Issue(key=label) | Branch(name=label):
            pass
        case MergeRequest(reference=label) | GitlabIssue(reference=label):
            pass
        case Version(name=label) | Milestone(title=label):
            pass
        case Commit(sha=sha):
            label = sha[:8]
        case Todo(path=path, line=line):
            label = f"{path}:{line}"
        case Pipeline(id=number):
            label = f"#{number}"
        case _:
            label = record.id
    return label


def joined(labels: Iterable[str]) -> str:
    """Labels in the given order, each once, with commas between."""
    return ", ".join(dict.fromkeys(labels))


def labels_of(records: Iterable[Record]) -> str:
    """The records' labels, each once, with commas between."""
    return joined(label_of(record) for record in records)


def of_issue(world: World, issue: Issue | GitlabIssue) -> Evidence:
    """The issue with its status and since when. A GitLab issue goes by its reference: a confidential title stays where it is."""
    if isinstance(issue, GitlabIssue):
        return _evidence(issue, url=issue.url, observed=status_of(issue))
    since = instant_of(standing_of(world, issue).at)
    return _evidence(issue, url=issue.url, observed=f"{issue.status} since {since}")


def of_slot(world: World, slot: Slot, *, observed: str) -> Evidence:
    """The issue that carries a managed comment, with what was seen of it; by the slot's name where the issue is unknown."""
    ref = Ref(source=slot.source, kind="issue", id=slot.issue_id)
    issue = world.observed.by_ref.get(ref)
    if isinstance(issue, Issue):
        return _evidence(issue, url=issue.url, observed=observed)
    return Evidence(record=ref, label=str(slot), url="", observed=observed)


def of_joined(issue: Issue, at: datetime, by: str | None, *, verb: str = "added") -> Evidence:
    """The issue with when it joined or left a milestone, and by whom if the changelog tells."""
    who = f" by {by}" if by else ""
    return _evidence(issue, url=issue.url, observed=f"{verb} {instant_of(at)}{who}")


def status_of(issue: Issue | GitlabIssue) -> str:
    """What people see as the issue's status."""
    return issue.status if isinstance(issue, Issue) else issue.state


def of_request(request: MergeRequest) -> Evidence:
    """The merge request with its state and since when, and where it goes."""
    state = "draft" if request.is_draft and request.state == "opened" else request.state
    at = request.merged_at or request.closed_at or request.created_at
    return _evidence(
        request, url=request.url, observed=f"{state} {instant_of(at)}, into {request.target_branch}"
    )


def of_pipeline(pipeline: Pipeline) -> Evidence:
    """The pipeline with its status, branch and start."""
    observed = f"{pipeline.status} on {pipeline.ref_name}, started {instant_of(pipeline.created_at)}"
    return _evidence(pipeline, url=pipeline.url, observed=observed)


def of_change(change: Change) -> Evidence:
    """The branch, commit or merge request with its time."""
    if isinstance(change, MergeRequest):
        return of_request(change)
    return _evidence(change, url=change.url, observed=f"committed {instant_of(change.committed_at)}")


def of_todo(todo: Todo) -> Evidence:
    """The mark by file and line, with what it says."""
    addressee = f"({todo.addressee})" if todo.addressee else ""
    said = f"{todo.mark}{addressee}: {todo.text}"
    cut = said if len(said) <= _LONGEST else f"{said[: _LONGEST - 3]}..."
    return _evidence(todo, url=todo.url, observed=cut)


def of_scan(world: World, scan: TodoScan, *, observed: str) -> Evidence:
    """The place that was read for marks, by its project and path."""
    project = world.observed.project.get((scan.source, scan.project_id))
    label = "/".join(filter(None, (project.path if project else scan.project_id, scan.path)))
    return Evidence(record=scan.ref, label=label, url=scan.url, observed=observed)


def of_anchor(anchor: Version | Milestone | Issue) -> Evidence:
    """The version, milestone or epic with its date."""
    on = anchor.release_on if isinstance(anchor, Version) else anchor.due_on
    return _evidence(anchor, url=anchor.url, observed=f"due {on.isoformat() if on else 'on no date'}")


def of_version(version: Version) -> Evidence:
    """The version with whether it is released, and its day."""
    state = "released" if version.is_released else "unreleased"
    on = version.release_on.isoformat() if version.release_on else "no date"
    return _evidence(version, url=version.url, observed=f"{state}, {on}")


def of_shipment(shipment: Shipment) -> Evidence:
    """The deployment by its environment, or the release by its tag."""
    verb = "deployed" if shipment.is_deployment else "released"
    observed = f"{verb} {instant_of(shipment.at)}"
    return Evidence(record=shipment.ref, label=shipment.name, url=shipment.url, observed=observed)


def of_gone(gone: Gone) -> Evidence:
    """The issue that is gone with when that was noticed and its last status."""
    observed = f"gone, noticed {instant_of(gone.noticed_at)}; last {gone.issue.status}"
    return _evidence(gone.issue, url=gone.issue.url, observed=observed)


def mapping_ref(named: Named, name: str) -> Ref:
    """The identity of a name in the mapping that nothing in the tools has."""
    return Ref(source="tandem", kind="mapping", id=f"{named.name.lower()}/{name}")


def scope_ref(scope: Scope) -> Ref:
    """The identity of a scope where it is the subject of a drift."""
    return Ref(source=scope.source, kind="scope", id=f"{scope.stream}/{scope.partition}")


def commitment_ref(commitment: Commitment) -> Ref:
    """The identity of a commitment where it is the subject of a drift."""
    return Ref(source="tandem", kind="commitment", id=commitment.key)


def of_commitment(world: World, commitment: Commitment, *, observed: str) -> Evidence:
    """The commitment by its title, at the address of its slot or debt issue or of its first anchor (empty where it has none)."""
    keys = (*commitment.slot_issue_keys, *((commitment.debt.issue_key,) if commitment.debt else ()))
    places: list[Record | None] = [world.observed.issue_by_key.get(key) for key in keys]
    places += [world.observed.by_ref.get(ref) for ref in commitment.anchors]
    url = next((p.url for p in places if isinstance(p, Issue | Version | Milestone)), "")
    ref = commitment_ref(commitment)
    return Evidence(record=ref, label=commitment.title, url=url, observed=observed)


def held(asked: str, observed: str) -> Condition:
    """A condition that held."""
    return Condition(asked=asked, observed=observed, held=True)


def _evidence(record: Record, *, url: str, observed: str) -> Evidence:
    return Evidence(record=record.ref, label=label_of(record), url=url, observed=observed)
