"""Pulse: what the store noted of runs, leases and the outbox, and whether it can be written. Changes nothing, not even its tables."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, Engine, func, select

from sync.store import database, lease, progress
from sync.store.connections import file_of
from sync.store.errors import StoreError
from sync.store.progress import Run
from sync.store.tables import outbox

_RUNS = 50


class Pulse(Struct, frozen=True, kw_only=True):
    """The newest runs and the newest good one, (name, holder) of the leases in force, dead letters, and what is wrong with the store, in words."""

    runs: tuple[Run, ...] = ()
    leases: tuple[tuple[str, str], ...] = ()
    dead_letters: int = 0
    trouble: str = ""


def taken(engine: Engine, *, now: datetime) -> Pulse:
    """The store's pulse. A store that is missing, at another revision, unreadable or not writable is a pulse with its trouble."""
    file = file_of(engine.url)
    if file and not file.exists():  # opening it would make it
        return Pulse(trouble=f"There is no store at {file} yet.")
    try:
        revision = database.revision_of(engine)
        if revision != database.newest_revision():
            return Pulse(
                trouble=f"The store is at revision {revision or 'none'}, this version wants {database.newest_revision()}: tandem db upgrade"
            )
        with engine.connect() as connection:
            pulse = _read(connection, now=now)
            _try_writing(connection)
    except StoreError as error:
        return Pulse(trouble=str(error))
    return pulse


def _read(connection: Connection, *, now: datetime) -> Pulse:
    newest = progress.recent_runs(connection, limit=_RUNS)
    good = progress.good_runs(connection, limit=_RUNS)
    dead = select(func.count()).select_from(outbox).where(outbox.c.state == "dead")
    return Pulse(
        runs=tuple({run.id: run for run in (*newest, *good)}.values()),
        leases=tuple((held.name, held.holder) for held in lease.living(connection, now=now)),
        dead_letters=connection.execute(dead).scalar_one(),
    )


def _try_writing(connection: Connection) -> None:
    """Begin a change and take it back. A store that is locked is one that somebody writes."""
    connection.rollback()
    try:
        connection.exec_driver_sql("DELETE FROM outbox WHERE id = -1")
    except StoreError as error:
        if getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF not in {5, 6}:
            raise
    connection.rollback()
