"""Summary: the table of all that a test run measured, at its end, from the reports of every worker."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.faults.marks import Marks, marks_from
from tests.faults.table import document_of, printed, rows_of

MARKS = "fault marks"
"""Name of the report property that holds the marks of one trial."""


def _measured(terminalreporter) -> list[tuple[str, Marks]]:
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    found = [
        json.loads(value)
        for report in reports
        if report.when == "call"
        for name, value in report.user_properties
        if name == MARKS
    ]
    return [(row, marks_from(document)) for row, document in found]


def show(terminalreporter) -> None:
    """Print the table, and write it where TANDEM_FAULT_TABLE says; nothing where no trial was made."""
    rows = rows_of(_measured(terminalreporter))
    if not rows:
        return
    terminalreporter.section("what the faults left behind")
    terminalreporter.write(printed(rows))
    target = os.environ.get("TANDEM_FAULT_TABLE")
    if target:
        Path(target).write_text(document_of(rows), encoding="utf-8")
        terminalreporter.write_line(f"written to {target}")
