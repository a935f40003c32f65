"""Pull the plug at any moment: one good run completes the work, with exactly one comment per slot and no record lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

import pytest

from tests.faults.bench import Bench
from tests.faults.campaign import FLAVOURS, share
from tests.faults.changes import day_of_work
from tests.faults.laboratory import DATABASES, Laboratory, Which
from tests.faults.marks import Marks
from tests.faults.outside import Outside, ended, marks_after
from tests.faults.rows import INTERRUPT, KILL, TERMINATE, TWO

pytestmark = pytest.mark.process

GROUPS = 4
"""The rounds of one signal in so many tests, which can run side by side."""


@contextmanager
def living(laboratory: Laboratory, group: int) -> Iterator[Outside]:
    """A company whose clock runs with real time, because real processes have a real clock."""
    which = Which(flavour=FLAVOURS[group % 2], anchor=laboratory.today)
    with laboratory.bench(which, database=DATABASES[group // 2 % 2], run="later") as bench:
        bench.company.clock.advance(max(datetime.now(UTC) - bench.company.clock.now(), bench.host_ahead))
        bench.company.clock.run(time.monotonic)
        yield Outside(bench=bench)


def forget(bench: Bench, laboratory: Laboratory) -> None:
    """Begin again with an empty store and nothing of ours in Jira."""
    jira = bench.company.sandbox.jira
    for comments in jira.comments.values():
        comments[:] = [c for c in comments if c["author"] != jira.me]
    jira.properties.clear()
    laboratory.empty(bench.settings.database)


def rounds(laboratory: Laboratory, group: int, *, number: int, signal_number: int) -> Marks:
    """So many rounds of: something to do, a run that is ended from outside, a good run, and a look at what stands then."""
    chance, marks = Random(1000 * signal_number + group), Marks()
    codes: list[int] = []
    with living(laboratory, group) as outside:
        bench = outside.bench
        for _ in range(number):
            if chance.random() < 0.4:
                forget(bench, laboratory)
            else:
                day_of_work(bench.company, chance)
            code, text = outside.ended_by(signal_number, chance)
            codes.append(code)
            before = laboratory.references.of(bench)
            good, said_text = outside.run()
            said = bench.journal.taken()
            marks += Marks(runs=1) + marks_after(
                bench, lambda: laboratory.references.of(bench), said=said, before=before
            )
            if good != 0 or "Traceback" in text + said_text:
                marks += Marks(
                    unsettled=1, notes=(f"exit {code} then {good}: {text[-500:]} {said_text[-500:]}",)
                )
    if not set(codes) & ENDED[signal_number]:
        marks += Marks(unsettled=1, notes=(f"no process was really ended: {codes}",))
    return marks


ENDED = {
    signal.SIGKILL: {-signal.SIGKILL},
    signal.SIGTERM: {-signal.SIGTERM, 128 + signal.SIGTERM, 130},
    signal.SIGINT: {130},
}
"""Exit codes of a process that was really ended by the signal."""


@pytest.mark.parametrize("group", range(GROUPS))
def test_killed_at_any_moment_the_next_run_completes_the_work(group: int, laboratory, tally) -> None:
    marks = rounds(laboratory, group, number=share(200) // GROUPS, signal_number=signal.SIGKILL)
    tally(KILL, marks)
    marks.require_clean()


@pytest.mark.parametrize(
    ("row", "number"), [(TERMINATE, signal.SIGTERM), (INTERRUPT, signal.SIGINT)], ids=["SIGTERM", "SIGINT"]
)
def test_asked_to_end_at_any_moment_the_next_run_completes_the_work(
    row: str, number: int, laboratory, tally
) -> None:
    marks = rounds(laboratory, number, number=share(30), signal_number=number)
    tally(row, marks)
    marks.require_clean()


@pytest.mark.parametrize("group", range(2))
def test_two_started_together_are_one_writer(group: int, laboratory, tally) -> None:
    marks, chance = Marks(), Random(group)
    with living(laboratory, 2 * group) as outside:
        bench = outside.bench
        for _ in range(share(100) // 4):
            if chance.random() < 0.5:
                forget(bench, laboratory)
            else:
                day_of_work(bench.company, chance)
            before = laboratory.references.of(bench)
            both = [outside.start(), outside.start()]
            (one, text), (other, more) = (ended(process) for process in both)
            marks += Marks(runs=1) + marks_after(
                bench, lambda: laboratory.references.of(bench), said=bench.journal.taken(), before=before
            )
            if sorted((one, other)) not in ([0, 0], [0, 6]) or "Traceback" in text + more:
                marks += Marks(unsettled=1, notes=(f"exit {one} and {other}: {text[-500:]} {more[-500:]}",))
    tally(TWO, marks)
    marks.require_clean()
