"""Trial: faulty runs, then good ones until nothing changes, and everything measured against a fault-free reader."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tests.faults.bench import CALM, HASTY, Bench, Ran
from tests.faults.journal import standing_comments, standing_properties
from tests.faults.marks import Marks
from tests.faults.measure import (
    Reading,
    marks_of_comments,
    marks_of_findings,
    marks_of_properties,
    marks_of_records,
)
from tests.faults.reference import References, is_there
from tests.faults.said import Status, wrong_among

BETWEEN_RUNS = timedelta(minutes=10)
GOOD_RUNS = 5
"""At most: a good run writes, the next reads what that changed, the third finds nothing to do; two more where a grace ends meanwhile."""
BETWEEN_GOOD_RUNS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One faulty run: ``arm`` is done to the bench before it, ``mend`` after it. ``expect`` are the exit codes that it may have, if that is told."""

    arm: Callable[[Bench], object] = lambda _: None
    mend: Callable[[Bench], object] = lambda _: None
    arguments: tuple[str, ...] = ("sync",)
    settings: dict[str, object] = field(default_factory=dict)
    expect: frozenset[int] = frozenset()


def tried(
    bench: Bench,
    references: References,
    steps: Iterable[Step],
    *,
    patience: timedelta,
) -> Marks:
    """The marks of one trial. ``patience`` is how much time may have to pass before all is well again (zero: none)."""
    marks, came_to_pass = Marks(), False
    for step in steps:
        met, more = _faulty(bench, references, step)
        marks, came_to_pass = marks + more, came_to_pass or met
    marks = replace(marks, runs=int(came_to_pass), idle=int(not came_to_pass))
    settled = _Settling(bench=bench, references=references)
    return marks + settled.marks(patience)


def _faulty(bench: Bench, references: References, step: Step) -> tuple[bool, Marks]:
    """Whether anything came to pass in a faulty run, and its marks."""
    bench.company.clock.advance(BETWEEN_RUNS)
    step.arm(bench)
    seen = _watched(bench, references)
    before = to_come(bench)
    is_slow = any(fault.delay_s for fault in bench.company.sandbox.faults)
    ran = bench.run(*step.arguments, **{**(HASTY if is_slow else CALM), **step.settings})
    came_to_pass = not before or to_come(bench) < before
    disarm(bench)
    marks = marks_of_run(bench, ran, seen, references)
    step.mend(bench)
    bench.host_ahead = timedelta(0)
    if came_to_pass and step.expect and ran.code not in step.expect:
        marks += _trouble(f"exit {ran.code}, not one of {sorted(step.expect)}: {_last(ran)}")
    return came_to_pass, marks


def to_come(bench: Bench) -> int:
    """Turns of faults and events that wait for their request."""
    sandbox = bench.company.sandbox
    return sum(fault.times for fault in sandbox.faults) + len(sandbox.events)


def _watched(bench: Bench, references: References) -> list[Callable[[], Reading]]:
    """What fault-free readers see of the world: one now, where it will change, and one after each event of the run but the last."""
    events = sorted(bench.company.sandbox.events, key=lambda e: e.at_request)
    seen: list[Callable[[], Reading]] = []
    if events:
        now = references.of(bench)
        seen.append(lambda: now)
    for event in events[:-1]:  # after the last one the world is as it is at the end
        event.play = _followed(event.play, lambda: seen.append(references.later(bench)))
    return seen


def _followed(play: Callable[[], object], then: Callable[[], object]) -> Callable[[], object]:
    def both() -> None:
        play()
        then()

    return both


def disarm(bench: Bench) -> None:
    """From now on no fault and no event comes to pass."""
    sandbox = bench.company.sandbox
    sandbox.faults.clear()
    sandbox.events.clear()
    sandbox.date_shift = timedelta(0)


def marks_of_run(
    bench: Bench, ran: Ran, seen: Iterable[Callable[[], Reading]], references: References
) -> Marks:
    """What was wrong with one run: how it ended, and what it said that none of these would have said: the fault-free readers in ``seen``, one at its end, and one who has not missed deleted issues yet."""
    marks = _trouble(ran.complaint) if ran.complaint else Marks()
    if not ran.said:
        return marks
    allowed: defaultdict[str, frozenset[Status]] = defaultdict(frozenset)
    unknown = bench.reading().unknown
    wrong: tuple[str, ...] = ()
    for read in (*seen, lambda: references.of(bench), lambda: references.unaware(bench)):
        for key, status in read().statuses.items():
            allowed[key] |= {status}
        wrong = wrong_among(ran.said, allowed, unknown)
        if not wrong:
            break
    return marks + Marks(wrong_statuses=len(wrong), notes=wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settling:
    """Good runs after the faulty ones."""

    bench: Bench
    references: References

    def marks(self, patience: timedelta) -> Marks:
        """What good runs did not put right; where they need time, after that time."""
        marks, is_quiet = self._good_runs()
        at_rest = self._at_rest(is_quiet=is_quiet)
        if patience and not at_rest.is_clean:
            self.bench.company.clock.advance(patience)
            more, is_quiet = self._good_runs()
            return replace(marks + more + self._at_rest(is_quiet=is_quiet), waited=1)
        return marks + at_rest

    def _good_runs(self) -> tuple[Marks, bool]:
        """Runs without faults until one changes nothing; whether one did."""
        marks = Marks()
        for _ in range(GOOD_RUNS):
            self.bench.company.clock.advance(BETWEEN_GOOD_RUNS)
            ran = self.bench.run("sync", "--json")
            marks += marks_of_run(self.bench, ran, (), self.references)
            if _is_quiet(ran):
                return marks, True
        return marks, False

    def _at_rest(self, *, is_quiet: bool) -> Marks:
        """How store and Jira stand now, against a fault-free reader."""
        truth, found = self.references.of(self.bench), self.bench.reading()
        sandbox = self.bench.company.sandbox
        held = marks_of_records(
            found,
            truth,
            is_there=lambda ref: is_there(sandbox, ref),
        )
        marks = (
            held
            + marks_of_findings(found, truth)
            + marks_of_comments(standing_comments(sandbox.jira), truth)
            + marks_of_properties(standing_properties(sandbox.jira), truth)
        )
        return marks if is_quiet else marks + _trouble(f"still busy: {_last(self.bench.ran[-1])}")


def _is_quiet(ran: Ran) -> bool:
    """True if a run read nothing new and wrote nothing."""
    if ran.code not in {0, 3} or ran.said or not ran.out.startswith("{"):
        return False
    document = json.loads(ran.out)
    return not (document["records"] or document["writes"] or document["failed_writes"])


def _last(ran: Ran) -> str:
    """A run in one line."""
    if not ran.out.startswith("{"):
        return f"exit {ran.code} {ran.out[-300:]} {ran.err[-300:]}"
    document = json.loads(ran.out)
    shown = {k: document[k] for k in ("outcome", "records", "writes", "unknown", "failed_writes", "read")}
    return f"exit {ran.code} {shown} {ran.err[-300:]}"


def _trouble(what: str) -> Marks:
    return Marks(unsettled=1, notes=(what,))
