"""Leases: one writer per site and per slot, each with a token that fences off whoever lost its lease while it slept.

A lease lasts for a bounded time, is renewed while its holder works, and is taken over from a dead process of this host at once. Its token is checked
inside the transaction of everything that is stored and right before everything that is sent: by an UPDATE of the lease's row, so that nobody can take
the lease between the check and the commit.

Clocks may be set back. A lease that would last longer than a term from now was written by a clock that has been set back since: whoever meets it
shortens it to one term, so a lost holder on another host locks nobody out for longer than that, while a living one renews it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Engine, bindparam, delete, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from connectors.commands import Slot
from sync.store.dialect import is_among, upsert
from sync.store.errors import LeaseHeldError, LeaseLostError
from sync.store.holders import is_dead, name_of_holder
from sync.store.tables import leases

TERM = timedelta(minutes=10)
"""How long a lease lasts without renewal: longer than the longest wait of one request, short enough for a lost host."""

_SLOT = "slot:"
_ENDED = datetime.fromtimestamp(0, tz=UTC)


class Lease(Struct, frozen=True, kw_only=True):
    """A lease that is held. ``token`` grows with every change of holder, so a writer that lost its lease is told from the present one.

    One that ``is_shared`` is held by several processes together, which know each other's work apart: their transactions go on side by side.
    """

    name: str
    holder: str
    token: int
    is_shared: bool = False


def site_name(source: str) -> str:
    """The lease whose holder alone may store what ``source`` says and write to it."""
    return f"site:{source}"


def slot_name(slot: Slot) -> str:
    """The lease whose holder alone may write in ``slot``."""
    return f"{_SLOT}{slot}"


def acquired(engine: Engine, name: str, *, now: datetime, holder: str | None = None) -> Lease:
    """The lease ``name``, held by this process from now on. Raises LeaseHeldError at once if another living process holds it."""
    (one,) = all_acquired(engine, [name], now=now, holder=holder)
    return one


def all_acquired(
    engine: Engine, names: Iterable[str], *, now: datetime, holder: str | None = None
) -> tuple[Lease, ...]:
    """All of the leases ``names``, in their order by name, or none: raises LeaseHeldError at once if another living process holds one.

    Leases of slots that ran out are cleared away.
    """
    wanted = sorted(set(names))
    shorten(engine, wanted, now=now)
    with engine.begin() as connection:
        held = tuple(take(connection, name, now=now, holder=holder) for name in wanted)
        connection.execute(delete(leases).where(leases.c.name.startswith(_SLOT), leases.c.expires_at <= now))
    return held


def shorten(engine: Engine, names: list[str], *, now: datetime) -> None:
    """Let leases that were written by a clock ahead of ours end after one term of ours."""
    is_far = leases.c.name.in_(names) & (leases.c.expires_at > now + TERM)
    with engine.connect() as connection:
        has_far = connection.execute(select(leases.c.name).where(is_far)).first() is not None
    if has_far:  # asked first: the loser of a race shall not wait for the winner's transaction
        with engine.begin() as connection:
            connection.execute(update(leases).where(is_far).values(expires_at=now + TERM))


def take(connection: Connection, name: str, *, now: datetime, holder: str | None = None) -> Lease:
    """The lease ``name``, taken in the caller's transaction. Raises LeaseHeldError if another living process holds it."""
    me = holder or name_of_holder()
    row = connection.execute(select(leases).where(leases.c.name == name)).one_or_none()
    if row is not None and row.expires_at > now and not is_dead(row.holder):
        raise LeaseHeldError(
            f"{name}: process {row.holder} is at work on it until {row.expires_at:%H:%M:%S} UTC; try again later"
        )
    before: int = row.token if row else 0
    fresh = {"holder": me, "token": before + 1, "expires_at": now + TERM}
    statement = upsert(connection, leases).values(name=name, **fresh)
    unchanged = leases.c.token == before  # and nobody renewed it since it was read
    if row is not None:
        unchanged &= leases.c.expires_at == row.expires_at
    statement = statement.on_conflict_do_update(index_elements=["name"], set_=fresh, where=unchanged)
    if connection.execute(statement.returning(leases.c.token)).one_or_none() is None:
        raise LeaseHeldError(f"{name}: another process took the lease in the same moment; try again later")
    return Lease(name=name, holder=me, token=before + 1)


def take_each(
    connection: Connection, names: Sequence[str], *, now: datetime
) -> dict[str, Lease | LeaseHeldError]:
    """The leases ``names`` as far as they can be had, each as by ``take``, in the caller's transaction; and why the others cannot."""
    taken: dict[str, Lease | LeaseHeldError] = {}
    if not names:
        return taken
    # most are new, for no two processes mean to write in one slot; in one order, or two could wait for each other
    fresh_rows = [
        {"name": name, "holder": name_of_holder(), "token": 1, "expires_at": now + TERM}
        for name in sorted(names)
    ]
    statement = upsert(connection, leases).on_conflict_do_nothing().returning(leases.c.name)
    fresh = set(connection.execute(statement, fresh_rows).scalars())
    for name in sorted(names):
        try:
            taken[name] = (
                Lease(name=name, holder=name_of_holder(), token=1)
                if name in fresh
                else take(connection, name, now=now)
            )
        except LeaseHeldError as error:
            taken[name] = error
    return taken


