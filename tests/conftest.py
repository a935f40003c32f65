"""What all tests share: a real PostgreSQL, and figures measured on real data, shown once at the end of the run, also when many workers ran it."""

from __future__ import annotations

import signal

import postgres
import pytest
from hypothesis import is_hypothesis_test

_FIGURE = "measured"


@pytest.fixture
def tell(record_property):
    """A function that puts one line into the summary of the run."""
    return lambda line: record_property(_FIGURE, line)


@pytest.fixture
def postgres_url():
    """TANDEM_DATABASE of a migrated PostgreSQL database without rows, for one test."""
    yield from _postgres_url()


@pytest.fixture
def second_postgres_url():
    """Another one, where a test wants two."""
    yield from _postgres_url()


def _postgres_url():
    if not postgres.is_installed():
        pytest.skip(f"the wheel {postgres.WHEEL} is not installed, so there is no PostgreSQL to test on")
    with postgres.server().store() as url:
        yield url


def pytest_collection_modifyitems(items):
    """Marks every Hypothesis test as a law: many examples take their time, so they are a level of their own beside the pure one."""
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.law)


def pytest_terminal_summary(terminalreporter, config):
    if hasattr(config, "workerinput"):
        return  # a worker knows its own reports only
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    lines = sorted({value for report in reports for name, value in report.user_properties if name == _FIGURE})
    if lines:
        terminalreporter.section("measured on real data")
        for line in lines:
            terminalreporter.write_line(line)
    if any(name == "fault marks" for report in reports for name, _ in report.user_properties):
        from tests.faults.summary import show  # noqa: PLC0415  # only where faults were tried

        show(terminalreporter)


def pytest_configure() -> None:
    """Whoever starts the tests may ignore signals (nohup, a background job); what the tests start would inherit that and never hear of a stop."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
