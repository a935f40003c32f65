"""The outbox: commands on their way, and what is known to stand in each slot. One place per (slot, target), so a newer wish replaces an older one.

A delivery is *pending* until it is delivered, or *dead* after too many failures. It is *unsure* from before its first write until the outcome of that is
known: what then stands in the tool can be neither taken for the old nor for the new, so it is never taken back, only delivered or replaced. A *doubt* is
no delivery: it marks a place that was found to be other than the receipt says, until a sync puts it right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, Table, delete, select, update

from connectors.commands import Announce, Command, CommentCommand, Receipt, Slot
from sync.store.audit import AuditLine, loud_since, note, writes_since
from sync.store.bulk import put
from sync.store.dialect import is_among, upsert
from sync.store.kept_commands import COMMENT, command_of, target_of, text_of
from sync.store.tables import outbox, receipts, told

__all__ = [
    "COMMENT",
    "DEAD",
    "DOUBT",
    "PENDING",
    "AuditLine",
    "Delivery",
    "all_receipts",
    "all_told",
    "begin",
    "delivered",
    "deliveries",
    "doubt",
    "enqueue",
    "failed",
    "forget_told",
    "loud_since",
    "note",
    "put_off",
    "slot_of",
    "target_of",
    "unsure_in",
    "waiting_among",
    "withdraw",
    "writes_since",
]

PENDING, DEAD, DOUBT = "pending", "dead", "doubt"

ATTEMPTS = 5
"""A delivery that failed this often is a dead letter: it blocks nobody and waits for a person, or for something new to say."""


class Delivery(Struct, frozen=True, kw_only=True):
    """A command in the outbox. ``told`` is what the slot will have been told once it is delivered.

    ``state`` is ``pending``, ``dead`` or ``doubt``; ``is_unsure`` means that a write was begun whose outcome is not known. ``updated_at`` is its last attempt.
    """

    id: int
    command: Command
    told: str | None
    state: str
    attempts: int
    last_error: str | None
    created_at: datetime
    updated_at: datetime
    is_unsure: bool = False

    @property
    def place(self) -> tuple[Slot, str]:
        """Where it goes: (slot, target)."""
        return self.command.slot, target_of(self.command)


def _at(table: Table, slot: Slot, target: str) -> Any:  # noqa: ANN401  # a WHERE clause
    return (
        (table.c.source == slot.source)
        & (table.c.issue_id == slot.issue_id)
        & (table.c.commitment_key == slot.commitment_key)
        & (table.c.target == target)
    )


def slot_of(row: Row[Any]) -> Slot:
    """The slot that a row is about."""
    return Slot(source=row.source, issue_id=row.issue_id, commitment_key=row.commitment_key)


def key_of(slot: Slot) -> dict[str, str]:
    """The columns that name a slot."""
    return {
        "source": slot.source,
        "issue_id": slot.issue_id,
        "commitment_key": slot.commitment_key,
    }


def enqueue(connection: Connection, commands: Iterable[tuple[Command, str | None]], *, now: datetime) -> None:
    """Put commands with what they tell into the outbox; another one for the same place replaces it, and inherits that the place is unsure.

    The same command again changes nothing, so its attempts go on counting and a dead letter stays dead.
    """
    for command, tells in commands:
        key = {**key_of(command.slot), "target": target_of(command)}
        fresh = {
            "digest": command.digest,
            "command": text_of(command),
            "told": tells,
            "state": PENDING,
            "attempts": 0,
            "last_error": None,
            "updated_at": now,
        }
        statement = upsert(connection, outbox).values(**key, **fresh, is_unsure=False, created_at=now)
        differs = outbox.c.digest != statement.excluded.digest
        connection.execute(
            statement.on_conflict_do_update(index_elements=list(key), set_=fresh, where=differs)
        )


def deliveries(connection: Connection, *, state: str | None = PENDING) -> tuple[Delivery, ...]:
    """What is in the outbox, oldest first; every state with None."""
    query = select(outbox).order_by(outbox.c.id)
    rows = connection.execute(query if state is None else query.where(outbox.c.state == state))
    return tuple(
        Delivery(
            id=r.id,
            command=command_of(r.command, slot=slot_of(r), target=r.target, digest=r.digest),
            told=r.told,
            state=r.state,
            attempts=r.attempts,
            last_error=r.last_error,
            created_at=r.created_at,
            updated_at=r.updated_at,
            is_unsure=r.is_unsure,
        )
        for r in rows
    )


def _are_still(deliveries: Iterable[Delivery]) -> Any:  # noqa: ANN401  # a WHERE clause
    return is_among((outbox.c.id, outbox.c.digest), ((one.id, one.command.digest) for one in deliveries))


def waiting_among(connection: Connection, deliveries: Sequence[Delivery]) -> Mapping[int, bool]:
    """Of these deliveries those that still wait, by id, and whether they are unsure by now. The others were replaced or taken out meanwhile."""
    query = select(outbox.c.id, outbox.c.is_unsure).where(_are_still(deliveries), outbox.c.state == PENDING)
    return {row.id: row.is_unsure for row in connection.execute(query)}


def begin(connection: Connection, *deliveries: Delivery) -> frozenset[int]:
    """Note, before anything is sent, that the outcome of deliveries is unknown from now on. The ids of those that were not replaced or taken out meanwhile."""
    if not deliveries:
        return frozenset()
    still = _are_still(deliveries) & (outbox.c.state == PENDING)
    begun = update(outbox).where(still).values(is_unsure=True).returning(outbox.c.id)
    return frozenset(connection.execute(begun).scalars())


def delivered(connection: Connection, *ended: tuple[Delivery, Receipt]) -> None:
    """Take deliveries out of the outbox and keep their receipts and what was told. A newer wish that came meanwhile stays, and is sure."""
    if not ended:
        return
    columns = ("target", "digest", "body", "delivered_at", "remote_id")
    kept = [{**key_of(made.slot), **{name: getattr(made, name) for name in columns}} for _, made in ended]
    put(connection, receipts, kept)
    said = [{**key_of(made.slot), "content": one.told} for one, made in ended if one.told is not None]
    put(connection, told, said)
    gone = connection.execute(delete(outbox).where(_are_still(delivery for delivery, _ in ended)))
    if gone.rowcount < len(ended):
        ids = [delivery.id for delivery, _ in ended]
        connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(is_unsure=False))


def failed(connection: Connection, delivery: Delivery, reason: str, *, is_dead: bool, now: datetime) -> None:
    """Note a failed attempt; a dead letter is tried no more until its slot has something new to say, or a person says so.

    It is unsure from now on as ``delivery`` says.
    """
    state = DEAD if is_dead else PENDING
    ended = {"attempts": delivery.attempts + 1, "last_error": reason, "state": state, "updated_at": now}
    connection.execute(
        update(outbox).where(_are_still([delivery])).values(**ended, is_unsure=delivery.is_unsure)
    )


def put_off(connection: Connection, delivery: Delivery, reason: str, *, now: datetime) -> None:
    """Note that nothing was sent: it is no attempt, and as unsure as ``delivery`` says."""
    ended = {"last_error": reason, "updated_at": now, "is_unsure": delivery.is_unsure}
    connection.execute(update(outbox).where(_are_still([delivery])).values(ended))


def withdraw(connection: Connection, places: Iterable[tuple[Slot, str]], *, state: str = PENDING) -> None:
    """Take back what waits for places, (slot, target), where nothing is to be written now. What is unsure stays: it must be put right."""
    for slot, target in places:
        waits = _at(outbox, slot, target) & (outbox.c.state == state) & outbox.c.is_unsure.is_(False)
        connection.execute(delete(outbox).where(waits))


def doubt(connection: Connection, receipt: Receipt, reason: str, *, now: datetime) -> None:
    """Mark a comment's place as unsure because it was found to be other than the receipt says. What is on its way there stays on its way."""
    seen = CommentCommand(slot=receipt.slot, body=receipt.body, digest="", announce=Announce.SILENT)
    fresh = {"digest": "", "command": text_of(seen), "state": DOUBT, "attempts": 0, "last_error": reason}
    key = {**key_of(receipt.slot), "target": receipt.target}
    statement = upsert(connection, outbox).values(
        **key, **fresh, is_unsure=True, created_at=now, updated_at=now
    )
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_={"is_unsure": True}))


def unsure_in(connection: Connection) -> frozenset[tuple[Slot, str]]:
    """(slot, target) of the places whose last write has an unknown outcome: what stands there must be looked at and put right."""
    rows = connection.execute(select(outbox).where(outbox.c.is_unsure))
    return frozenset((slot_of(r), r.target) for r in rows)


def all_receipts(connection: Connection) -> Mapping[tuple[Slot, str], Receipt]:
    """What is known to stand in each slot, by (slot, target)."""
    return {
        (slot_of(r), r.target): Receipt(
            slot=slot_of(r),
            target=r.target,
            digest=r.digest,
            body=r.body,
            delivered_at=r.delivered_at,
            remote_id=r.remote_id,
        )
        for r in connection.execute(select(receipts))
    }


def all_told(connection: Connection) -> Mapping[Slot, str]:
    """What was told last in each slot, as the JSON that ``enqueue`` was given."""
    return {slot_of(r): r.content for r in connection.execute(select(told))}


def forget_told(connection: Connection, slots: Iterable[Slot]) -> None:
    """Forget what was told in slots of commitments that left the mapping. The receipts stay: the comments are still there."""
    for slot in slots:
        connection.execute(delete(told).filter_by(**key_of(slot)))
