"""What the fault suite shares: one laboratory per process, and the table of all that was measured."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.faults.laboratory import Laboratory
from tests.faults.marks import Marks, marks_from
from tests.faults.table import document_of, printed, rows_of

_MARKS = "fault marks"


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Companies and stores for trials."""
    return Laboratory(folder=tmp_path_factory.mktemp("laboratory"))


@pytest.fixture
def tally(record_property):
    """A function that enters the marks of a trial into the table, in the row of that name."""
    return lambda row, marks: record_property(_MARKS, json.dumps([row, marks.document()]))


def _measured(terminalreporter) -> list[tuple[str, Marks]]:
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    found = [
        json.loads(value)
        for report in reports
        if report.when == "call"
        for name, value in report.user_properties
        if name == _MARKS
    ]
    return [(row, marks_from(document)) for row, document in found]


def pytest_terminal_summary(terminalreporter):
    rows = rows_of(_measured(terminalreporter))
    if not rows:
        return
    terminalreporter.section("what the faults left behind")
    terminalreporter.write(printed(rows))
    target = os.environ.get("TANDEM_FAULT_TABLE")
    if target:
        Path(target).write_text(document_of(rows), encoding="utf-8")
        terminalreporter.write_line(f"written to {target}")
