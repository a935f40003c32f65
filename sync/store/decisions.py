"""Decisions: what people acknowledged and suppressed by command. Each is in the audit trail; none is ever a write to a tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from mappings.drift_options import SuppressionSpec
from sync.core.drift.suppression import about_of
from sync.core.finding import Acknowledged, Severity
from sync.store.audit import Decided, note_decision
from sync.store.dialect import upsert
from sync.store.tables import acknowledgements, suppressions


def acknowledge(connection: Connection, given: Acknowledged, *, about: str) -> None:
    """Keep an acknowledgement in the place of an earlier one of the same finding. ``about`` says in the audit trail which finding it is."""
    row = asdict(given) | {"severity": given.severity.word}
    statement = upsert(connection, acknowledgements).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["fingerprint"], set_=row))
    until = f" until {given.until.isoformat()}" if given.until else ""
    said = f"acknowledged by {given.owner}{until}" + (f": {given.note}" if given.note else "")
    note_decision(
        connection, Decided(at=given.at, kind="acknowledgement", about=about, id=given.fingerprint, said=said)
    )


def all_acknowledged(connection: Connection) -> tuple[Acknowledged, ...]:
    """Every acknowledgement, lapsed ones too, by fingerprint."""
    rows = connection.execute(select(acknowledgements).order_by(acknowledgements.c.fingerprint))
    return tuple(
        Acknowledged(
            fingerprint=r.fingerprint,
            owner=r.owner,
            severity=Severity.of(r.severity),
            at=r.at,
            note=r.note,
            until=r.until,
        )
        for r in rows
    )


def keep_suppression(connection: Connection, given: SuppressionSpec, *, at: datetime) -> int:
    """Keep a suppression and return its number."""
    statement = insert(suppressions).values(**given.model_dump(), at=at).returning(suppressions.c.id)
    id_: int = connection.execute(statement).scalar_one()
    said = f"suppressed by {given.owner} until {given.until.isoformat()}: {given.reason}"
    note_decision(
        connection, Decided(at=at, kind="suppression", about=about_of(given), id=str(id_), said=said)
    )
    return id_


def drop_suppression(connection: Connection, id_: int, *, at: datetime) -> SuppressionSpec | None:
    """Take a suppression away and return it, None if there is no such one."""
    given = all_suppressions(connection).get(id_)
    if given is not None:
        connection.execute(delete(suppressions).where(suppressions.c.id == id_))
        said = f"suppression dropped, was by {given.owner} until {given.until.isoformat()}: {given.reason}"
        note_decision(
            connection, Decided(at=at, kind="suppression", about=about_of(given), id=str(id_), said=said)
        )
    return given


def all_suppressions(connection: Connection) -> Mapping[int, SuppressionSpec]:
    """Every suppression made by command, expired ones too, by number in ascending order."""
    return dict(_suppressions(connection))


def _suppressions(connection: Connection) -> Iterator[tuple[int, SuppressionSpec]]:
    names = tuple(SuppressionSpec.model_fields)
    for row in connection.execute(select(suppressions).order_by(suppressions.c.id)):
        yield row.id, SuppressionSpec.model_validate({name: getattr(row, name) for name in names})
