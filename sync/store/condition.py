"""Condition in the store: what people did to managed comments, what could not be written, each site's clock and token, the lives of findings and what people decided about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from connectors.port import Vitals
from sync.core.condition import Condition, DeadLetter, SiteVitals, TouchedSlot
from sync.store import decisions, sightings, slots
from sync.store.dialect import upsert
from sync.store.outbox import slot_of
from sync.store.tables import outbox, sites


def condition_in(connection: Connection) -> Condition:
    """The condition as it is stored now; reads only."""
    return Condition(
        touched=_touched(connection),
        dead=_dead(connection),
        sites=_sites(connection),
        sightings=sightings.all_sightings(connection),
        acknowledged=decisions.all_acknowledged(connection),
        suppressions=tuple(decisions.all_suppressions(connection).values()),
    )


def _touched(connection: Connection) -> tuple[TouchedSlot, ...]:
    return tuple(
        TouchedSlot(slot=sight.slot, touch=sight.touch, since=sight.since, is_left_alone=sight.is_left_alone)
        for sight in sorted(slots.all_sights(connection).values(), key=lambda one: one.slot)
        if sight.touch and sight.since
    )


def _dead(connection: Connection) -> tuple[DeadLetter, ...]:
    rows = connection.execute(select(outbox).where(outbox.c.state == "dead"))
    letters = (
        DeadLetter(
            slot=slot_of(r),
            target=r.target,
            reason=r.last_error or "",
            attempts=r.attempts,
            since=r.updated_at,
        )
        for r in rows
    )
    return tuple(sorted(letters))


def _sites(connection: Connection) -> tuple[SiteVitals, ...]:
    rows = connection.execute(select(sites).order_by(sites.c.source))
    return tuple(
        SiteVitals(source=r.source, at=r.at, skew_s=r.skew_s, token_expires_on=r.token_expires_on)
        for r in rows
    )


def keep_vitals(connection: Connection, source: str, vitals: Vitals, *, at: datetime) -> None:
    """Store what a site's answers told at ``at``. A site that told nothing, because it did not answer, keeps what it told last."""
    if vitals == Vitals():
        return
    seen = {"at": at, "skew_s": vitals.skew_s, "token_expires_on": vitals.token_expires_on}
    statement = upsert(connection, sites).values(source=source, **seen)
    connection.execute(statement.on_conflict_do_update(index_elements=["source"], set_=seen))
