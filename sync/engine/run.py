"""Run: one command's work under its leases, noted in the store from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from connectors.commands import Slot
from connectors.errors import TandemError
from connectors.port import Connector, Sink, Vitals
from sync.core.plan import Plan
from sync.engine import cycle
from sync.engine.job import Job, Outcome, Watch
from sync.engine.judging import Judging, judging
from sync.engine.pull import Pull
from sync.engine.tally import Tally
from sync.engine.unwanted import unwanted
from sync.logs import log
from sync.store import lease, outbox, progress
from sync.store.condition import keep_vitals
from sync.store.outbox import DEAD, PENDING
from sync.store.progress import Run

if TYPE_CHECKING:
    from sync.engine.deliver import Delivered

__all__ = ["Job", "Outcome", "Watch", "Work", "apply_only", "pull_only", "rehearse", "sync"]


def pull_only(job: Job) -> Outcome:
    """Read everything that changed; judge and write nothing."""
    with _under_way(job) as work:
        verdicts = cycle.read(work.pull(), job.spec, job.connectors, census_every=job.census_every)
        work.keep_vitals()
        return work.ended(Outcome(run=work.run, verdicts=verdicts))


def sync(job: Job) -> Outcome:
    """Pull, look whether people touched our comments, judge, plan, apply. Writes only what the mapping allows."""
    with _under_way(job) as work:
        plan, outcome = work.decided()
        return work.applied(plan, outcome)


def rehearse(job: Job, *, judged_at: datetime | None, vitals: Mapping[str, Vitals]) -> Outcome:
    """What ``sync`` does up to its plan, judged at ``judged_at`` (None: now); nothing is carried out. ``vitals`` stand for those that a connector would tell."""
    with _under_way(job) as work:
        work.vitals.update(vitals)
        return work.ended(work.decided(judged_at)[1])


def apply_only(job: Job, plan: Plan) -> Outcome:
    """Carry out a plan that was found to be fresh."""
    with _under_way(job) as work:
        for connector in job.connectors:
            connector.connect()
        work.keep_vitals()
        return work.applied(plan, Outcome(run=work.run, plan=plan))


class Work(Struct, frozen=True, kw_only=True):
    """A run under way, or one worker's part in it: the job, its leases, its tally, and each site's vitals once they are known."""

    job: Job
    run: Run
    held: tuple[lease.Lease, ...]
    tally: Tally
    vitals: dict[str, Vitals] = field(default_factory=dict)

    def guard(self, connection: Connection) -> None:
        """Refuse the transaction if another process has taken over; otherwise nobody can before it ends."""
        lease.hold(connection, self.held, now=self.job.now())

    def skew_s(self, source: str) -> float:
        """Seconds by which the clock of a source is ahead of ours; 0 where that is not known."""
        return self.vitals.get(source, Vitals()).skew_s or 0.0

    def abandon(self) -> None:
        """Let what is being asked of the tools end soon; nothing more is asked."""
        for connector in self.job.connectors:
            connector.close()

    def pull(self) -> Pull:
        """What a pull needs."""
        return Pull(
            engine=self.job.engine,
            run_id=self.run.id,
            now=self.run.started_at,
            is_full=self.job.is_full,
            max_age=self.job.max_age,
            watch=self.tally.landed,
            tick=self.job.watch.check,  # each page's transaction holds the leases already
            guard=self.guard,
            workers=self.job.workers,
        )

    def keep_vitals(self) -> None:
        """Ask the connectors for their sites' clock and token, and store it."""
        for connector in (c for c in self.job.connectors if c.source not in self.vitals):
            try:
                self.vitals[connector.source] = connector.vitals()
            except TandemError as error:
                log().warning("vitals_unknown", source=connector.source, reason=str(error))
        with self.job.engine.begin() as connection:
            self.guard(connection)
            for source, vitals in self.vitals.items():
                keep_vitals(connection, source, vitals, at=self.job.now())

    def decided(self, judged_at: datetime | None = None) -> tuple[Plan, Outcome]:
        """Pull, look at our comments, judge and plan; judged now where no instant is given."""
        job = self.job
        verdicts = cycle.read(self.pull(), job.spec, job.connectors, census_every=job.census_every)
        self.keep_vitals()
        self.inspect()
        found, plan = self.judged(judged_at or job.now())
        return plan, Outcome(run=self.run, verdicts=verdicts, judging=found, plan=plan)

    def judged(self, at: datetime) -> tuple[Judging, Plan]:
        """The judgement over what the store holds, noted there, and the plan that follows from it."""
        engine = self.job.engine
        with judging(engine, self.job.spec, now=at) as found:
            cycle.remember(engine, found, guard=self.guard)
            return found, cycle.plan_of(engine, found, is_off=self.job.writes_off)

    def inspect(self) -> None:
        """Look at the comments that people may have touched, where writing is allowed at all."""
        if not self.job.may_write:
            return
        from sync.engine.slots import Inspection, inspect  # noqa: PLC0415  # many only look on

        inspect(
            Inspection(
                engine=self.job.engine,
                sinks=_sinks(self.job.connectors),
                now=self.job.now,
                tick=self.job.watch.check,  # each transaction holds the leases already
                guard=self.guard,
                abandon=self.abandon,
                skew_s=self.skew_s,
                workers=self.job.workers,
            )
        )

    def applied(self, plan: Plan, outcome: Outcome) -> Outcome:
        """The ended run with the plan carried out, or held where it cautions and nobody has read it."""
        if not plan.is_write_enabled:
            return self.ended(outcome)
        if plan.cautions and not self.job.has_read_plan:
            return self.ended(replace(outcome, held=plan.cautions))
        return self.ended(replace(outcome, delivered=self._delivered(plan)))

    def _delivered(self, plan: Plan) -> tuple[Delivered, ...]:
        """Put the plan's commands into the outbox in one transaction, then deliver those.

        What is unsure and not in the plan waits: nothing may be said now about its commitment, though its place must be put right later.
        """
        return self.delivered(self.entered(plan))

    def entered(self, plan: Plan) -> frozenset[tuple[Slot, str]]:
        """The places, (slot, target), whose commands are in the outbox now as the plan wants them; what it does not want any more is taken out."""
        sources = frozenset(connector.source for connector in self.job.connectors)
        with self.job.engine.begin() as connection:
            self.guard(connection)
            for state in (PENDING, DEAD):
                waiting = outbox.deliveries(connection, state=state)
                outbox.withdraw(connection, unwanted(plan, waiting, sources), state=state)
            wishes = ((a.command, a.told.to_json() if a.told else None) for a in plan.actions if a.command)
            outbox.enqueue(connection, wishes, now=self.job.now())
            outbox.forget_told(connection, plan.gone)
        return frozenset((action.slot, action.target) for action in plan.actions if action.command)

    def delivered(self, wanted: frozenset[tuple[Slot, str]]) -> tuple[Delivered, ...]:
        """Deliver what the outbox holds for these places."""
        if not wanted:
            return ()
        from sync.engine.deliver import Post, deliver  # noqa: PLC0415  # most runs have nothing to write

        post = Post(
            engine=self.job.engine,
            sinks=_sinks(self.job.connectors),
            run_id=self.run.id,
            now=self.job.now,
            tick=self.job.watch.check,  # each transaction holds the leases already
            watch=self.job.watch.delivered,
            guard=self.guard,
            abandon=self.abandon,
            skew_s=self.skew_s,
            is_wanted=lambda place: place in wanted,
            workers=self.job.writers,
        )
        return deliver(post)

    def ended(self, outcome: Outcome) -> Outcome:
        """The outcome with its run noted as ended."""
        run = replace(
            self.run,
            finished_at=self.job.now(),
            outcome=outcome.word,
            requests=sum(c.requests_made for c in self.job.connectors),
            records=self.tally.records,
            skipped=self.tally.skipped,
            writes=sum(d.is_write and d.error is None for d in outcome.delivered),
            detail="; ".join(outcome.held),
        )
        with self.job.engine.begin() as connection:
            progress.end_run(connection, run)
        return replace(outcome, run=run, read=tuple(self.tally.read.items()))