def _are_ours(held: Iterable[Lease]) -> ColumnElement[bool]:
    columns = (leases.c.name, leases.c.token, leases.c.holder)
    return is_among(columns, ((lease.name, lease.token, lease.holder) for lease in held))


def seize(connection: Connection, name: str, *, now: datetime, holder: str) -> Lease:
    """The lease ``name``, whoever held it: for whoever knows that nobody else is to be at work on it, and wants those shut out who do not know it yet."""
    before = connection.execute(select(leases.c.token).where(leases.c.name == name)).scalar_one_or_none()
    token = (before or 0) + 1
    fresh = {"holder": holder, "token": token, "expires_at": now + TERM}
    statement = upsert(connection, leases).values(name=name, **fresh)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=fresh))
    return Lease(name=name, holder=holder, token=token)


def take_away(connection: Connection, *names: str) -> None:
    """Nobody holds the leases any more: for whoever knows that nobody is at work under them."""
    connection.execute(delete(leases).where(leases.c.name.in_(names)))


def hold(connection: Connection, held: Iterable[Lease], *, now: datetime) -> None:
    """Hold leases for another term, in the transaction of what they guard: nobody can take them before it ends.

    Raises LeaseLostError if somebody else has taken one; the transaction must then be given up.
    """
    wanted = {lease.name: lease for lease in held}
    kept = _shared_still(connection, [one for one in wanted.values() if one.is_shared], now=now)
    own = [one for one in wanted.values() if not one.is_shared]
    if own:
        kept |= set(connection.execute(_holding(tuple(own)), {"until": now + TERM}).scalars())
    for lost in sorted(wanted.keys() - kept):
        raise LeaseLostError(
            f"{lost}: the lease was lost to another process; nothing more is written by this one"
        )


@lru_cache(maxsize=16)
def _holding(own: tuple[Lease, ...]) -> ReturningUpdate[str]:
    """The statement of every transaction of a run: to put it together takes longer than to carry it out."""
    return update(leases).where(_are_ours(own)).values(expires_at=bindparam("until")).returning(leases.c.name)


def _shared_still(connection: Connection, shared: list[Lease], *, now: datetime) -> set[str]:
    """The names of those that are still held; all in two statements, for every transaction of every worker asks.

    They are renewed at half their term, for a renewal holds up all others; a reader's lock keeps takers away just as well. The renewal comes before that lock: two that held it
    and wanted more would wait for each other. Both go by name, for the same reason.
    """
    if not shared:
        return set()
    ours = _are_ours(shared)
    held = select(leases.c.name, leases.c.expires_at).where(ours).order_by(leases.c.name)
    for name, ends_at in connection.execute(held).all():
        if ends_at < now + TERM / 2:
            is_due = ours & (leases.c.name == name) & (leases.c.expires_at == ends_at)
            connection.execute(update(leases).where(is_due).values(expires_at=now + TERM))
    return set(connection.execute(held.with_for_update(read=True)).scalars())


def renew(engine: Engine, *held: Lease, now: datetime) -> None:
    """Hold leases for another term. Raises LeaseLostError if somebody else has taken one."""
    with engine.begin() as connection:
        hold(connection, held, now=now)


def release(engine: Engine, *held: Lease) -> None:
    """Give leases up; what is lost already is left to its present holder."""
    with engine.begin() as connection:
        give_up(connection, held)


def give_up(connection: Connection, held: Iterable[Lease]) -> None:
    """Give leases up in the caller's transaction; what is lost already is left to its present holder.

    A shared one is lost by that to all who hold it, for some may not know yet that their common work is over.
    """
    every = list(held)
    for is_shared in {one.is_shared for one in every}:
        ours = _are_ours(one for one in every if one.is_shared is is_shared)
        ended = {"expires_at": _ENDED, "token": leases.c.token + int(is_shared)}
        connection.execute(update(leases).where(ours).values(**ended))


def give_up_of(connection: Connection, holder: str) -> None:
    """Give up all leases of holders whose names begin so."""
    connection.execute(update(leases).where(leases.c.holder.startswith(holder)).values(expires_at=_ENDED))


def forget(connection: Connection, *held: Lease) -> None:
    """Give leases of slots up and leave no rows behind. Their next tokens begin anew, which is safe: a site's lease, whose row stays, fences every write too."""
    if held:
        connection.execute(delete(leases).where(_are_ours(held)))


def living(connection: Connection, *, now: datetime) -> tuple[Lease, ...]:
    """The leases that a living process holds now, by name."""
    rows = connection.execute(select(leases).where(leases.c.expires_at > now).order_by(leases.c.name))
    return tuple(
        Lease(name=row.name, holder=row.holder, token=row.token) for row in rows if not is_dead(row.holder)
    )
