"""The audit trail: a line for every attempted delivery, and the counts that budgets are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, func, insert, select

from connectors.commands import Command
from sync.store.kept_commands import target_of
from sync.store.tables import audit


class AuditLine(Struct, frozen=True, kw_only=True):
    """One attempted delivery. ``is_write`` tells whether something was sent to the tool, ``is_loud`` whether a new comment came of it, which notifies people."""

    at: datetime
    run_id: str
    command: Command
    outcome: str
    is_write: bool
    is_loud: bool = False


def note(connection: Connection, *lines: AuditLine) -> None:
    """Add lines to the audit trail."""
    rows = [
        {
            "at": line.at,
            "run_id": line.run_id,
            "slot": str(line.command.slot),
            "target": target_of(line.command),
            "digest": line.command.digest,
            "outcome": line.outcome,
            "is_write": line.is_write,
            "is_loud": line.is_loud,
        }
        for line in lines
    ]
    if rows:
        connection.execute(insert(audit), rows)


class Decided(Struct, frozen=True, kw_only=True):
    """What a person decided about findings: which ``kind`` of decision, ``about`` what, with its number or fingerprint and in words."""

    at: datetime
    kind: str
    about: str
    id: str
    said: str


def note_decision(connection: Connection, decided: Decided) -> None:
    """Add a person's decision to the audit trail; it is no write."""
    connection.execute(
        insert(audit).values(
            at=decided.at,
            run_id="",
            slot=decided.about,
            target=decided.kind,
            digest=decided.id,
            outcome=decided.said,
            is_write=False,
            is_loud=False,
        )
    )


def writes_since(connection: Connection, instant: datetime) -> int:
    """How many writes the audit trail holds since ``instant``: the basis of the daily budget."""
    query = select(func.count()).select_from(audit).where(audit.c.at >= instant, audit.c.is_write)
    return connection.execute(query).scalar_one()


def loud_since(connection: Connection, instant: datetime) -> Mapping[tuple[str, str], int]:
    """How many new comments, which notify people, were posted since ``instant``, by (source, issue id)."""
    query = select(audit.c.slot).where(audit.c.at >= instant, audit.c.is_loud)
    places = (slot.rsplit("/", 2) for slot in connection.execute(query).scalars())
    return Counter((source, issue_id) for source, issue_id, _ in places)
