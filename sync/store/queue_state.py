"""Queue's state: what waits, what runs, what failed, which workers live, and what they have used of their budgets. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, Text, cast, func, select, text

from sync.store import budgets, ticks
from sync.store.queue_tables import MIND, SCHEMA, events, jobs, workers
from sync.store.ticks import DONE, WAITING, Part, Tick


class KindState(Struct, frozen=True, kw_only=True):
    """Jobs of one kind: ``to_come`` wait for others to end, ``waiting`` for a worker; the one that waits longest does so since ``oldest_at``."""

    kind: str
    to_come: int = 0
    waiting: int = 0
    running: int = 0
    failed: int = 0
    done: int = 0
    oldest_at: datetime | None = None


class QueueState(Struct, frozen=True, kw_only=True):
    """The newest tick and its jobs by kind.

    ``workers`` are (number, last sign of life), ``budgets`` (source, budget, turns that count now, seconds for which it is held back), ``troubles`` (part, what went wrong). ``now`` is
    the database's clock.
    """

    now: datetime
    tick: Tick | None = None
    kinds: tuple[KindState, ...] = ()
    workers: tuple[tuple[int, datetime], ...] = ()
    budgets: tuple[tuple[str, str, int, float], ...] = ()
    troubles: tuple[tuple[str, str], ...] = ()


_LATEST = select(func.max(events.c.at)).where(events.c.job_id == jobs.c.id).scalar_subquery()
_BY_KIND = (
    select(
        jobs.c.task_name.label("kind"),
        cast(jobs.c.status, Text).label("status"),
        func.count().label("number"),
        func.min(_LATEST).label("oldest_at"),
    )
    .where(jobs.c.task_name != MIND)
    .group_by(jobs.c.task_name, jobs.c.status)
)


def is_there(connection: Connection) -> bool:
    """True if some worker has made the queue's tables."""
    query = text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
    return connection.execute(query, {"schema": SCHEMA}).first() is not None


def state_in(connection: Connection) -> QueueState:
    """The state now."""
    now: datetime = connection.execute(text("SELECT now()")).scalar_one()
    if not is_there(connection):
        return QueueState(now=now)
    tick = ticks.newest(connection)
    parts = ticks.parts_of(connection, tick.id) if tick else ()
    held = {(row.kind, row.status): row for row in connection.execute(_BY_KIND)}
    kinds = dict.fromkeys((*(part.kind for part in parts), *(kind for kind, _ in held)))
    return QueueState(
        now=now,
        tick=tick,
        kinds=tuple(_kind_state(kind, parts, held) for kind in kinds),
        workers=tuple(
            (row.id, row.last_heartbeat) for row in connection.execute(select(workers).order_by(workers.c.id))
        ),
        budgets=budgets.used(connection),
        troubles=tuple((part.name, part.trouble) for part in parts if part.trouble),
    )


def _kind_state(kind: str, parts: Iterable[Part], held: Mapping[tuple[str, str], Row[Any]]) -> KindState:
    states = Counter(part.state for part in parts if part.kind == kind)
    numbers = {status: row.number for (name, status), row in held.items() if name == kind}
    todo = held.get((kind, "todo"))
    return KindState(
        kind=kind,
        to_come=states[WAITING],
        waiting=numbers.get("todo", 0),
        running=numbers.get("doing", 0),
        failed=numbers.get("failed", 0),
        done=states[DONE],
        oldest_at=todo.oldest_at if todo else None,
    )


def parts_held(connection: Connection, tick: Tick) -> frozenset[str]:
    """The names of the tick's parts that the engine holds, waiting or under way."""
    is_held = cast(jobs.c.status, Text).in_(("todo", "doing"))
    is_its = jobs.c.args["tick"].as_integer() == tick.id
    return frozenset(
        connection.execute(select(jobs.c.args["name"].as_string()).where(is_held, is_its)).scalars()
    )
