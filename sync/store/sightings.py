"""Sightings: when each finding was first and last seen, so that it has an age although the pure core has no memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from msgspec.structs import asdict, replace
from sqlalchemy import Connection, RowMapping, select

from sync.core.condition import Sighting
from sync.core.finding import Severity, Sight
from sync.store import bulk
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

    @property
    def sight(self) -> Sight:
        """What is seen of it now."""
        ...


_MOST_RETURNS = 100
"""Returns that are kept of one finding: as many as a mapping may ask for."""


def first_seen(connection: Connection) -> Mapping[str, datetime]:
    """When each finding that has not cleared was first seen, by fingerprint."""
    query = select(sightings.c.fingerprint, sightings.c.first_seen_at).where(sightings.c.cleared_at.is_(None))
    return {r.fingerprint: r.first_seen_at for r in connection.execute(query)}


def all_sightings(connection: Connection) -> tuple[Sighting, ...]:
    """Every finding that was ever seen, by fingerprint."""
    query = select(sightings).order_by(sightings.c.fingerprint)
    return tuple(_sighting(row) for row in connection.execute(query).mappings())


def see(
    connection: Connection,
    found: Iterable[Seen],
    *,
    waiting: Iterable[Seen] = (),
    unjudged: frozenset[str],
    now: datetime,
) -> frozenset[str]:
    """Note what is seen now; what is not seen has cleared, unless its commitment is in ``unjudged``. Returns the keys of the commitments of which something new was noted.

    A finding that comes back after it cleared begins a new age. Drifts ``waiting`` within their grace are seen too, or they would never grow old.
    """
    counting = {one.fingerprint: one for one in found}
    rows = {one.fingerprint: one for one in waiting} | counting
    before = {one.fingerprint: one for one in all_sightings(connection)}
    seen = (
        _seen_again(one, before.get(fingerprint), is_found=fingerprint in counting, now=now)
        for fingerprint, one in rows.items()
    )
    fresh = [one for one in seen if one != before.get(one.fingerprint)]
    lost = [
        one
        for fingerprint, one in before.items()
        if one.cleared_at is None and fingerprint not in rows and one.commitment_key not in unjudged
    ]
    ended = (replace(one, cleared_at=now) for one in lost)
    bulk.put(connection, sightings, [_row(one) for one in (*fresh, *ended)])
    return frozenset(one.commitment_key for one in (*fresh, *lost))


def _seen_again(one: Seen, before: Sighting | None, *, is_found: bool, now: datetime) -> Sighting:
    """The sighting of what is seen ``now``, after ``before`` (None: never seen)."""
    fresh = Sighting(
        fingerprint=one.fingerprint,
        rule=one.rule,
        commitment_key=one.commitment_key,
        first_seen_at=now,
        found_at=now if is_found else None,
        first=one.sight,
    )
    if before is None:
        return fresh
    if before.cleared_at is not None:
        came_back = (now,) if before.was_told else ()
        return replace(fresh, returned_at=(*before.returned_at, *came_back)[-_MOST_RETURNS:])
    # a finding from the future was seen by a clock that has been set back since: its age begins now
    since, counted_at = min(before.first_seen_at, now), before.found_at or fresh.found_at
    return replace(
        fresh,
        first_seen_at=since,
        found_at=min(counted_at, now) if counted_at else None,
        returned_at=before.returned_at,
        first=before.first,
    )


def _row(seen: Sighting) -> dict[str, object]:
    kept = asdict(seen)
    first = kept.pop("first")
    return kept | {
        "returned_at": tuple(at.isoformat() for at in seen.returned_at),
        "first_sight": (first.severity.word, first.says, first.evidence) if first else None,
    }


def _sighting(row: RowMapping) -> Sighting:
    kept = dict(row)
    first = kept.pop("first_sight")
    returned_at = tuple(datetime.fromisoformat(text) for text in kept.pop("returned_at"))
    return Sighting(**kept, returned_at=returned_at, first=_sight(*first) if first else None)


def _sight(severity: str, says: str, evidence: tuple[tuple[str, str, str], ...]) -> Sight:
    return Sight(severity=Severity.of(severity), says=says, evidence=evidence)
