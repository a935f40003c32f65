"""Explanations: what ``explain`` answers with, as plain values that print and serialise."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from sync.core.finding import Acknowledged, Condition, Evidence, Suppressed


class Belonging(Struct, frozen=True, kw_only=True):
    """One membership of an issue: the commitment, the rule in words, and where the mapping says so."""

    commitment_key: str
    title: str
    because: str
    position: str


class LinkWhy(Struct, frozen=True, kw_only=True):
    """One link with what is at its other end. ``is_counted`` tells whether it counts as work on the issue, ``reason`` why it has this role."""

    label: str
    kind: str
    url: str
    state: str
    key: str
    place: str
    role: str
    confidence: str
    reason: str
    is_counted: bool

    def __str__(self) -> str:
        what = f"{self.label} {self.state}".strip()
        counted = "" if self.is_counted else ", not counted"
        return f"{what:<20} {self.reason:<48} {self.role}, {self.confidence}{counted}"


class FirstSeen(Struct, frozen=True, kw_only=True):
    """When a run first saw a finding in its present age, how severe it was then, and what has changed since.

    ``severity`` and ``changes`` are None where what was seen then was not kept.
    """

    at: datetime
    age_s: float
    severity: str | None
    changes: tuple[str, ...] | None


class CommentSince(Struct, frozen=True, kw_only=True):
    """A managed comment of a commitment: on which issue, when it was written, and what has changed since, as it would say itself.

    ``came`` and ``cleared`` are the findings behind that, as rule and subject. ``written_at`` is None while none was written.
    """

    issue_key: str
    written_at: datetime | None
    changes: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()


class FindingWhy(Struct, frozen=True, kw_only=True):
    """One finding with its age, all conditions including the grace, and what clears it, in English. ``first_seen`` is None before a run has seen it."""

    fingerprint: str
    rule: str
    title: str
    commitment_key: str
    severity: str
    audience: str
    subject: str
    since: datetime
    age_s: float
    says: str
    means: str
    clears: str
    conditions: tuple[Condition, ...]
    evidence: tuple[Evidence, ...]
    suppressed: Suppressed | None
    acknowledged: Acknowledged | None
    state: str
    first_seen: FirstSeen | None


class IssueExplanation(Struct, frozen=True, kw_only=True):
    """An issue: how it stands since when by whom, what it belongs to, its links, and the findings that rest on it.

    Of one that is gone (``is_gone``) it is how it was read last, and ``since`` is when it was missed.
    """

    key: str
    asked_key: str
    title: str
    url: str
    status: str
    progress: str
    since: datetime
    by: str | None
    belongs_to: tuple[Belonging, ...]
    links: tuple[LinkWhy, ...]
    findings: tuple[FindingWhy, ...]
    is_gone: bool = False


class CommitmentExplanation(Struct, frozen=True, kw_only=True):
    """A commitment: where the mapping names it, its owners, its issues as (key, status, because), its comments, and its findings."""

    key: str
    title: str
    position: str
    technical_owner: str | None
    engineering_owner: str | None
    items: tuple[tuple[str, str, str], ...]
    comments: tuple[CommentSince, ...]
    findings: tuple[FindingWhy, ...]


class RuleExplanation(Struct, frozen=True, kw_only=True):
    """A rule: its documentation, the options in force (``thresholds`` as name and value), its findings, and for whom it was not asked, with the reason."""

    code: str
    title: str
    documentation: str
    is_enabled: bool
    severity: str
    audience: str
    grace_hours: float
    thresholds: tuple[tuple[str, float], ...]
    findings: tuple[FindingWhy, ...]
    not_asked: tuple[tuple[str, str], ...]


Explanation: TypeAlias = IssueExplanation | CommitmentExplanation | RuleExplanation | FindingWhy
"""What ``explanation_of`` answers with."""