def _sinks(connectors: Iterable[Connector]) -> Mapping[str, Sink]:
    return {c.source: sink for c in connectors if (sink := c.sink())}


@contextmanager
def _under_way(job: Job) -> Iterator[Work]:
    """The run under its leases; a failure, and an interruption too, is noted with its reason before it goes on."""
    names = (lease.site_name(connector.source) for connector in job.connectors)
    held = lease.all_acquired(job.engine, names, now=job.now(), holder=job.holder)
    run = Run(id=job.run_id, command=job.command, started_at=job.now())
    try:
        with job.engine.begin() as connection:
            progress.begin_run(connection, run)
        yield Work(job=job, run=run, held=held, tally=Tally(job.watch))
    except BaseException as error:
        reason = str(error) or type(error).__name__ if isinstance(error, Exception) else "interrupted"
        _try(lambda: _note_failure(job, run, reason), "failure_not_noted")
        raise
    finally:
        _try(lambda: lease.release(job.engine, *held), "lease_not_released")


def _try(do: Callable[[], None], event: str) -> None:
    """Tidy up as far as the store allows: what brought the run to its end must stay the error that is shown."""
    try:
        do()
    except (TandemError, SQLAlchemyError) as error:
        log().warning(event, reason=str(error))


def _note_failure(job: Job, run: Run, reason: str) -> None:
    ended = replace(run, finished_at=job.now(), outcome="failed", detail=reason)
    with job.engine.begin() as connection:
        progress.end_run(connection, ended)
