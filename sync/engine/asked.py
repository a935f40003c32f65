"""Asked: what a pull works with, what it tells whoever watches, and how a scope's end becomes its verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from connectors.cursor import Cursor
from connectors.errors import (
    AuthenticationError,
    BlockedError,
    ForbiddenError,
    NotFoundError,
    TandemError,
)
from connectors.port import Completeness, Request, Scope, Verdict

EVERYTHING = "*"
"""Stream or partition that stands for all of a source: a site that could not be reached at all."""

REACH = timedelta(hours=48)
"""How far behind its cursor a scope is read where the long reach is due."""

SITE_WIDE = (AuthenticationError, BlockedError)
"""What one scope meets and every other of the source would meet too: the rest of the source is not asked any more."""


class Landed(Struct, frozen=True, kw_only=True):
    """A page was read: the ``kinds`` of the records in it, one each; ``changed`` rows were new or different."""

    scope: Scope
    kinds: tuple[str, ...]
    changed: int
    skipped: int


class Pull(Struct, frozen=True, kw_only=True):
    """What a pull needs besides the connectors: the store, the run's id and start, and who watches.

    ``tick`` is called after each page, and now and then while answers are waited for; ``guard`` inside each transaction, where it may refuse it; both, like
    ``watch``, in the calling thread. ``paths`` tells the watched paths by what has been read so far (debt items name them in Jira). ``reach_every`` is how often a scope is read
    with ``REACH``; ``max_age`` for how long a scope that nothing hints at may stand as it was read; ``workers`` how many threads ask at a time, of which one is the calling thread alone.
    """

    engine: Engine
    run_id: str
    now: datetime
    is_full: bool = False
    watch: Callable[[Landed], None] = lambda _: None
    tick: Callable[[], None] = lambda: None
    guard: Callable[[Connection], None] = lambda _: None
    paths: Callable[[], tuple[tuple[str, str], ...]] = tuple
    reach_every: timedelta = timedelta(days=1)
    max_age: timedelta = timedelta(0)
    workers: int = 1


_COMPLETENESS: tuple[tuple[type[TandemError], Completeness], ...] = (
    (NotFoundError, Completeness.MISSING),
    (ForbiddenError, Completeness.FORBIDDEN),
    (AuthenticationError, Completeness.FORBIDDEN),
    (TandemError, Completeness.PARTIAL),
)


def verdict_of(scope: Scope, error: TandemError | None, *, at: datetime) -> Verdict:
    """How a scope ended: complete without an error, else by the error's class and in its words."""
    if error is None:
        return Verdict(scope=scope, completeness=Completeness.COMPLETE, at=at)
    completeness = next(c for kind, c in _COMPLETENESS if isinstance(error, kind))
    return Verdict(scope=scope, completeness=completeness, at=at, reason=str(error))


def reach_of(scope: Scope) -> Scope:
    """Under what it is kept when a scope was last read with ``REACH``."""
    return replace(scope, stream=f"reach of {scope.stream}")


def request_of(
    job: Pull, scope: Scope, cursors: Mapping[Scope, Cursor], *, former: Verdict | None = None
) -> Request:
    """What is wanted of a scope, by its cursors and its ``former`` verdict as they are stored. Only what was read to its end may stand as it is."""
    reached_at = cursors.get(reach_of(scope), Cursor()).read_to
    is_far = reached_at is None or job.now - reached_at >= job.reach_every
    return Request(
        scope=scope,
        cursor=cursors.get(scope, Cursor()),
        now=job.now,
        is_full=job.is_full,
        reach=REACH if is_far else timedelta(0),
        max_age=job.max_age if former and former.is_complete else timedelta(0),
    )


def has_reached(request: Request) -> bool:
    """True if the request, once it was read to its end, went as far back as its reach; a resumed walk began with an earlier bound."""
    return bool(request.reach) and request.cursor.walk_started_at is None
