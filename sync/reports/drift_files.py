"""The findings for other programs: CSV for spreadsheets, Markdown for pages and tickets. What the tools wrote is data in both and never a formula or markup."""

from __future__ import annotations

import csv
import io
import re
from urllib.parse import quote

from sync.core.finding import Finding
from sync.reports.drift import DriftReport, clearing_of, counts_line, folded, told

COLUMNS = (
    "code severity state commitment subject what clears since audience fingerprint url reason owner until"
)
"""Columns of the CSV; the last three tell of a suppression."""

_FORMULA = ("=", "+", "-", "@")
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>&~$^])")


def csv_of(report: DriftReport) -> str:
    """All findings, suppressed ones too, one line each under a heading."""
    file = io.StringIO()
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(COLUMNS.split())
    lines.writerows([cell(value) for value in _values(report, f)] for f in report.findings)
    return file.getvalue()


def cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula, on one line: what begins like one gets a leading quote."""
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line


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


def inert(text: str) -> str:
    """Outside text as Markdown that shows it as it is: on one line, without markup, links of its own, or mentions."""
    escaped = _MARKUP.sub(r"\\\1", one_line(text))
    return escaped.replace("@", "@\u200b").replace("://", ":\u200b//")


def one_line(text: str) -> str:
    """Text without control characters and without white space at its ends."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def address(url: str) -> str:
    """A web address with nothing in it that could end or change it; empty for any other address."""
    whole = quote(one_line(url), safe=":/?#@!$&*+,;=%~")
    return whole if whole.casefold().startswith(("https://", "http://")) else ""


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
