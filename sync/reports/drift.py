"""The findings: a table for people, a document for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from sync.core.finding import Finding, Severity
from sync.core.language import Language
from sync.core.world import World
from sync.reports.words import SEVERITY_COLOURS, age, counted, safe


def sentence_of(finding: Finding, language: Language) -> str:
    """What drifts, in one sentence of outside text."""
    return finding.says.filled(language, dict(finding.values))


def clearing_of(finding: Finding, language: Language) -> str:
    """What clears it, in one sentence of outside text."""
    return finding.clears.filled(language, dict(finding.values))


def view_of(findings: Iterable[Finding], world: World, *, changes: str = "") -> RenderableType:
    """Open findings in a table and a line of counts; ``changes`` says what is new or gone."""
    found = tuple(findings)
    is_open = [f for f in found if f.suppressed is None]
    return Group(table_of(is_open, world), "", _counts(is_open, len(found) - len(is_open), changes))


def table_of(findings: Iterable[Finding], world: World) -> Table:
    """One row per finding."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("CODE", "SEVERITY", "COMMITMENT", "WHAT", "SINCE", "OWNER"):
        table.add_column(name, overflow="fold", no_wrap=name in {"CODE", "SEVERITY", "SINCE", "OWNER"})
    for f in findings:
        commitment = world.commitment.get(f.commitment_key)
        table.add_row(
            f.rule,
            f"[{SEVERITY_COLOURS[f.severity]}]{f.severity.word}[/]",
            safe(commitment.title if commitment else "-"),
            safe(sentence_of(f, world.spec.language)),
            age(f.since, world.now),
            f.audience.value,
        )
    return table


def suppressed_table_of(findings: Iterable[Finding], language: Language) -> Table:
    """Suppressed findings with reason, owner and the last day."""
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), title="suppressed", title_justify="left"
    )
    for name in ("CODE", "WHAT", "REASON", "OWNER", "UNTIL"):
        table.add_column(name, overflow="fold")
    for f in findings:
        if f.suppressed:
            quiet = f.suppressed
            table.add_row(
                f.rule,
                safe(sentence_of(f, language)),
                safe(quiet.reason),
                safe(quiet.owner),
                quiet.until.isoformat(),
            )
    return table


def _counts(findings: list[Finding], suppressed: int, changes: str) -> str:
    by_severity = (
        f"{n} {severity.word}"
        for severity in sorted(Severity, reverse=True)
        if (n := sum(f.severity is severity for f in findings))
    )
    listed = ", ".join(by_severity)
    parts = [
        f"{counted(len(findings), 'finding')}{f' ({listed})' if listed else ''}",
        changes,
        f"{suppressed} suppressed",
    ]
    return " · ".join(part for part in parts if part)


def changes_since(
    first_seen: Mapping[str, datetime],
    cleared: Iterable[datetime],
    *,
    now: datetime,
    span: timedelta = timedelta(days=1),
) -> str:
    """``3 new, 2 cleared since yesterday``."""
    new = sum(now - at < span for at in first_seen.values())
    gone = sum(now - at < span for at in cleared)
    return f"{new} new, {gone} cleared since yesterday"


def document_of(findings: Iterable[Finding], *, language: Language, now: datetime) -> dict[str, object]:
    """The findings as a JSON document, suppressed ones included and marked."""
    return {"as_of": now.isoformat(), "findings": [finding_document(f, language) for f in findings]}


def finding_document(f: Finding, language: Language) -> dict[str, object]:
    """One finding as a JSON document."""
    quiet, known = f.suppressed, f.acknowledged
    return {
        "rule": f.rule,
        "state": f.state.value,
        "severity": f.severity.word,
        "commitment": None if f.commitment_key == "*" else f.commitment_key,
        "subject": str(f.subject),
        "subject_label": f.subject_label,
        "since": f.since.isoformat(),
        "audience": f.audience,
        "what": sentence_of(f, language),
        "clears": clearing_of(f, language),
        "fingerprint": f.fingerprint,
        "evidence": [
            {"record": str(e.record), "label": e.label, "url": e.url, "observed": e.observed}
            for e in f.evidence
        ],
        "suppressed": {"reason": quiet.reason, "owner": quiet.owner, "until": quiet.until.isoformat()}
        if quiet
        else None,
        "acknowledged": {
            "owner": known.owner,
            "note": known.note,
            "until": known.until.isoformat() if known.until else None,
        }
        if known
        else None,
    }
