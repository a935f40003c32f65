"""Sightings: when each finding was first and last seen, so that it has an age although the pure core has no memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection, select, update

from sync.store.records import upsert
from sync.store.tables import sightings


class Seen(Protocol):
    """What is seen: a finding, or a drift within its grace."""

    @property
    def fingerprint(self) -> str:
        """Stable identity."""
        ...

    @property
    def rule(self) -> str:
        """The rule's code."""
        ...

    @property
    def commitment_key(self) -> str:
        """The commitment, or ``*``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """When a finding was seen; ``cleared_at`` is set while it is not."""

    fingerprint: str
    rule: str
    commitment_key: str
    first_seen_at: datetime
    last_seen_at: datetime
    cleared_at: datetime | None


def first_seen(connection: Connection) -> Mapping[str, datetime]:
    """When each finding that has not cleared was first seen, by fingerprint."""
    query = select(sightings.c.fingerprint, sightings.c.first_seen_at).where(sightings.c.cleared_at.is_(None))
    return {r.fingerprint: r.first_seen_at for r in connection.execute(query)}


def all_sightings(connection: Connection) -> tuple[Sighting, ...]:
    """Every finding that was ever seen."""
    return tuple(Sighting(**r._mapping) for r in connection.execute(select(sightings)))  # noqa: SLF001  # the documented way to a row's values by name


def see(connection: Connection, seen: Iterable[Seen], *, unjudged: frozenset[str], now: datetime) -> None:
    """Note what is seen now; what is not seen has cleared, unless its commitment is in ``unjudged``.

    A finding that comes back after it cleared begins a new age. Drifts within their grace are seen too, or they would never grow old.
    """
    rows = {one.fingerprint: one for one in seen}
    open_before = first_seen(connection)
    for fingerprint, one in rows.items():
        fresh = {"last_seen_at": now, "cleared_at": None}
        row = {
            "fingerprint": fingerprint,
            "rule": one.rule,
            "commitment_key": one.commitment_key,
            "first_seen_at": now,
        }
        statement = upsert(connection, sightings).values(row | fresh)
        # a finding from the future was seen by a clock that has been set back since: its age begins now
        is_known = open_before.get(fingerprint, now + timedelta(1)) <= now
        again = fresh if is_known else fresh | {"first_seen_at": now}
        connection.execute(statement.on_conflict_do_update(index_elements=["fingerprint"], set_=again))
    lost = set(open_before) - set(rows)
    connection.execute(
        update(sightings)
        .where(sightings.c.fingerprint.in_(lost), sightings.c.commitment_key.not_in(unjudged))
        .values(cleared_at=now)
    )
