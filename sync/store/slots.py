"""Slots: how each managed comment was found when it was last looked at, and how often ours was put back after a person touched it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from connectors.commands import Slot
from connectors.records import Issue
from sync.core.condition import Touch
from sync.store.bulk import put
from sync.store.dialect import is_among, upsert
from sync.store.tables import RECORD_TABLES, slots

REPOSTS = 1
"""How often a comment that a person touched is put back; after that its slot is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
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


def _slot_of(row: Row[Any]) -> Slot:
    return Slot(source=row.source, issue_id=row.issue_id, commitment_key=row.commitment_key)


def all_sights(connection: Connection) -> Mapping[Slot, Sight]:
    """Every slot that was ever looked at or written, in the order of slots."""
    order = (slots.c.source, slots.c.issue_id, slots.c.commitment_key)
    found = (
        Sight(
            slot=_slot_of(r),
            checked_at=r.checked_at,
            touch=Touch(r.touch) if r.touch else None,
            since=r.since,
            reposts=r.reposts,
        )
        for r in connection.execute(select(slots).order_by(*order))
    )
    return {sight.slot: sight for sight in found}


def keep(connection: Connection, sight: Sight) -> None:
    """Store how a slot was found."""
    key = {
        "source": sight.slot.source,
        "issue_id": sight.slot.issue_id,
        "commitment_key": sight.slot.commitment_key,
    }
    seen = {
        "touch": sight.touch,
        "since": sight.since,
        "reposts": sight.reposts,
        "checked_at": sight.checked_at,
    }
    statement = upsert(connection, slots).values(**key, **seen)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=seen))


def written(connection: Connection, *written_in: Slot, at: datetime) -> None:
    """Note that our comment was made to stand in these slots at ``at`` (the tool's clock): one that a person had touched is put back by that."""
    if not written_in:
        return
    keys = [(slot.source, slot.issue_id, slot.commitment_key) for slot in written_in]
    seen = select(slots).where(is_among((slots.c.source, slots.c.issue_id, slots.c.commitment_key), keys))
    reposts = {_slot_of(r): r.reposts + bool(r.touch) for r in connection.execute(seen)}
    put(
        connection,
        slots,
        [
            {
                "source": slot.source,
                "issue_id": slot.issue_id,
                "commitment_key": slot.commitment_key,
                "touch": None,
                "since": None,
                "reposts": reposts.get(slot, 0),
                "checked_at": at,
            }
            for slot in written_in
        ],
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
