"""Cycle: one run from pull to apply, in the order that design and crash safety ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from connectors.port import Connector, Verdict
from mappings.calendar import Calendar
from mappings.commitments import EVERY
from mappings.schema import MappingSpec
from mappings.watched import watched_paths
from sync.core.actions import DeliveredState, PlanOptions
from sync.core.finding import Audience
from sync.core.plan import Plan, plan_for
from sync.core.told import Told
from sync.core.world import World
from sync.engine import census, details
from sync.engine.judging import Judging, judging_of, observed_in, wanted_in
from sync.engine.pull import Pull, pull
from sync.store import kept, outbox, sightings
from sync.store.copy import snapshot
from sync.store.kept import judgements

__all__ = ["judging_of", "observed_in", "options_of", "paths", "plan_of", "read", "refresh", "remember"]


def read(
    job: Pull, spec: MappingSpec, connectors: Iterable[Connector], *, census_every: timedelta
) -> tuple[Verdict, ...]:
    """Pull all scopes, look for deletions, and ask for the details that the judgement wants. Returns every verdict."""
    reachable = tuple(connectors)
    job = replace(job, paths=lambda: paths(job.engine, spec))
    verdicts = pull(job, reachable)
    answering = tuple(c for c in reachable if not _is_down(c, verdicts))
    verdicts = census.count(job, answering, verdicts, every=census_every)
    refresh(job, spec)
    wanted = wanted_in(job.engine, spec, now=job.now, is_full=job.is_full)
    verdicts += details.ask(job, answering, wanted)
    if any(wanted.values()):
        refresh(job, spec)
    return verdicts


def refresh(job: Pull, spec: MappingSpec) -> None:
    """Work out anew what is kept of what the records say. It takes minutes after the first pull of a large company, so a stop ends it between two transactions."""

    def guard(connection: Connection) -> None:
        job.tick()
        job.guard(connection)

    kept.refresh(job.engine, spec, guard=guard)


def paths(engine: Engine, spec: MappingSpec) -> tuple[tuple[str, str], ...]:
    """The watched paths, by what has been read so far."""
    with snapshot(engine) as connection:
        return watched_paths(kept.commitments_in(connection, spec))


def _is_down(connector: Connector, verdicts: Iterable[Verdict]) -> bool:
    return any(v.scope.source == connector.source and v.scope.stream == "*" for v in verdicts)


def remember(
    engine: Engine, judging: Judging, *, guard: Callable[[Connection], None] = lambda _: None
) -> None:
    """Note which findings are seen now, so that they have an age, and keep what was judged for the next time. ``guard`` is called inside the transaction and may refuse it.

    A commitment of whose findings something new was noted is judged once more, for what is known of a finding's life is part of what is said of it.
    """
    unjudged = judging.unknown | {n.commitment_key for n in judging.judgement.not_asked}
    with engine.begin() as connection:
        guard(connection)
        stirred = sightings.see(
            connection,
            judging.judgement.findings,
            waiting=judging.judgement.waiting,
            unjudged=frozenset(unjudged),
            now=judging.world.now,
        )
        settled = (one for one in judging.fresh if one.key not in stirred)
        keys = frozenset(commitment.key for commitment in judging.world.commitments)
        judgements.keep(connection, settled, now_there=keys | {EVERY})


def delivered_in(engine: Engine, world: World) -> DeliveredState:
    """What is known to stand in Jira. Reads only."""
    calendar = Calendar(spec=world.spec.calendar)
    today = calendar.start_of(calendar.day_of(world.now))
    with engine.connect() as connection:
        return DeliveredState(
            receipts=outbox.all_receipts(connection),
            told={slot: Told.from_json(text) for slot, text in outbox.all_told(connection).items()},
            written_today=outbox.writes_since(connection, today),
            unsure=outbox.unsure_in(connection),
            touched={touched.slot: touched for touched in world.condition.touched},
            loud_today=outbox.loud_since(connection, today),
        )


def plan_of(engine: Engine, judging: Judging, *, is_off: bool = False) -> Plan:
    """What every slot should say against what it does say. ``is_off`` is the kill switch. Reads only."""
    world = judging.world
    return plan_for(judging.judged, delivered_in(engine, world), options_of(world, is_off=is_off))


def options_of(world: World, *, is_off: bool = False) -> PlanOptions:
    """The plan's options from the mapping, with slots resolved to issues by current or former key."""
    spec = world.spec
    return PlanOptions(
        write=spec.write.model_copy(update={"enabled": spec.write.enabled and not is_off}),
        language=spec.language,
        now=world.now,
        slots=_slots_of(world),
        vocabulary=Audience(spec.comment.vocabulary),
        glossary=spec.glossary,
    )


def _slots_of(world: World) -> Mapping[str, tuple[tuple[str, str, str], ...]]:
    issues = world.observed.issue_by_key
    return {
        c.key: tuple((i.source, i.id, i.key) for key in c.slot_issue_keys if (i := issues.get(key)))
        for c in world.commitments
    }
