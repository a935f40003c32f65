"""What all tests share: figures measured on real data, shown once at the end of the run, also when many workers ran it."""

from __future__ import annotations

import pytest

_FIGURE = "measured"


@pytest.fixture
def tell(record_property):
    """A function that puts one line into the summary of the run."""
    return lambda line: record_property(_FIGURE, line)


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    lines = sorted({value for report in reports for name, value in report.user_properties if name == _FIGURE})
    if lines:
        terminalreporter.section("measured on real data")
        for line in lines:
            terminalreporter.write_line(line)
