"""Writing: the judgement of a tick, which follows from everything that was read, and the deliveries that follow from it, each as a part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from sqlalchemy import Connection

from connectors.commands import Slot
from connectors.port import Completeness, Scope, Verdict
from sync.engine import cycle
from sync.engine.asked import EVERYTHING
from sync.queue.bench import Bench, Done
from sync.queue.reading import DETAIL, DETAILED, WANTED
from sync.store import lease, progress
from sync.store.ticks import Part, parts_of

JUDGE, DELIVER = "judge", "deliver"
ISSUES = 2
"""As many issues are written to by one part: few, so that all workers get some, and no more than it pays to begin a part for."""
HELD = "held: "
"""How the trouble of a judgement begins whose plan a person must read first."""


def judge_part() -> Part:
    """What follows once everything has been read."""
    return Part(name=JUDGE, kind=JUDGE, needs=(WANTED, DETAILED))


def judge(bench: Bench) -> Done:
    """Look whether people touched our comments, judge, plan, and put what is to be written into the outbox; some slots' deliveries are a part of their own."""
    app = bench.app
    bench.reached()
    work = bench.work()
    with app.engine.begin() as connection:
        work.guard(connection)
        progress.keep_verdicts(connection, _details_complete(connection, bench))
    cycle.refresh(work.pull(), app.mapping.spec)
    work.keep_vitals()
    work.inspect()
    _, plan = work.judged(app.now())
    if not plan.is_write_enabled:
        return Done()
    if plan.cautions:
        return Done(trouble=HELD + "; ".join(plan.cautions))
    return Done(more=delivery_parts(work.entered(plan)))


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


def delivery_parts(places: Iterable[tuple[Slot, str]]) -> tuple[Part, ...]:
    """The deliveries to these places, (slot, target), in parts of some issues of one source. All that goes to one issue is in one part, so no two workers write there."""
    by_issue: dict[tuple[str, str], dict[Slot, list[str]]] = {}
    for slot, target in sorted(places):
        by_issue.setdefault((slot.source, slot.issue_id), {}).setdefault(slot, []).append(target)
    found: list[Part] = []
    for source, issues in groupby(by_issue.items(), key=lambda one: one[0][0]):
        every = [slots for _, slots in issues]
        for start in range(0, len(every), ISSUES):
            some = every[start : start + ISSUES]
            found.append(_delivery_part(source, start // ISSUES, some))
    return tuple(found)


def _delivery_part(source: str, number: int, issues: Iterable[Mapping[Slot, list[str]]]) -> Part:
    content = tuple(
        (slot.issue_id, slot.commitment_key, tuple(targets))
        for slots in issues
        for slot, targets in slots.items()
    )
    return Part(name=f"{source}/deliver {number}", kind=DELIVER, source=source, content=content)


def deliver_some(bench: Bench) -> Done:
    """Deliver what the outbox holds for the part's slots, one after the other. What fails waits in the outbox for the next tick, as after every run."""
    source = bench.part.source
    places = frozenset(
        (Slot(source=source, issue_id=issue_id, commitment_key=key), target)
        for issue_id, key, targets in bench.part.content
        for target in targets
    )
    bench.connector()
    work = bench.work()
    with bench.app.engine.begin() as connection:
        # nobody else is at work on these slots: leases that are left are those of a worker which died
        work.guard(connection)
        lease.take_away(connection, *sorted({lease.slot_name(slot) for slot, _ in places}))
    work.vitals.update({c.source: c.vitals() for c in work.job.connectors if c.source == source})
    delivered = work.delivered(places)
    return Done(
        writes=sum(one.is_write and one.error is None for one in delivered),
        trouble="; ".join(f"{one.delivery.command.slot}: {one.error}" for one in delivered if one.error),
    )
