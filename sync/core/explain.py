"""Explain: what is known of an issue, a commitment, a finding or a rule, and why. Values first; plain lines at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TypeAlias

from connectors.records import Issue, Ref
from mappings.links import Confidence, Link
from mappings.observed import Gone
from sync.core.drift.catalogue import documentation_of, rules
from sync.core.drift.evidence import label_of
from sync.core.drift.judge import Judgement, options_for
from sync.core.drift.rule import Rule
from sync.core.explain_comments import comments_since
from sync.core.explain_findings import why_of, whys_of
from sync.core.explain_lines import lines_of
from sync.core.explanation import (
    Belonging,
    CommentSince,
    CommitmentExplanation,
    Explanation,
    IssueExplanation,
    LinkWhy,
    RuleExplanation,
)
from sync.core.finding import Finding
from sync.core.history import standing_of
from sync.core.judged import Judged, judged_alone
from sync.core.slot_state import DeliveredState
from sync.core.world import World

__all__ = ["PositionOf", "explanation_of", "lines_of", "links_why"]

PositionOf: TypeAlias = Callable[[str], str]
"""Where a path of the mapping (``milestones[2].scope``) stands in its file: ``mapping.yaml:34``."""

_NOTHING_WRITTEN = DeliveredState()


def explanation_of(
    world: World,
    judgement: Judgement,
    key: str,
    *,
    position_of: PositionOf,
    state: DeliveredState = _NOTHING_WRITTEN,
) -> Explanation | None:
    """What ``key`` names: a commitment, a rule code, a finding's fingerprint, or an issue by its present or a former key; None if nothing.

    Letter case does not matter. A commitment wins over an issue of the same name. ``state`` is what was written into Jira, for what changed since.
    """
    asked = key.strip()
    commitment = world.commitment.get(asked) or world.commitment.get(asked.lower())
    if commitment:
        judged = judged_alone(world, commitment, judgement.findings)
        comments = tuple(comments_since(world, judged, state))
        return _of_commitment(world, judged, position=position_of(commitment.origin), comments=comments)
    if rule := rules().get(asked.upper()):
        return _of_rule(world, judgement, rule)
    finding = next((f for f in judgement.findings if f.fingerprint == asked.lower()), None)
    if finding:
        return why_of(world, finding)
    issue = world.observed.issue_by_key.get(asked.upper())
    if issue:
        return _of_issue(world, judgement, issue, asked=asked.upper(), position_of=position_of)
    gone = next((g for g in world.observed.gone if g.issue.key == asked.upper()), None)
    return _of_gone(world, judgement, gone, position_of=position_of) if gone else None


def links_why(world: World, key: str) -> tuple[LinkWhy, ...] | None:
    """Every link of the issue (by present or former key), work first; of a key that no issue has, the links that name it; None if nothing names it."""
    asked = key.strip().upper()
    issue = world.observed.issue_by_key.get(asked)
    links: Iterable[Link] = world.links_by_issue.get(issue.ref, ()) if issue else _naming(world, asked)
    found = tuple(_link_why(world, link) for link in sorted(links, key=_link_rank))
    return found if found or issue else None


def _naming(world: World, key: str) -> Iterable[Link]:
    return world.code.links_by_key.get(key, ())


def _of_issue(
    world: World, judgement: Judgement, issue: Issue, *, asked: str, position_of: PositionOf
) -> IssueExplanation:
    standing = standing_of(world, issue)
    return IssueExplanation(
        key=issue.key,
        asked_key=asked,
        title=issue.title,
        url=issue.url,
        status=issue.status,
        progress=world.progress_of(issue).value,
        since=standing.at,
        by=standing.author_name,
        belongs_to=tuple(_belonging(world, issue, position_of)),
        links=links_why(world, issue.key) or (),
        findings=whys_of(world, (f for f in judgement.findings if _rests_on(f, issue))),
    )


def _of_gone(world: World, judgement: Judgement, gone: Gone, *, position_of: PositionOf) -> IssueExplanation:
    issue = gone.issue
    return IssueExplanation(
        key=issue.key,
        asked_key=issue.key,
        title=issue.title,
        url=issue.url,
        status=issue.status,
        progress=world.progress_of(issue).value,
        since=gone.noticed_at,
        by=None,
        belongs_to=tuple(_missing(world, gone, position_of)),
        links=links_why(world, issue.key) or (),
        findings=whys_of(world, (f for f in judgement.findings if _rests_on(f, issue))),
        is_gone=True,
    )


def _missing(world: World, gone: Gone, position_of: PositionOf) -> Iterator[Belonging]:
    """The commitments that miss an issue. One that was made of it is gone too and stands nowhere."""
    for departure in (d for held in world.departures.values() for d in held if d.gone == gone):
        commitment = world.commitment.get(departure.commitment_key)
        places = [place for _, place in departure.names] or [commitment.origin if commitment else ""]
        yield Belonging(
            commitment_key=departure.commitment_key,
            title=commitment.title if commitment else departure.made,
            because=departure.because or ("the mapping names it" if departure.names else "it was made of it"),
            position=position_of(places[0]) if places[0] else "",
        )


def _belonging(world: World, issue: Issue, position_of: PositionOf) -> Iterator[Belonging]:
    for membership in world.memberships_by_record.get(issue.ref, ()):
        yield Belonging(
            commitment_key=membership.commitment_key,
            title=world.commitment[membership.commitment_key].title,
            because=membership.because,
            position=position_of(membership.rule),
        )


def _rests_on(finding: Finding, issue: Issue) -> bool:
    return finding.subject == issue.ref or any(e.record == issue.ref for e in finding.evidence)


def _of_commitment(
    world: World, judged: Judged, *, position: str, comments: tuple[CommentSince, ...]
) -> CommitmentExplanation:
    commitment = judged.commitment
    because = {m.record: m.because for m in world.memberships_in(commitment)}
    members = sorted(
        world.issues_in(commitment), key=lambda i: (i.project_key, int(i.key.rpartition("-")[2]))
    )
    items = ((i.key, i.status, because[i.ref]) for i in members)
    return CommitmentExplanation(
        key=commitment.key,
        title=commitment.title,
        technical_owner=commitment.technical_owner,
        engineering_owner=commitment.engineering_owner,
        position=position,
        items=tuple(items),
        comments=comments,
        findings=whys_of(world, (*judged.findings, *judged.suppressed)),
    )


def _of_rule(world: World, judgement: Judgement, rule: Rule) -> RuleExplanation:
    options = options_for(rule, world.spec)
    return RuleExplanation(
        code=rule.code,
        title=rule.title.within("en"),
        documentation=documentation_of(rule),
        is_enabled=options.is_enabled,
        severity=options.severity.word,
        audience=rule.audience.value,
        grace_hours=options.grace / timedelta(hours=1),
        thresholds=tuple(sorted(options.thresholds.items())),
        findings=whys_of(world, (f for f in judgement.findings if f.rule == rule.code)),
        not_asked=tuple((n.commitment_key, n.reason) for n in judgement.not_asked if n.rule == rule.code),
    )


def _link_why(world: World, link: Link) -> LinkWhy:
    change = world.observed.by_ref.get(link.change)
    return LinkWhy(
        label=label_of(change) if change else str(link.change),
        kind=link.change.kind,
        url=str(getattr(change, "url", "")),
        state=str(getattr(change, "state", "")),
        key=link.key,
        place=link.place.value,
        role=link.role.value,
        confidence=link.confidence.value,
        reason=link.reason,
        is_counted=_is_counted(link),
    )


def _is_counted(link: Link) -> bool:
    return link.role.is_work and link.confidence is not Confidence.WEAK


def _link_rank(link: Link) -> tuple[bool, bool, Ref, str, str]:
    is_other = link.change.kind != "merge_request"
    return not _is_counted(link), is_other, link.change, link.place.value, link.key
