"""The findings: a table for people, a document for programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from mappings.calendar import Calendar
from sync.core.condition import Sighting
from sync.core.drift.choice import Choice, chosen, cleared_lately
from sync.core.drift.spoken import spoken
from sync.core.drift.standing import new_since
from sync.core.finding import Audience, Finding, Severity, State
from sync.core.language import Language
from sync.core.world import World
from sync.reports.words import SEVERITY_COLOURS, age, counted, safe


def sentence_of(finding: Finding, language: Language) -> str:
    """What drifts, in one sentence of outside text."""
    return finding.says.filled(language, dict(finding.values))


def clearing_of(finding: Finding, language: Language) -> str:
    """What clears it, in one sentence of outside text."""
    return finding.clears.filled(language, dict(finding.values))


class DriftReport(Struct, frozen=True, kw_only=True):
    """What is shown of a judgement: the findings that were asked for, suppressed ones included, and those that cleared lately."""

    world: World
    findings: tuple[Finding, ...]
    cleared: tuple[Sighting, ...] = ()
    reader: Audience | None = None

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that are not suppressed."""
        return tuple(f for f in self.findings if f.suppressed is None)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings are in each state, and how many cleared lately; every state is named."""
        by_state = {state.value: sum(f.state is state for f in self.findings) for state in State}
        return by_state | {State.CLEARED.value: len(self.cleared)}


def report_of(world: World, findings: Iterable[Finding], choice: Choice | None = None) -> DriftReport:
    """The report of what ``choice`` takes; of everything without one."""
    asked = choice or Choice()
    return DriftReport(
        world=world,
        findings=chosen(world, findings, asked),
        cleared=cleared_lately(world, asked),
        reader=asked.audience,
    )


def told(report: DriftReport, finding: Finding) -> str:
    """What drifts, in one sentence of outside text for the report's reader."""
    spec = report.world.spec
    return spoken(finding, spec.language, reader=report.reader, glossary=spec.glossary)


def view_of(report: DriftReport) -> RenderableType:
    """Open findings in a table and a line of counts."""
    return Group(table_of(report), "", counts_line(report))


def table_of(report: DriftReport) -> Table:
    """One row per open finding; what another explains stands below that one."""
    world = report.world
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("CODE", "SEVERITY", "COMMITMENT", "WHAT", "SINCE", "STATE", "OWNER"):
        table.add_column(name, overflow="fold", no_wrap=name not in {"COMMITMENT", "WHAT"})
    for f in folded(report.open):
        commitment = world.commitment.get(f.commitment_key)
        table.add_row(
            f"└ {f.rule}" if f.explained_by else f.rule,
            f"[{SEVERITY_COLOURS[f.severity]}]{f.severity.word}[/]",
            safe(commitment.title if commitment else "-"),
            safe(told(report, f)),
            age(f.since, world.now),
            f.state.value,
            f.audience.value,
        )
    return table


def folded(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in the given order, but each that another one of them explains right after that one."""
    found = tuple(findings)
    shown = {f.fingerprint for f in found}
    below: defaultdict[str | None, list[Finding]] = defaultdict(list)
    for f in found:
        below[f.explained_by if f.explained_by in shown else None].append(f)
    return tuple(one for f in below[None] for one in (f, *below[f.fingerprint]))


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


def counts_line(report: DriftReport) -> str:
    """One line that counts the open findings by severity, what is new and gone since the last working day, and what is quiet; never without the suppressed ones."""
    found, counts = report.open, report.counts
    by_severity = (
        f"{n} {severity.word}"
        for severity in sorted(Severity, reverse=True)
        if (n := sum(f.severity is severity for f in found))
    )
    listed = ", ".join(by_severity)
    since = Calendar(report.world.spec.calendar).day_of(new_since(report.world))
    parts = [
        f"{counted(len(found), 'finding')}{f' ({listed})' if listed else ''}",
        f"{counts['new']} new, {counts['cleared']} cleared since {since.isoformat()}",
        f"{counts['flapping']} flapping" if counts["flapping"] else "",
        f"{counts['acknowledged']} acknowledged",
        f"{counts['suppressed']} suppressed",
    ]
    return " · ".join(part for part in parts if part)


def document_of(report: DriftReport) -> dict[str, object]:
    """The report as a JSON document, suppressed findings included and marked."""
    language = report.world.spec.language
    return {
        "as_of": report.world.now.isoformat(),
        "counts": report.counts,
        "findings": [finding_document(f, language) | {"means": _meaning(report, f)} for f in report.findings],
        "cleared": [
            {
                "fingerprint": s.fingerprint,
                "rule": s.rule,
                "commitment": None if s.commitment_key == "*" else s.commitment_key,
                "cleared_at": s.cleared_at.isoformat() if s.cleared_at else None,
            }
            for s in report.cleared
        ],
    }


def _meaning(report: DriftReport, finding: Finding) -> str:
    spec = report.world.spec
    return spoken(finding, spec.language, reader=Audience.ENGINEERING, glossary=spec.glossary)


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
        "explained_by": f.explained_by,
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
