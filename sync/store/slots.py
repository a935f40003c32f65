"""Slots: how each managed comment was found when it was last looked at, and how often ours was put back after a person touched it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, select, update

from connectors.commands import Slot
from connectors.records import Issue
from sync.core.condition import Touch
from sync.store.bulk import put
from sync.store.dialect import is_among
from sync.store.outbox import key_of, slot_of
from sync.store.tables import RECORD_TABLES, slots

REPOSTS = 1
"""How often a comment that a person touched is put back; after that its slot is left alone."""


class Sight(Struct, frozen=True, kw_only=True):
    """A slot as it was last seen: what a person did to its comment (None: nothing), since when we know, and how often ours was put back.

    ``checked_at`` is by the tool's clock: what the tool dates later has not been looked at.
    """

    slot: Slot
    checked_at: datetime
    touch: Touch | None = None
    since: datetime | None = None
    reposts: int = 0

    @property
    def is_left_alone(self) -> bool:
        """True once ours was put back and touched again: nothing more is written there."""
        return self.touch is not None and self.reposts >= REPOSTS


def _at(slot: Slot) -> Any:  # noqa: ANN401  # a WHERE clause
    return (
        (slots.c.source == slot.source)
        & (slots.c.issue_id == slot.issue_id)
        & (slots.c.commitment_key == slot.commitment_key)
    )


def all_sights(connection: Connection) -> Mapping[Slot, Sight]:
    """Every slot that was ever looked at or written, in the order of slots."""
    order = (slots.c.source, slots.c.issue_id, slots.c.commitment_key)
    found = (
        Sight(
            slot=slot_of(r),
            checked_at=r.checked_at,
            touch=Touch(r.touch) if r.touch else None,
            since=r.since,
            reposts=r.reposts,
        )
        for r in connection.execute(select(slots).order_by(*order))
    )
    return {sight.slot: sight for sight in found}


def keep(connection: Connection, *seen: Sight) -> None:
    """Store how slots were found; of two sights of one slot the later one counts."""
    rows = [
        {
            **key_of(sight.slot),
            "touch": sight.touch,
            "since": sight.since,
            "reposts": sight.reposts,
            "checked_at": sight.checked_at,
        }
        for sight in seen
    ]
    put(connection, slots, rows)


def written(connection: Connection, *written_in: Slot, at: datetime) -> None:
    """Note that our comment was made to stand in these slots at ``at`` (the tool's clock): one that a person had touched is put back by that."""
    keys = [(slot.source, slot.issue_id, slot.commitment_key) for slot in written_in]
    seen = select(slots).where(is_among((slots.c.source, slots.c.issue_id, slots.c.commitment_key), keys))
    reposts = {slot_of(r): r.reposts + bool(r.touch) for r in connection.execute(seen)} if keys else {}
    keep(
        connection,
        *(Sight(slot=slot, checked_at=at, reposts=reposts.get(slot, 0)) for slot in written_in),
    )


def moved_on(connection: Connection, *moved: Slot, at: datetime) -> None:
    """What changed on the slots' issues up to ``at`` (the tool's clock) was our own doing: no slot there need be looked at because of it."""
    if moved:
        issues = {(slot.source, slot.issue_id) for slot in moved}
        there = is_among((slots.c.source, slots.c.issue_id), issues) & (slots.c.checked_at < at)
        connection.execute(update(slots).where(there).values(checked_at=at))


def give_back(connection: Connection, given: Iterable[Slot]) -> None:
    """Let slots that are left alone be written again, once."""
    for slot in given:
        connection.execute(update(slots).where(_at(slot)).values(reposts=0))


def issues_updated(connection: Connection) -> Mapping[tuple[str, str], datetime]:
    """When each live issue changed last by the tool's clock as far as it was read, by (source, issue id)."""
    issues = RECORD_TABLES[Issue]
    query = select(issues.c.source, issues.c.id, issues.c.updated_at).where(issues.c.gone_at.is_(None))
    return {(r.source, r.id): r.updated_at for r in connection.execute(query)}
