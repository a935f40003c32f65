"""The outbox: commands on their way, and what is known to stand in each slot. One place per (slot, target), so a newer wish replaces an older one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, func, insert, select, update

from connectors.commands import (
    Announce,
    Command,
    CommentCommand,
    PropertyCommand,
    Receipt,
    Slot,
    Visibility,
)
from sync.store.records import upsert
from sync.store.tables import audit, outbox, receipts, told

COMMENT = "comment"
"""Target of a managed comment; a property's target is its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A command in the outbox. ``state`` is ``pending`` or ``dead``; ``told`` is what the slot will have been told once it is delivered."""

    id: int
    command: Command
    told: str | None
    state: str
    attempts: int
    last_error: str | None
    created_at: datetime


def target_of(command: Command) -> str:
    """Where in its slot a command goes: ``comment``, or the property's key."""
    return COMMENT if isinstance(command, CommentCommand) else command.key


def _at(table: Table, slot: Slot, target: str) -> Any:  # noqa: ANN401  # a WHERE clause
    return (
        (table.c.source == slot.source)
        & (table.c.issue_id == slot.issue_id)
        & (table.c.commitment_key == slot.commitment_key)
        & (table.c.target == target)
    )


def _slot_of(row: Row[Any]) -> Slot:
    return Slot(source=row.source, issue_id=row.issue_id, commitment_key=row.commitment_key)


def enqueue(connection: Connection, commands: Iterable[tuple[Command, str | None]], *, now: datetime) -> None:
    """Put commands with what they tell into the outbox; another one for the same place replaces it.

    The same command again changes nothing, so its attempts go on counting and a dead letter stays dead.
    """
    for command, tells in commands:
        key = {
            "source": command.slot.source,
            "issue_id": command.slot.issue_id,
            "commitment_key": command.slot.commitment_key,
            "target": target_of(command),
        }
        fresh = {
            "digest": command.digest,
            "command": json.dumps(_document_of(command), ensure_ascii=False),
            "told": tells,
            "state": "pending",
            "attempts": 0,
            "last_error": None,
            "updated_at": now,
        }
        statement = upsert(connection, outbox).values(**key, **fresh, created_at=now)
        differs = outbox.c.digest != statement.excluded.digest
        connection.execute(
            statement.on_conflict_do_update(index_elements=list(key), set_=fresh, where=differs)
        )


def _document_of(command: Command) -> dict[str, Any]:
    match command:
        case CommentCommand():
            seen = command.visibility
            return {
                "body": command.body,
                "announce": command.announce.value,
                "visibility": [seen.kind, seen.name] if seen else None,
            }
        case PropertyCommand():
            return {"key": command.key, "value": command.value}


def _command_of(row: Row[Any]) -> Command:
    document = json.loads(row.command)
    if row.target != COMMENT:
        return PropertyCommand(
            slot=_slot_of(row), digest=row.digest, key=document["key"], value=document["value"]
        )
    seen = document["visibility"]
    return CommentCommand(
        slot=_slot_of(row),
        digest=row.digest,
        body=document["body"],
        announce=Announce(document["announce"]),
        visibility=Visibility(kind=seen[0], name=seen[1]) if seen else None,
    )


def deliveries(connection: Connection, *, state: str | None = "pending") -> tuple[Delivery, ...]:
    """What is in the outbox, oldest first; every state with None."""
    query = select(outbox).order_by(outbox.c.id)
    rows = connection.execute(query if state is None else query.where(outbox.c.state == state))
    return tuple(
        Delivery(
            id=r.id,
            command=_command_of(r),
            told=r.told,
            state=r.state,
            attempts=r.attempts,
            last_error=r.last_error,
            created_at=r.created_at,
        )
        for r in rows
    )


def delivered(connection: Connection, delivery: Delivery, receipt: Receipt) -> None:
    """Take a delivery out of the outbox and keep its receipt and what was told."""
    key = {
        "source": receipt.slot.source,
        "issue_id": receipt.slot.issue_id,
        "commitment_key": receipt.slot.commitment_key,
    }
    fresh = {
        "digest": receipt.digest,
        "body": receipt.body,
        "delivered_at": receipt.delivered_at,
        "remote_id": receipt.remote_id,
    }
    statement = upsert(connection, receipts).values(**key, target=receipt.target, **fresh)
    connection.execute(statement.on_conflict_do_update(index_elements=[*key, "target"], set_=fresh))
    if delivery.told is not None:
        saying = upsert(connection, told).values(**key, content=delivery.told)
        connection.execute(
            saying.on_conflict_do_update(index_elements=list(key), set_={"content": delivery.told})
        )
    connection.execute(delete(outbox).where(outbox.c.id == delivery.id, outbox.c.digest == receipt.digest))


def failed(connection: Connection, delivery: Delivery, reason: str, *, is_dead: bool, now: datetime) -> None:
    """Note a failed attempt; a dead letter is tried no more until its slot has something new to say."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id == delivery.id)
        .values(
            attempts=delivery.attempts + 1,
            last_error=reason,
            state="dead" if is_dead else "pending",
            updated_at=now,
        )
    )


def withdraw(connection: Connection, places: Iterable[tuple[Slot, str]]) -> None:
    """Take back what is pending for places, (slot, target), where nothing is to be written now."""
    for slot, target in places:
        connection.execute(delete(outbox).where(_at(outbox, slot, target), outbox.c.state == "pending"))


def all_receipts(connection: Connection) -> Mapping[tuple[Slot, str], Receipt]:
    """What is known to stand in each slot, by (slot, target)."""
    return {
        (_slot_of(r), r.target): Receipt(
            slot=_slot_of(r),
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
    return {_slot_of(r): r.content for r in connection.execute(select(told))}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One attempted delivery. ``is_write`` tells whether something was sent to the tool."""

    at: datetime
    run_id: str
    command: Command
    outcome: str
    is_write: bool


def note(connection: Connection, line: AuditLine) -> None:
    """Add a line to the audit trail."""
    command = line.command
    connection.execute(
        insert(audit).values(
            at=line.at,
            run_id=line.run_id,
            slot=str(command.slot),
            target=target_of(command),
            digest=command.digest,
            outcome=line.outcome,
            is_write=line.is_write,
        )
    )


def writes_since(connection: Connection, instant: datetime) -> int:
    """How many writes the audit trail holds since ``instant``: the basis of the daily budget."""
    query = select(func.count()).select_from(audit).where(audit.c.at >= instant, audit.c.is_write)
    return connection.execute(query).scalar_one()
