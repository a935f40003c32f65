"""Ticks: one round of the queue's work, its parts, and which part may begin when those before it have ended. PostgreSQL only.

A part bears labels and needs labels: it may begin once no part that bears one of them is left. Whoever ends a part holds the tick's row meanwhile, so two that end together
cannot both believe that the other one is still at work.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from sync.store.lease import Lease
from sync.store.queue_tables import parts, ticks

WAITING, READY, DONE = "waiting", "ready", "done"
HOLDER = "of the queue, tick"
"""How the name of every tick's holder begins."""


class Tick(Struct, frozen=True, kw_only=True):
    """One round of work, by the mapping of the digest ``mapping``.

    ``leases`` hold the sites for all workers together; ``closed`` are sources that are asked no more in it, each with the reason.
    """

    id: int
    run_id: str
    mapping: str
    started_at: datetime
    leases: tuple[Lease, ...]
    closed: tuple[tuple[str, str], ...] = ()
    finished_at: datetime | None = None
    outcome: str | None = None


class Part(Struct, frozen=True, kw_only=True):
    """A part of a tick's work: what one worker does at a time. ``content`` is of JSON's kinds and says what is to be done.

    ``name`` is unique within the tick, ``tries`` how often it was put off because a tool did not answer, ``trouble`` what went wrong at last.
    """

    name: str
    kind: str
    source: str = ""
    content: tuple[Any, ...] = ()
    labels: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    state: str = WAITING
    tries: int = 0
    requests: int = 0
    records: int = 0
    skipped: int = 0
    writes: int = 0
    trouble: str = ""


def holder_of(number: int) -> str:
    """Under what name all workers together hold the sites of a tick; no process has it."""
    return f"{HOLDER} {number}"


def begin(
    connection: Connection, *, run_id: str, mapping: str, at: datetime, first: Iterable[Part]
) -> tuple[Tick, tuple[Part, ...]]:
    """A new tick with its first parts, and those of them that are ready. Its leases are to be kept with ``keep_leases``."""
    made = insert(ticks).values(run_id=run_id, mapping=mapping, started_at=at, leases=(), closed=())
    number = connection.execute(made.returning(ticks.c.id)).scalar_one()
    tick = Tick(id=number, run_id=run_id, mapping=mapping, started_at=at, leases=())
    _add(connection, number, first)
    return tick, _readied(connection, number)


def keep_leases(connection: Connection, tick: Tick, held: tuple[Lease, ...]) -> Tick:
    """The tick with the leases that hold its sites."""
    pairs = tuple((lease.name, lease.token) for lease in held)
    connection.execute(update(ticks).where(ticks.c.id == tick.id).values(leases=pairs))
    return replace(tick, leases=held)


