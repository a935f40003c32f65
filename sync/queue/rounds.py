"""Rounds: when a tick begins, how it ends, and what is made up for where a part was lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Connection, text

from sync.app import App, new_run_id
from sync.logs import log
from sync.queue import jobs
from sync.queue.reading import first_parts
from sync.queue.writing import DELIVER, HELD, judge_part
from sync.scheduler import due_at
from sync.store import budgets, lease, progress, ticks
from sync.store.errors import LeaseHeldError, LeaseLostError
from sync.store.progress import Run
from sync.store.queue_state import parts_held
from sync.store.ticks import READY, Part, Tick

_LOCK = 0x7469636B  # any number that nobody else locks by


def look_after(app: App, *, anew: Callable[[], App], is_wanted: bool = False) -> None:
    """Begin a tick if one is due, or ``is_wanted`` at once; enter parts again that the engine has lost; give up a tick whose sites others have taken.

    ``anew`` gives the application with the mapping as it stands now, by which a tick begins.
    """
    with app.engine.connect() as connection:
        newest = ticks.newest(connection)
    if newest and newest.finished_at is None:
        _go_on_with(app, newest)
    elif is_wanted or newest is None or _is_due(app, newest):
        begin(anew())


def _is_due(app: App, newest: Tick) -> bool:
    spec, now = app.mapping.spec, app.now()
    at = due_at(spec.schedule, zone=spec.calendar.zone, since=newest.started_at)
    return newest.started_at > now or (at is not None and at <= now)


def begin(app: App) -> Tick | None:
    """A new tick, under the leases of all sites; None where another one is under way, or a run of its own is at work on a site."""
    sources = tuple(source.name for _, found in app.mapping.spec.sources for source in found)
    names = sorted(map(lease.site_name, sources))
    now = app.now()
    lease.shorten(app.engine, names, now=now)
    try:
        with app.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            newest = ticks.newest(connection)
            if newest and newest.finished_at is None:
                return None
            first = (*first_parts(sources), judge_part())
            tick, ready = ticks.begin(
                connection, run_id=new_run_id(), mapping=app.mapping.digest, at=now, first=first
            )
            holder = ticks.holder_of(tick.id)
            held = (lease.take(connection, name, now=now, holder=holder) for name in names)
            tick = ticks.keep_leases(connection, tick, tuple(replace(one, is_shared=True) for one in held))
            progress.begin_run(connection, Run(id=tick.run_id, command="worker", started_at=now))
            budgets.forget_old(connection)
            jobs.enter(connection, tick, ready)
    except LeaseHeldError as error:
        log().warning("tick_put_off", reason=str(error))
        return None
    log().info("tick_began", tick=tick.id, run=tick.run_id)
    return tick


def _go_on_with(app: App, tick: Tick) -> None:
    """Keep the sites, and enter again what the engine has lost: jobs that a person deleted, or all of them with the queue's tables."""
    try:
        lease.renew(app.engine, *tick.leases, now=app.now())
    except LeaseLostError as error:
        give_up(app, tick, str(error))
        return
    with app.engine.connect() as connection:
        there = parts_held(connection, tick)
        lost = [p for p in ticks.parts_of(connection, tick.id, state=READY) if p.name not in there]
    for part in lost:
        with app.engine.begin() as connection:
            jobs.enter_again(connection, tick, part)


def give_up(app: App, tick: Tick, reason: str) -> None:
    """End a tick whose sites were lost to another process: what it has read stays, what is left is read by the next one. One that is over already stays as it is."""
    with app.engine.begin() as connection:
        if not ticks.is_under_way(connection, tick):
            return
        _finish(connection, tick, at=app.now(), outcome="failed", detail=reason)
    log().error("tick_given_up", tick=tick.id, reason=reason)


def end_part(
    connection: Connection, tick: Tick, ended: Part, *, more: Iterable[Part], now: datetime
) -> str | None:
    """Note a part as done, enter what is ready now, and end the tick with its last part; in the caller's transaction, which holds the tick's leases, so that no part is ever forgotten.

    Returns the outcome of a tick that has ended by that.
    """
    ready = ticks.end_part(connection, tick, ended, more=more)
    if ready is None:
        return None
    jobs.enter(connection, tick, ready)
    if ready or not ticks.are_all_done(connection, tick):
        return None
    outcome, detail = _outcome_of(connection, tick)
    _finish(connection, tick, at=now, outcome=outcome, detail=detail)
    return outcome


def _outcome_of(connection: Connection, tick: Tick) -> tuple[str, str]:
    """The outcome in one word, the gravest first, as of any run; and the reason why the plan was held or the judgement failed."""
    parts = ticks.parts_of(connection, tick.id)
    deciding = next((p.trouble for p in parts if not p.source and p.trouble), "")
    if deciding:
        return ("held", deciding.removeprefix(HELD)) if deciding.startswith(HELD) else ("failed", deciding)
    if not all(verdict.is_complete for verdict in progress.all_verdicts(connection)):
        return "partial", ""
    has_failed = any(p.trouble for p in parts if p.kind == DELIVER)
    return ("failed" if has_failed else "complete"), ""


def _finish(connection: Connection, tick: Tick, *, at: datetime, outcome: str, detail: str) -> None:
    ticks.finish(connection, tick, at=at, outcome=outcome)
    lease.give_up(connection, tick.leases)
    run = Run(
        id=tick.run_id,
        command="worker",
        started_at=tick.started_at,
        finished_at=at,
        outcome=outcome,
        detail=detail,
        **ticks.sums_of(connection, tick),
    )
    progress.end_run(connection, run)
