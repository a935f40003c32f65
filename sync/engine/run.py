"""Run: one command's work under the lease, noted in the store from its beginning to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from connectors.port import Connector, Sink, Verdict
from mappings.schema import MappingSpec
from sync.core.plan import Plan
from sync.engine import cycle
from sync.engine.cycle import Judging
from sync.engine.deliver import Delivered, Post, deliver
from sync.engine.pull import Landed, Pull
from sync.store import lease, outbox, progress
from sync.store.progress import Run

WRITER = "writer"
"""Name of the one lease: whoever holds it may change the store and write to the tools."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who is told what happens: each page that landed, each delivery that ended. ``check`` may raise to end the run at a safe place."""

    landed: Callable[[Landed], None] = lambda _: None
    delivered: Callable[[Delivered], None] = lambda _: None
    check: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a run works with. ``now`` is the clock, ``census_every`` how often deletions are looked for."""

    engine: Engine
    spec: MappingSpec
    connectors: tuple[Connector, ...]
    now: Callable[[], datetime]
    run_id: str
    command: str
    census_every: timedelta
    is_full: bool = False
    writes_off: bool = False
    watch: Watch = field(default_factory=Watch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did. ``judging`` and ``plan`` are None where the command does not come so far; ``read`` are records by kind."""

    run: Run
    verdicts: tuple[Verdict, ...] = ()
    judging: Judging | None = None
    plan: Plan | None = None
    delivered: tuple[Delivered, ...] = ()
    read: tuple[tuple[str, int], ...] = ()

    @property
    def is_partial(self) -> bool:
        """True if some scope was not read to its end."""
        return any(not v.is_complete for v in self.verdicts)

    @property
    def has_failed_writes(self) -> bool:
        """True if some delivery did not succeed."""
        return any(d.error for d in self.delivered)


class _Tally:
    """Counts what lands while it is shown to whoever watches."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.records = 0
        self.skipped = 0
        self.read: Counter[str] = Counter()

    def landed(self, page: Landed) -> None:
        self.read.update(page.kinds)
        self.records += page.changed
        self.skipped += page.skipped
        self._watch.landed(page)


def pull_only(job: Job) -> Outcome:
    """Read everything that changed; judge and write nothing."""
    with _under_way(job) as work:
        verdicts = cycle.read(work.pull(), job.spec, job.connectors, census_every=job.census_every)
        return work.ended(Outcome(run=work.run, verdicts=verdicts))


def sync(job: Job) -> Outcome:
    """Pull, judge, plan, apply. Writes only what the mapping allows."""
    with _under_way(job) as work:
        verdicts = cycle.read(work.pull(), job.spec, job.connectors, census_every=job.census_every)
        judging = cycle.judging_of(job.engine, job.spec, now=job.now())
        cycle.remember(job.engine, judging)
        plan = cycle.plan_of(job.engine, judging, is_off=job.writes_off)
        sent = work.apply(plan)
        return work.ended(
            Outcome(run=work.run, verdicts=verdicts, judging=judging, plan=plan, delivered=sent)
        )


def apply_only(job: Job, plan: Plan) -> Outcome:
    """Carry out a plan that was found to be fresh."""
    with _under_way(job) as work:
        for connector in job.connectors:
            connector.connect()
        return work.ended(Outcome(run=work.run, plan=plan, delivered=work.apply(plan)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """A run under way: the job, its lease and its tally."""

    job: Job
    run: Run
    lease: lease.Lease
    tally: _Tally

    def tick(self) -> None:
        self.job.watch.check()
        lease.renew(self.job.engine, self.lease, now=self.job.now())

    def pull(self) -> Pull:
        return Pull(
            engine=self.job.engine,
            run_id=self.run.id,
            now=self.run.started_at,
            is_full=self.job.is_full,
            watch=self.tally.landed,
            tick=self.tick,
        )

    def apply(self, plan: Plan) -> tuple[Delivered, ...]:
        """Put the plan's commands into the outbox in one transaction, then deliver them."""
        if not plan.is_write_enabled:
            return ()
        with self.job.engine.begin() as connection:
            wishes = ((a.command, a.told.to_json() if a.told else None) for a in plan.actions if a.command)
            outbox.withdraw(connection, ((a.slot, a.target) for a in plan.actions if not a.command))
            outbox.enqueue(connection, wishes, now=self.job.now())
        post = Post(
            engine=self.job.engine,
            sinks=_sinks(self.job.connectors),
            run_id=self.run.id,
            now=self.job.now,
            tick=self.tick,
            watch=self.job.watch.delivered,
        )
        return deliver(post)

    def ended(self, outcome: Outcome) -> Outcome:
        """The outcome with its run noted as ended."""
        word = "partial" if outcome.is_partial else "failed" if outcome.has_failed_writes else "complete"
        run = replace(
            self.run,
            finished_at=self.job.now(),
            outcome=word,
            requests=sum(c.requests_made for c in self.job.connectors),
            records=self.tally.records,
            skipped=self.tally.skipped,
            writes=sum(d.error is None for d in outcome.delivered),
        )
        with self.job.engine.begin() as connection:
            progress.end_run(connection, run)
        return replace(outcome, run=run, read=tuple(self.tally.read.items()))


def _sinks(connectors: Iterable[Connector]) -> Mapping[str, Sink]:
    return {c.source: sink for c in connectors if (sink := c.sink())}


@contextmanager
def _under_way(job: Job) -> Iterator[_Work]:
    """The run under its lease; a failure is noted with its reason before it goes on."""
    held = lease.acquired(job.engine, WRITER, now=job.now())
    run = Run(id=job.run_id, command=job.command, started_at=job.now())
    try:
        with job.engine.begin() as connection:
            progress.begin_run(connection, run)
        yield _Work(job=job, run=run, lease=held, tally=_Tally(job.watch))
    except (Exception, KeyboardInterrupt) as error:
        _note_failure(job, run, str(error) or type(error).__name__)
        raise
    finally:
        lease.release(job.engine, held)


def _note_failure(job: Job, run: Run, reason: str) -> None:
    ended = replace(run, finished_at=job.now(), outcome="failed", detail=reason)
    with job.engine.begin() as connection:
        progress.end_run(connection, ended)
