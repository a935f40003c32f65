"""The lease: one writer per store. Held for a bounded time, renewed while working, taken over from a dead process at once."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select, update

from connectors.errors import TandemError
from sync.store.records import upsert
from sync.store.tables import leases

TERM = timedelta(minutes=10)
"""How long a lease lasts without renewal: longer than the longest wait of one request, short enough for a lost host."""


class LeaseHeldError(TandemError):
    """Another Tandem is at work on this store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease that is held. ``token`` grows with every change of holder, so a writer that lost its lease is told from the present one."""

    name: str
    holder: str
    token: int


def holder_name() -> str:
    """``HOST PID`` of this process."""
    return f"{socket.gethostname()} {os.getpid()}"


def _is_dead(holder: str) -> bool:
    """True if the holder was a process of this host that is no more (or had the pid that this process has now)."""
    host, _, pid = holder.rpartition(" ")
    if host != socket.gethostname():
        return False
    if int(pid) == os.getpid():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def acquired(engine: Engine, name: str, *, now: datetime, holder: str | None = None) -> Lease:
    """The lease ``name``, held by this process from now on.

    Raises LeaseHeldError at once if another living process holds it.
    """
    me = holder or holder_name()
    with engine.begin() as connection:
        row = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
        if row is not None and row.expires_at > now and not _is_dead(row.holder):
            raise LeaseHeldError(
                f"process {row.holder} is at work on this store until {row.expires_at:%H:%M:%S} UTC; try again later"
            )
        before: int = row.token if row else 0
        fresh = {"holder": me, "token": before + 1, "expires_at": now + TERM}
        unchanged = leases.c.token == before
        statement = upsert(connection, leases).values(name=name, **fresh)
        statement = statement.on_conflict_do_update(index_elements=["name"], set_=fresh, where=unchanged)
        if connection.execute(statement).rowcount != 1:
            raise LeaseHeldError("another process took the lease in the same moment; try again later")
    return Lease(name=name, holder=me, token=before + 1)


def renew(engine: Engine, lease: Lease, *, now: datetime) -> None:
    """Hold the lease for another term. Raises LeaseHeldError if somebody else has taken it."""
    with engine.begin() as connection:
        mine = (
            (leases.c.name == lease.name)
            & (leases.c.token == lease.token)
            & (leases.c.holder == lease.holder)
        )
        if connection.execute(update(leases).where(mine).values(expires_at=now + TERM)).rowcount != 1:
            raise LeaseHeldError("the lease was lost to another process; nothing more is written by this one")


def release(engine: Engine, lease: Lease) -> None:
    """Give the lease up; does nothing if it is lost already."""
    with engine.begin() as connection:
        mine = (leases.c.name == lease.name) & (leases.c.token == lease.token)
        connection.execute(update(leases).where(mine).values(expires_at=datetime.fromtimestamp(0, tz=UTC)))
