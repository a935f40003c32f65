"""Explanations as plain lines for a terminal. Text from the tools stays as it is: whoever prints it makes it safe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import assert_never

from sync.core.drift.evidence import instant_of
from sync.core.explanation import (
    CommentSince,
    CommitmentExplanation,
    Explanation,
    FindingWhy,
    FirstSeen,
    IssueExplanation,
    RuleExplanation,
)
from sync.core.finding import State

_NAME = 13


def lines_of(explanation: Explanation) -> tuple[str, ...]:
    """The explanation in lines without line ends."""
    match explanation:
        case IssueExplanation():
            return tuple(_issue(explanation))
        case CommitmentExplanation():
            return tuple(_commitment(explanation))
        case RuleExplanation():
            return tuple(_rule(explanation))
        case FindingWhy():
            return tuple(_finding(explanation))
        case _:
            assert_never(explanation)


def span_of(span: timedelta) -> str:
    """A span in the largest unit that is at least two: ``3 days``, ``26 hours``, ``15 minutes``; none is ``0``."""
    minutes = int(span.total_seconds() // 60)
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} minutes" if minutes else "0"


def _issue(issue: IssueExplanation) -> Iterator[str]:
    moved = f" (asked for as {issue.asked_key})" if issue.asked_key != issue.key else ""
    yield f'{issue.key}{moved}  "{issue.title}"    Jira: {_standing(issue)}'
    for belonging in issue.belongs_to:
        because = f"{belonging.title}   because {belonging.because}   {belonging.position}"
        yield _named("belongs to", because)
    if not issue.belongs_to:
        yield _named("belongs to", "no commitment")
    for link in issue.links:
        yield _named("linked", str(link))
    if not issue.links:
        yield _named("linked", "nothing names it")
    yield from _findings(issue.findings)


def _standing(issue: IssueExplanation) -> str:
    status, since = f"{issue.status} ({issue.progress})", instant_of(issue.since)
    if issue.is_gone:
        return f"gone (deleted, or hidden from Tandem), missed {since}; last {status}"
    return f"{status} since {since}" + (f", by {issue.by}" if issue.by else "")


def _commitment(commitment: CommitmentExplanation) -> Iterator[str]:
    yield f'{commitment.key}  "{commitment.title}"    {commitment.position}'
    owners = f"technical {commitment.technical_owner or 'nobody'}, engineering {commitment.engineering_owner or 'nobody'}"
    yield _named("owners", owners)
    for key, status, because in commitment.items:
        yield _named("item", f"{key:<12} {status:<14} because {because}")
    if not commitment.items:
        yield _named("item", "none")
    for comment in commitment.comments:
        yield from _comment(comment)
    yield from _findings(commitment.findings)


def _rule(rule: RuleExplanation) -> Iterator[str]:
    yield f"{rule.code}  {rule.title}"
    yield from (f"  {line}".rstrip() for line in rule.documentation.splitlines())
    thresholds = "".join(f", {name} {value:g}" for name, value in rule.thresholds)
    state = "" if rule.is_enabled else "switched off, "
    grace = span_of(timedelta(hours=rule.grace_hours))
    yield _named("options", f"{state}{rule.severity}, {rule.audience}, grace {grace}{thresholds}")
    for commitment, reason in rule.not_asked:
        yield _named("not asked", f"{commitment}: {reason}")
    yield from _findings(rule.findings)


def _findings(findings: tuple[FindingWhy, ...]) -> Iterator[str]:
    for finding in findings:
        yield from _finding(finding)
    if not findings:
        yield _named("finding", "none")


def _finding(finding: FindingWhy) -> Iterator[str]:
    span = span_of(timedelta(seconds=finding.age_s))
    age = "new" if span == "0" else f"{span} old"
    where = "" if finding.commitment_key == "*" else f" in {finding.commitment_key}"
    yield _named("finding", f"{finding.rule} {finding.severity}, {age}{where}: {finding.says}")
    if finding.means != finding.says:
        yield _named("", f"means       {finding.means}")
    yield from _first_seen(finding.first_seen)
    for condition in finding.conditions:
        verdict = "" if condition.held else "   (not held)"
        yield _named("", f"condition   {condition.asked:<50} observed {condition.observed}{verdict}")
    for evidence in finding.evidence:
        yield _named("", f"evidence    {evidence.label} {evidence.observed}   {evidence.url}".rstrip())
    if quiet := finding.suppressed:
        yield _named("", f"suppressed  until {quiet.until.isoformat()} by {quiet.owner}: {quiet.reason}")
    if given := finding.acknowledged:
        until = f" until {given.until.isoformat()}" if given.until else ""
        note = f": {given.note}" if given.note else ""
        yield _named("", f"acknowledged by {given.owner}{until}{note}")
    if finding.state == State.FLAPPING:
        yield _named("", "flapping    it comes and goes, so nobody is notified again")
    yield _named("", f"clears by   {finding.clears}   [{finding.fingerprint}]")


def _first_seen(first: FirstSeen | None) -> Iterator[str]:
    """When a run first saw it, and what has changed since: on the same line if it is little."""
    if first is None:
        return
    then = f" as {first.severity}" if first.severity else ""
    span = span_of(timedelta(seconds=first.age_s))
    line = f"first seen  {instant_of(first.at)}{then}" + (f" ({span})" if span != "0" else "")
    if first.changes is None:
        yield _named("", f"{line}; what it was then was not kept")
        return
    yield _named("", f"{line}; {'since then:' if first.changes else 'nothing has changed since'}")
    yield from (_named("", f"            {change}") for change in first.changes)


def _comment(comment: CommentSince) -> Iterator[str]:
    if comment.written_at is None:
        yield _named("comment", f"none on {comment.issue_key} yet")
        return
    since = ", ".join(comment.changes) or "nothing has changed"
    yield _named("comment", f"on {comment.issue_key}, {instant_of(comment.written_at)}; since then: {since}")
    for name, findings in (("new", comment.came), ("cleared", comment.cleared)):
        if findings:
            yield _named("", f"{name:<11} {', '.join(findings)}")


def _named(name: str, text: str) -> str:
    return f"{name:<{_NAME}}{text}"
