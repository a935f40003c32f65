"""Builders for the tests of status, comment and plan: small worlds and judged commitments with believable defaults."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from connectors.commands import CommentCommand, PropertyCommand, Receipt, Slot
from connectors.port import Completeness, Scope, Verdict
from connectors.records import Commit, Issue, MergeRequest, Project, Ref
from mappings.code import Code
from mappings.commitments import Commitment, CommitmentKind, Membership, ScopeRule
from mappings.graph import default_branch_shas
from mappings.links import Confidence, Link, Place, Role
from mappings.observed import Observed
from mappings.schema import CalendarSpec, GitlabSource, JiraSource, MappingSpec, Sources, WriteOptions
from mappings.scope import Memberships
from mappings.shipments import shipments_of
from sync.core.actions import DeliveredState, PlanOptions
from sync.core.finding import Audience, Evidence, Finding, Severity, Suppressed
from sync.core.judged import Judged, SourceRead
from sync.core.language import Text
from sync.core.progress import Counts
from sync.core.status import Agreement, Health, Reason, Status
from sync.core.words import UNDER_WAY
from sync.core.world import World

NOW = datetime(2026, 11, 22, 6, 3, tzinfo=UTC)
CATEGORIES = {
    "to_do": ("To Do", "new", None),
    "in_progress": ("In Progress", "indeterminate", None),
    "in_review": ("In Review", "indeterminate", None),
    "delivered": ("Done", "done", "Done"),
    "dropped": ("Done", "done", "Won't Do"),
}


def spec(**more):
    sources = Sources(
        jira=(JiraSource(projects=("PAY", "RISK", "WEB")),), gitlab=(GitlabSource(groups=("acme",)),)
    )
    vocabulary = {"statuses": {"In Review": "in_review"}}
    given = {"calendar": CalendarSpec(zone="Asia/Shanghai"), "vocabulary": vocabulary} | more
    return MappingSpec(version=1, sources=sources, **given)


def issue(key, progress="to_do", **more):
    status, category, resolution = CATEGORIES[progress]
    given = {
        "source": "jira",
        "id": str(10_000 + sum(map(ord, key)) * 100 + int(key.rpartition("-")[2])),
        "key": key,
        "project_key": key.rpartition("-")[0],
        "title": f"Title of {key}",
        "type": "Story",
        "status": status,
        "status_category": category,
        "resolution": resolution,
        "created_at": NOW - timedelta(days=60),
        "updated_at": NOW - timedelta(days=3),
        "url": f"https://jira.example/browse/{key}",
    }
    return Issue(**given | more)


def project(id_, path, source="gitlab"):
    return Project(
        source=source, id=id_, path=path, name=path.rpartition("/")[2], url=f"https://git.example/{path}"
    )


def merge_request(number, project_id="11", **more):
    given = {
        "source": "gitlab",
        "id": str(5_000 + number),
        "project_id": project_id,
        "reference": f"!{number}",
        "title": "Change",
        "state": "opened",
        "source_branch": "feature/x",
        "target_branch": "main",
        "created_at": NOW - timedelta(days=5),
        "updated_at": NOW - timedelta(days=4),
        "url": f"https://git.example/acme/pay/-/merge_requests/{number}",
    }
    return MergeRequest(**given | more)


def commit(sha, project_id="11"):
    return Commit(
        source="gitlab",
        id=f"{project_id}/{sha}",
        project_id=project_id,
        sha=sha,
        title="Change",
        message="Change",
        author_name="Li Wei",
        author_email="li@example.org",
        authored_at=NOW,
        committed_at=NOW,
        url=f"https://git.example/acme/pay/-/commit/{sha}",
    )


def link(change, item, role=Role.IMPLEMENTS, confidence=Confidence.CERTAIN):
    return Link(
        change=change.ref,
        key=item.key,
        issue=item.ref,
        place=Place.BRANCH,
        role=role,
        confidence=confidence,
        reason="key in the branch name",
    )


def commitment(key="payment-core-2.0", **more):
    given = {
        "key": key,
        "kind": CommitmentKind.MILESTONE,
        "title": "Payment core 2.0",
        "origin": "milestones[0]",
        "scope": ScopeRule(fix_version=("2.0",)),
        "due_on": date(2026, 12, 15),
        "technical_owner": "Li Wei",
        "engineering_owner": "Zhang Min",
        "slot_issue_keys": ("PAY-1",),
    }
    return Commitment(**given | more)


def verdict(stream, partition, completeness=Completeness.COMPLETE, **more):
    scope = Scope(source=more.pop("source", "gitlab"), stream=stream, partition=partition)
    return Verdict(scope=scope, completeness=completeness, at=more.pop("at", NOW), **more)


def world(records=(), members=None, **more):
    commitments = more.pop("commitments", None) or (commitment(),)
    members = (
        {commitments[0].key: [r for r in records if isinstance(r, Issue)]} if members is None else members
    )
    memberships = tuple(
        Membership(commitment_key=key, record=r.ref, because="fix_version = 2.0", rule="milestones[0].scope")
        for key, held in members.items()
        for r in held
    )
    observed = Observed.of(records, verdicts=more.pop("verdicts", ()))
    given = {"now": NOW, "spec": spec()} | more
    code = Code(
        links=given.pop("links", ()),
        reverts=given.pop("reverts", ()),
        landed=default_branch_shas(observed),
        shipments=shipments_of(observed, given["spec"].vocabulary.production),
    )
    given["code"] = code
    return World(observed=observed, commitments=commitments, memberships=Memberships(memberships), **given)


def finding(rule="S01", severity=Severity.HIGH, **more):
    label = more.pop("label", "PAY-118")
    subject = more.pop("subject", Ref(source="jira", kind="issue", id=label))
    given = {
        "rule": rule,
        "commitment_key": "payment-core-2.0",
        "severity": severity,
        "audience": Audience.TECHNICAL,
        "subject": subject,
        "subject_label": label,
        "since": NOW - timedelta(days=3),
        "says": Text(
            en="{issue} is Done, but merge request {mr} is still open.",
            zh="{issue} 已是完成状态，但合并请求 {mr} 仍未关闭。",
        ),
        "clears": Text(
            en="Merge or close {mr}, or reopen {issue}.", zh="合并或关闭 {mr}，或重新打开 {issue}。"
        ),
        "values": (("issue", label), ("mr", "!412")),
        "evidence": (
            Evidence(
                record=subject, label=label, url=f"https://jira.example/browse/{label}", observed="Done"
            ),
            Evidence(
                record=Ref(source="gitlab", kind="merge_request", id="5412"),
                label="!412",
                url="https://git.example/acme/pay/-/merge_requests/412",
                observed="opened",
            ),
        ),
    }
    return Finding(**given | more)


def suppressed(reason="migration", until=date(2026, 12, 1)):
    return Suppressed(reason=reason, owner="Zhang Min", until=until)


def status(health=Health.AT_RISK, agreement=Agreement.DRIFTING, findings=()):
    said = tuple(Reason(code=f.rule, text=f.says, values=f.values, health=health) for f in findings[:1])
    values = (("delivered", "31"), ("total", "44"))
    base = Reason(
        code="under_way", text=UNDER_WAY, values=values, health=Health.ON_TRACK if findings else health
    )
    return Status(health=health, agreement=agreement, reasons=(*said, base))


def judged(findings=(), **more):
    health = more.pop("health", Health.AT_RISK if findings else Health.ON_TRACK)
    agreement = Agreement.DRIFTING if findings else Agreement.AGREED
    given = {
        "commitment": commitment(**more.pop("commitment", {})),
        "status": status(health, more.pop("agreement", agreement), findings),
        "counts": Counts(delivered=31, in_review=6, to_do=7),
        "findings": tuple(findings),
        "suppressed": (),
        "blind_spots": (),
        "member_keys": ("PAY-118", "PAY-131"),
        "reads": (
            SourceRead(source="gitlab", at=NOW - timedelta(minutes=3), completeness=Completeness.COMPLETE),
            SourceRead(source="jira", at=NOW - timedelta(minutes=2), completeness=Completeness.COMPLETE),
        ),
        "due_on": date(2026, 12, 15),
        "zone": "Asia/Shanghai",
    }
    return Judged(**given | more)


def slot(key="payment-core-2.0", issue_id="10001"):
    return Slot(source="jira", issue_id=issue_id, commitment_key=key)


def options(slots=None, *, language="en", now=NOW, **write):
    slots = {"payment-core-2.0": (("jira", "10001", "PAY-1"),)} if slots is None else slots
    return PlanOptions(
        write=WriteOptions(**{"enabled": True} | write), language=language, now=now, slots=slots
    )


def applied(plan, state):
    """The state after every command of the plan was carried out in a Jira made of two dicts, and what is gone was forgotten.

    What was written is sure and as we wrote it again; everything else stays as it was.
    """
    receipts, told = dict(state.receipts), {s: t for s, t in state.told.items() if s not in plan.gone}
    for action in plan.actions:
        match action.command:
            case CommentCommand(slot=slot, body=body, digest=digest):
                target, told[slot] = "comment", action.told
            case PropertyCommand(slot=slot, key=target, value=body, digest=digest):
                pass
            case None:
                continue
        receipts[slot, target] = Receipt(
            slot=slot, target=target, digest=digest, body=body, delivered_at=plan.planned_at
        )
    written = {(action.slot, action.target) for action in plan.actions if action.command}
    return DeliveredState(
        receipts=receipts,
        told=told,
        written_today=state.written_today + len(plan.commands),
        unsure=state.unsure - written,
        touched={slot: one for slot, one in state.touched.items() if (slot, "comment") not in written},
        loud_today=state.loud_today,
    )


@pytest.fixture(scope="session")
def make():
    """Builders by name."""
    return SimpleNamespace(
        NOW=NOW,
        spec=spec,
        issue=issue,
        project=project,
        merge_request=merge_request,
        commit=commit,
        link=link,
        commitment=commitment,
        verdict=verdict,
        world=world,
        finding=finding,
        suppressed=suppressed,
        judged=judged,
        slot=slot,
        options=options,
        applied=applied,
    )
