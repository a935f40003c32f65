"""Decisions: what people acknowledged and suppressed by command. Each is in the audit trail; none is ever a write to a tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec.structs import asdict
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select

from mappings.drift_options import SuppressionSpec
from sync.core.drift.suppression import about_of
from sync.core.finding import Acknowledged, Severity
from sync.store.audit import Decided, note_decision
from sync.store.dialect import upsert
from sync.store.tables import acknowledgements, sightings, suppressions


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


def remove_lapsed(connection: Connection, *, before: datetime, now: datetime) -> int:
    """Remove the decisions that hold no more since ``before``, each with a line in the audit trail, and return how many.

    A suppression or an acknowledgement holds to the end of its last day; an acknowledgement also no longer than its finding lasts. One whose finding is
    worse by now stays: it holds again when that is over.
    """
    ended = {i: spec for i, spec in all_suppressions(connection).items() if spec.until < before.date()}
    for id_, spec in ended.items():
        said = f"suppression removed, ended on {spec.until.isoformat()}, was by {spec.owner}: {spec.reason}"
        note_decision(
            connection, Decided(at=now, kind="suppression", about=about_of(spec), id=str(id_), said=said)
        )
    connection.execute(delete(suppressions).where(suppressions.c.id.in_(ended)))
    given = acknowledgements.c
    came_back = and_(sightings.c.first_seen_at > given.at, sightings.c.first_seen_at < before)
    never_seen = and_(sightings.c.fingerprint.is_(None), given.at < before)
    is_lapsed = or_(given.until < before.date(), sightings.c.cleared_at < before, came_back, never_seen)
    return len(ended) + _remove_acknowledged(connection, is_lapsed, now=now)


def remove_ended(connection: Connection, *, before: datetime, now: datetime) -> int:
    """Remove the acknowledgements of findings that cleared before an instant, each with a line in the audit trail, and return how many."""
    return _remove_acknowledged(connection, sightings.c.cleared_at < before, now=now)


def _remove_acknowledged(connection: Connection, is_meant: ColumnElement[bool], *, now: datetime) -> int:
    """Remove those of which ``is_meant`` holds; it may speak of the life of the finding, all NULL where that is not known."""
    of_finding = sightings.c.fingerprint == acknowledgements.c.fingerprint
    query = select(acknowledgements, sightings.c.rule).select_from(
        acknowledgements.outerjoin(sightings, of_finding)
    )
    rows = connection.execute(query.where(is_meant)).all()
    for row in rows:
        said = f"acknowledgement removed, was by {row.owner}" + (f": {row.note}" if row.note else "")
        note_decision(
            connection,
            Decided(at=now, kind="acknowledgement", about=row.rule or "", id=row.fingerprint, said=said),
        )
    gone = [row.fingerprint for row in rows]
    connection.execute(delete(acknowledgements).where(acknowledgements.c.fingerprint.in_(gone)))
    return len(gone)


def _suppressions(connection: Connection) -> Iterator[tuple[int, SuppressionSpec]]:
    names = tuple(SuppressionSpec.model_fields)
    for row in connection.execute(select(suppressions).order_by(suppressions.c.id)):
        yield row.id, SuppressionSpec.model_validate({name: getattr(row, name) for name in names})
