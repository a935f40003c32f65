"""Writing: the judgement of a tick, which follows from everything that was read, and the deliveries that follow from it, each as a part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from connectors.commands import Slot
from connectors.port import Completeness, Scope, Verdict
from sync.engine.asked import EVERYTHING
from sync.queue.bench import Bench, Done
from sync.queue.reading import DETAIL, DETAILED, WANTED
from sync.store import kept, lease, progress
from sync.store.ticks import Part, parts_of

JUDGE, DELIVER = "judge", "deliver"
HELD = "held: "
"""How the trouble of a judgement begins whose plan a person must read first."""


def judge_part() -> Part:
    """What follows once everything has been read."""
    return Part(name=JUDGE, kind=JUDGE, needs=(WANTED, DETAILED))


def judge(bench: Bench) -> Done:
    """Look whether people touched our comments, judge, plan, and put what is to be written into the outbox; each slot's deliveries are a part of their own."""
    app = bench.app
    bench.reached()
    work = bench.work()
    with app.engine.begin() as connection:
        work.guard(connection)
        progress.keep_verdicts(connection, _details_complete(connection, bench))
    kept.refresh(app.engine, app.mapping.spec, guard=work.guard)
    work.keep_vitals()
    work.inspect()
    _, plan = work.judged(app.now())
    if not plan.is_write_enabled:
        return Done()
    if plan.cautions:
        return Done(trouble=HELD + "; ".join(plan.cautions))
    return Done(more=tuple(_delivery_parts(work.entered(plan))))


def _details_complete(connection: Connection, bench: Bench) -> Iterator[Verdict]:
    """A verdict for each kind of detail that was asked without a failure: these have left theirs already, for all former ones were forgotten."""
    there = {verdict.scope for verdict in progress.all_verdicts(connection)}
    asked = {
        Scope(source=part.source, stream=part.content[0], partition=EVERYTHING)
        for part in parts_of(connection, bench.tick.id)
        if part.kind == DETAIL
    }
    for scope in sorted(asked - there):
        yield Verdict(scope=scope, completeness=Completeness.COMPLETE, at=bench.tick.started_at)


def _delivery_parts(places: Iterable[tuple[Slot, str]]) -> Iterator[Part]:
    by_slot: dict[Slot, list[str]] = {}
    for slot, target in sorted(places):
        by_slot.setdefault(slot, []).append(target)
    for slot, targets in by_slot.items():
        yield Part(
            name=lease.slot_name(slot),
            kind=DELIVER,
            source=slot.source,
            content=(slot.issue_id, slot.commitment_key, tuple(targets)),
        )


def deliver_slot(bench: Bench) -> Done:
    """Deliver what the outbox holds for one slot. What fails waits in the outbox for the next tick, as after every run."""
    issue_id, commitment_key, targets = bench.part.content
    slot = Slot(source=bench.part.source, issue_id=issue_id, commitment_key=commitment_key)
    bench.connector()
    work = bench.work()
    with bench.app.engine.begin() as connection:
        work.guard(
            connection
        )  # nobody else is at work on this slot: a lease that is left is that of a worker which died
        lease.take_away(connection, lease.slot_name(slot))
    work.vitals.update({c.source: c.vitals() for c in work.job.connectors if c.source == slot.source})
    delivered = work.delivered(frozenset((slot, target) for target in targets))
    return Done(
        writes=sum(one.is_write and one.error is None for one in delivered),
        trouble="; ".join(one.error for one in delivered if one.error),
    )
