"""Looking after the outbox: what a person lists, tries again and drops."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import Connection, delete, select, update

from connectors.commands import Slot
from connectors.records import Issue
from sync.store import outbox as letters
from sync.store import slots
from sync.store.outbox import DEAD, PENDING, Delivery
from sync.store.slots import Sight
from sync.store.tables import RECORD_TABLES, outbox


class Waiting(Struct, frozen=True, kw_only=True):
    """What waits in the outbox, oldest first, the slots that are left alone, and the key of each issue that they are about, by (source, id)."""

    deliveries: tuple[Delivery, ...]
    left_alone: tuple[Sight, ...]
    issue_keys: dict[tuple[str, str], str]

    def issue_of(self, slot: Slot) -> str:
        """The key of the slot's issue as it was last read; its id where it was not."""
        return self.issue_keys.get((slot.source, slot.issue_id), slot.issue_id)


def waiting_in(connection: Connection, *, state: str | None = None) -> Waiting:
    """Everything that waits, or the deliveries of one state. Reads only."""
    deliveries = letters.deliveries(connection, state=state)
    left = tuple(sight for sight in slots.all_sights(connection).values() if sight.is_left_alone)
    issues = RECORD_TABLES[Issue]
    ids = {d.command.slot.issue_id for d in deliveries} | {sight.slot.issue_id for sight in left}
    rows = connection.execute(
        select(issues.c.source, issues.c.id, issues.c["key"]).where(issues.c.id.in_(ids))
    )
    return Waiting(deliveries=deliveries, left_alone=left, issue_keys={(r.source, r.id): r.key for r in rows})


def retry(connection: Connection, deliveries: Iterable[Delivery]) -> None:
    """Let dead letters be tried again, with all their attempts before them."""
    for delivery in deliveries:
        dead = (outbox.c.id == delivery.id) & (outbox.c.state == DEAD)
        connection.execute(update(outbox).where(dead).values(state=PENDING, attempts=0))


def drop(connection: Connection, delivery: Delivery, *, is_forced: bool) -> bool:
    """Take a delivery out of the outbox. False if it is, or meanwhile became, unsure and is not ``is_forced``: then it stays."""
    there = outbox.c.id == delivery.id
    chosen = there if is_forced else there & outbox.c.is_unsure.is_(False)
    return connection.execute(delete(outbox).where(chosen)).rowcount == 1
