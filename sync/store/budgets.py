"""Budgets: what several processes may ask of a site together, kept in one row for each budget. PostgreSQL only, whose clock all go by."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Connection, Double, Engine, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from connectors.commons import Claim, News, Share
from connectors.transport.shares import Taken, share_of
from sync.store.queue_tables import budgets

_SITE = ""
"""The key of what is about the whole site."""
_KEPT_S = 7200.0
"""A budget of which nothing was taken for so long is forgotten: no window is longer than an hour."""


_AT = cast(func.extract("epoch", func.clock_timestamp()), Double)
"""Unix seconds by the database's clock, now and not when the transaction began."""


class StoredBudgets:
    """The budgets of all sites in the database. Each call is one short transaction; only those who want the same budget wait for each other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def shares(self, source: str, claims: tuple[Claim, ...]) -> tuple[Share, ...]:
        """A share for each claim. Takers lock in the order of keys, so that no two wait for each other."""
        found: dict[str, Share] = {}
        with self._engine.begin() as connection:
            for claim in sorted(claims, key=lambda claim: claim.key):
                row = _locked(connection, source, claim.key)
                share, taken = share_of(row.taken, limit=claim.limit, window_s=claim.window_s, at=row.at)
                _keep(connection, source, claim.key, taken=taken)
                found[claim.key] = share
        return tuple(found[claim.key] for claim in claims)

    def news(self, source: str) -> News:
        """What others were told."""
        is_news = (budgets.c.held_until > _AT) | (budgets.c.key == _SITE)
        query = select(budgets.c.key, budgets.c.held_until, budgets.c.told, _AT.label("at"))
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(budgets.c.source == source, is_news)).all()
        held = {row.key: row.held_until - row.at for row in rows if row.held_until > row.at}
        near = [_near(row.told, row.at) for row in rows if row.key == _SITE]
        return News(held_s=held, near=next(iter(near), None))

    def hold(self, source: str, keys: tuple[str, ...], *, for_s: float) -> None:
        """Tell all others that the site wants nothing of these budgets for so long."""
        with self._engine.begin() as connection:
            for key in sorted(keys):
                row = _locked(connection, source, key)
                _keep(connection, source, key, held_until=max(row.held_until, row.at + for_s))

    def near(self, source: str, *, remaining: float, left_s: float) -> None:
        """Tell all others that the site's limit is near."""
        with self._engine.begin() as connection:
            row = _locked(connection, source, _SITE)
            _keep(connection, source, _SITE, told=(row.at, remaining, left_s))

    def next_s(self, source: str, *, pause_s: float) -> float:
        """Seconds until the caller's turn where all wait ``pause_s`` behind one another; the turn is taken."""
        with self._engine.begin() as connection:
            row = _locked(connection, source, _SITE)
            mine = max(row.at, row.next_at)
            _keep(connection, source, _SITE, next_at=mine + pause_s)
        return float(mine - row.at)


class _Locked(Struct, frozen=True, kw_only=True):
    """A budget as it was ``at`` the instant when it was given to this transaction alone."""

    taken: Taken
    held_until: float
    next_at: float
    at: float


def _locked(connection: Connection, source: str, key: str) -> _Locked:
    """The row of a budget, made where there was none, nobody else's until the transaction ends; and the instant at which it was given."""
    fresh = {"taken": (), "held_until": 0.0, "next_at": 0.0, "told": ()}
    made = insert(budgets).values(source=source, key=key, **fresh)
    mine = made.on_conflict_do_update(index_elements=["source", "key"], set_={"key": made.excluded.key})
    columns = (budgets.c.taken, budgets.c.held_until, budgets.c.next_at)
    row = connection.execute(mine.returning(*columns)).one()
    at = float(connection.execute(select(_AT)).scalar_one())
    return _Locked(taken=row.taken, held_until=row.held_until, next_at=row.next_at, at=at)


def _keep(connection: Connection, source: str, key: str, **values: object) -> None:
    is_this = (budgets.c.source == source) & (budgets.c.key == key)
    connection.execute(update(budgets).where(is_this).values(**values))


def _near(told: tuple[float, ...], at: float) -> tuple[float, float] | None:
    """(remaining, seconds left) of what was told; None where nothing was, or where that is over."""
    if not told:
        return None
    told_at, remaining, left_s = told
    return (remaining, told_at + left_s - at) if told_at + left_s > at else None


def forget_old(connection: Connection) -> None:
    """Forget budgets of which nothing was taken for long, and that hold nothing back."""
    old = _AT - _KEPT_S
    for row in connection.execute(select(budgets, _AT.label("at")).where(budgets.c.held_until < old)):
        if row.key != _SITE and all(since < row.at - _KEPT_S for since, _ in row.taken):
            is_this = (budgets.c.source == row.source) & (budgets.c.key == row.key)
            connection.execute(delete(budgets).where(is_this, budgets.c.taken == row.taken))


def used(connection: Connection) -> tuple[tuple[str, str, int, float], ...]:
    """(source, budget, turns of its newest, seconds for which it is held back) of each budget that is in use."""
    query = select(budgets, _AT.label("at")).order_by(budgets.c.source, budgets.c.key)
    return tuple(
        (row.source, row.key, sum(turns for _, turns in row.taken), max(0.0, row.held_until - row.at))
        for row in connection.execute(query)
        if row.key != _SITE
    )
