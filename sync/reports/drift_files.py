"""The findings for other programs: CSV for spreadsheets, Markdown for pages and tickets. What the tools wrote is data in both and never a formula or markup."""

from __future__ import annotations

import csv
import io

from sync.core.finding import Finding
from sync.reports.drift import DriftReport, clearing_of, counts_line, folded, told
from sync.reports.inert import address, cell, inert

COLUMNS = (
    "code severity state commitment subject what clears since audience fingerprint url reason owner until"
)
"""Columns of the CSV; the last three tell of a suppression."""


def csv_of(report: DriftReport) -> str:
    """All findings, suppressed ones too, one line each under a heading."""
    file = io.StringIO()
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(COLUMNS.split())
    lines.writerows([cell(value) for value in _values(report, f)] for f in report.findings)
    return file.getvalue()


def markdown_of(report: DriftReport) -> str:
    """Open findings as a table and the line of counts. Nobody is mentioned by it."""
    lines = [
        "| Code | Severity | Commitment | What | Since | State | Owner |",
        "|---|---|---|---|---|---|---|",
    ]
    for f in folded(report.open):
        cells = (
            f"└ {f.rule}" if f.explained_by else f.rule,
            f.severity.word,
            inert(_title(report, f)),
            f"{inert(told(report, f))}{_links(f)}",
            f.since.date().isoformat(),
            f.state.value,
            f.audience.value,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join((*lines, "", counts_line(report), ""))


def _links(finding: Finding) -> str:
    links = (f"[{inert(e.label)}](<{url}>)" for e in finding.evidence if (url := address(e.url)))
    listed = ", ".join(dict.fromkeys(links))
    return f" ({listed})" if listed else ""


def _title(report: DriftReport, finding: Finding) -> str:
    commitment = report.world.commitment.get(finding.commitment_key)
    return commitment.title if commitment else "-"


def _values(report: DriftReport, f: Finding) -> tuple[str, ...]:
    language, quiet = report.world.spec.language, f.suppressed
    return (
        f.rule,
        f.severity.word,
        f.state.value,
        "" if f.commitment_key == "*" else f.commitment_key,
        f.subject_label,
        told(report, f),
        clearing_of(f, language),
        f.since.isoformat(),
        f.audience.value,
        f.fingerprint,
        address(f.evidence[0].url),
        *((quiet.reason, quiet.owner, quiet.until.isoformat()) if quiet else ("", "", "")),
    )