def newest(connection: Connection) -> Tick | None:
    """The tick that began last."""
    row = connection.execute(select(ticks).order_by(ticks.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _tick_in(row)


def tick_of(connection: Connection, number: int) -> Tick | None:
    """A tick by its number."""
    row = connection.execute(select(ticks).where(ticks.c.id == number)).one_or_none()
    return None if row is None else _tick_in(row)


def _tick_in(row: Row[Any]) -> Tick:
    holder = holder_of(row.id)
    return Tick(
        id=row.id,
        run_id=row.run_id,
        mapping=row.mapping,
        started_at=row.started_at,
        leases=tuple(
            Lease(name=name, holder=holder, token=token, is_shared=True) for name, token in row.leases
        ),
        closed=tuple((source, reason) for source, reason in row.closed),
        finished_at=row.finished_at,
        outcome=row.outcome,
    )


def part_of(connection: Connection, tick_id: int, name: str) -> Part | None:
    """One part of a tick."""
    query = select(parts).where(parts.c.tick_id == tick_id, parts.c.name == name)
    row = connection.execute(query).one_or_none()
    return None if row is None else _part_in(row)


def parts_of(connection: Connection, tick_id: int, *, state: str | None = None) -> tuple[Part, ...]:
    """The parts of a tick, by name."""
    query = select(parts).where(parts.c.tick_id == tick_id).order_by(parts.c.name)
    rows = connection.execute(query if state is None else query.where(parts.c.state == state))
    return tuple(map(_part_in, rows))


def _part_in(row: Row[Any]) -> Part:
    return Part(**{name: value for name, value in row._mapping.items() if name != "tick_id"})  # noqa: SLF001  # the documented way to a row's values by name


def end_part(
    connection: Connection, tick: Tick, ended: Part, *, more: Iterable[Part] = ()
) -> tuple[Part, ...] | None:
    """Note a part as done, as ``ended`` says, and add ``more``; returns the parts that are ready now.

    None where it was done already: another worker was faster, and what this one did has been done twice.
    """
    connection.execute(select(ticks.c.id).where(ticks.c.id == tick.id).with_for_update())
    is_mine = (parts.c.tick_id == tick.id) & (parts.c.name == ended.name)
    told = ("content", "tries", "requests", "records", "skipped", "writes", "trouble")
    news = {name: getattr(ended, name) for name in told}
    done = update(parts).where(is_mine, parts.c.state != DONE).values(state=DONE, **news)
    if connection.execute(done).rowcount != 1:
        return None
    _add(connection, tick.id, more)
    return _readied(connection, tick.id)


def put_off(connection: Connection, tick: Tick, part: Part) -> None:
    """Note that a part is to be tried again, as ``part`` says."""
    is_mine = (parts.c.tick_id == tick.id) & (parts.c.name == part.name)
    told = ("tries", "requests", "records", "skipped", "writes", "trouble")
    connection.execute(update(parts).where(is_mine).values({name: getattr(part, name) for name in told}))


def close(connection: Connection, tick: Tick, source: str, reason: str) -> None:
    """Nothing more is asked of a source in this tick."""
    connection.execute(select(ticks.c.id).where(ticks.c.id == tick.id).with_for_update())
    now = tick_of(connection, tick.id)
    if now and source not in dict(now.closed):
        closed = (*now.closed, (source, reason))
        connection.execute(update(ticks).where(ticks.c.id == tick.id).values(closed=closed))


def is_under_way(connection: Connection, tick: Tick) -> bool:
    """True if the tick is not over; it is nobody else's then until the transaction ends."""
    mine = select(ticks.c.finished_at).where(ticks.c.id == tick.id).with_for_update()
    row = connection.execute(mine).one_or_none()
    return row is not None and row.finished_at is None


def are_all_done(connection: Connection, tick: Tick) -> bool:
    """True if no part of the tick is left."""
    left = select(parts.c.name).where(parts.c.tick_id == tick.id, parts.c.state != DONE).limit(1)
    return connection.execute(left).first() is None


def sums_of(connection: Connection, tick: Tick) -> dict[str, int]:
    """Requests, records, skipped and writes of all parts of a tick."""
    names = ("requests", "records", "skipped", "writes")
    columns = (func.coalesce(func.sum(parts.c[name]), 0).label(name) for name in names)
    row = connection.execute(select(*columns).where(parts.c.tick_id == tick.id)).one()
    return {name: int(row._mapping[name]) for name in names}  # noqa: SLF001  # as above


def finish(connection: Connection, tick: Tick, *, at: datetime, outcome: str) -> None:
    """Note that a tick is over, and forget those before it."""
    connection.execute(update(ticks).where(ticks.c.id == tick.id).values(finished_at=at, outcome=outcome))
    connection.execute(delete(ticks).where(ticks.c.id < tick.id))


def _add(connection: Connection, tick_id: int, more: Iterable[Part]) -> None:
    fields = tuple(column.name for column in parts.columns if column.name != "tick_id")
    rows = [{"tick_id": tick_id} | {name: getattr(part, name) for name in fields} for part in more]
    if rows:
        connection.execute(insert(parts), rows)


def _readied(connection: Connection, tick_id: int) -> tuple[Part, ...]:
    """The parts that were waiting and need nothing any more; they are ready from now on."""
    waiting = parts_of(connection, tick_id, state=WAITING)
    if not waiting:
        return ()
    undone = select(parts.c.labels).where(parts.c.tick_id == tick_id, parts.c.state != DONE).distinct()
    left = {label for (labels,) in connection.execute(undone) for label in labels}
    ready = tuple(part for part in waiting if left.isdisjoint(part.needs))
    names = [part.name for part in ready]
    if names:
        is_ready = (parts.c.tick_id == tick_id) & parts.c.name.in_(names)
        connection.execute(update(parts).where(is_ready).values(state=READY))
    return ready
