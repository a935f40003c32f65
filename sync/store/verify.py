"""Verify: whether the store is whole and says of itself what is true. Only reads; what it looks at is one instant."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, func, select

from connectors.check import Check, Level
from sync.store import database
from sync.store.copy import snapshot
from sync.store.digests import UNKNOWN
from sync.store.errors import StoreError
from sync.store.kept_commands import command_of
from sync.store.migrating import differences
from sync.store.outbox import slot_of
from sync.store.records import digest_of_row
from sync.store.references import BETWEEN_RECORDS, OF_SLOTS, Reference
from sync.store.tables import RECORD_TABLES, cursors, outbox, runs, told, verdicts

_CLOCKS = timedelta(minutes=5)  # two hosts' clocks may differ so much
_BATCH = 1000
_NAMED = 3
_READ_AGAIN = "tandem pull --full"
_RESTORE = "restore a backup (tandem db restore FILE)"


def verified(engine: Engine, *, now: datetime) -> Iterator[Check]:
    """Checks of pages, tables, references, digests, cursors and outbox; a check that fails so that the later ones mean nothing is the last."""
    for step in (_pages, _tables):
        try:
            checks = tuple(step(engine))
        except StoreError as error:
            checks = (Check(level=Level.FAIL, subject="pages", message=str(error)),)
        yield from checks
        if any(check.level is Level.FAIL for check in checks):
            return
    with snapshot(engine) as connection:
        for look in (_references, _slots, _digests, _cursors, _outbox, _told):
            yield from look(connection, now)


def _pages(engine: Engine) -> Iterator[Check]:
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            found = list(connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars())
            problems = () if found == ["ok"] else found
            yield _check("pages", problems, well="every page is whole", advice=_RESTORE)
            return
        sums = connection.exec_driver_sql("SHOW data_checksums").scalar_one()
        yield _check("pages", (), well=f"every row can be read; the server's page checksums are {sums}")


def _tables(engine: Engine) -> Iterator[Check]:
    here, newest = database.revision_of(engine), database.newest_revision()
    problems = [] if here == newest else [f"at revision {here or 'none'}, this version wants {newest}"]
    yield _check("revision", problems, well=f"{newest}, the newest", advice="tandem db upgrade")
    if not problems:
        lacking = [str(one) for one in differences(engine)]
        yield _check("tables", lacking, well="as this version's code has them", advice=_RESTORE)


def _references(connection: Connection, _: datetime) -> Iterator[Check]:
    problems = [line for reference in BETWEEN_RECORDS for line in _orphans(connection, reference)]
    yield _check(
        "records", problems, level=Level.WARN, well="each belongs to one that is here", advice=_READ_AGAIN
    )


def _slots(connection: Connection, _: datetime) -> Iterator[Check]:
    problems = [line for reference in OF_SLOTS for line in _orphans(connection, reference)]
    yield _check(
        "slots", problems, level=Level.WARN, well="each is in an issue that is here", advice=_READ_AGAIN
    )


def _orphans(connection: Connection, reference: Reference) -> Iterator[str]:
    query = select(func.count()).select_from(reference.child).where(~reference.is_kept)
    count = connection.execute(query).scalar_one()
    if count:
        parent = reference.parent.name.removesuffix("_records")
        yield f"{count} rows of {reference.child.name} name {parent} records that are not here"


def _digests(connection: Connection, _: datetime) -> Iterator[Check]:
    problems: list[str] = []
    count = 0
    for table in RECORD_TABLES.values():
        with connection.execution_options(yield_per=_BATCH).execute(select(table)) as rows:
            try:
                for row in rows:
                    count += 1
                    problems += row_problem(table, row)
            except (ValueError, TypeError) as error:
                problems.append(f"{table.name}: a row cannot be read ({error})")
    yield _check(
        "digests",
        problems,
        well=f"{count} records are what was read",
        advice=f"the named rows were changed by another program: {_RESTORE}, or {_READ_AGAIN}",
    )


def row_problem(table: Table, row: Row[Any]) -> Iterator[str]:
    """What is wrong with a record's row: its digest is not that of its values. Raises ValueError or TypeError for a row that is no record."""
    if digest_of_row(table, row) != row.digest != UNKNOWN:
        yield f"{table.name} {row.id}: is not what was read"


def _cursors(connection: Connection, now: datetime) -> Iterator[Check]:
    limit = now + _CLOCKS
    rows = connection.execute(select(cursors)).all()
    ahead = [
        f"{r.source}/{r.stream}/{r.partition}"
        for r in rows
        if max(filter(None, (r.read_to, r.walk_started_at)), default=now) > limit
    ]
    yield _check(
        "cursors",
        [f"{name}: is in the future" for name in ahead],
        level=Level.WARN,
        well=f"{len(rows)}, none in the future",
        advice="a host's clock was ahead; the next run reads these scopes anew",
    )
    bad = connection.execute(select(verdicts).where(verdicts.c.at > limit)).all()
    yield _check(
        "verdicts",
        [f"{r.source}/{r.stream}/{r.partition}: is from the future" for r in bad],
        level=Level.WARN,
        well="none from the future",
        advice="a host's clock was ahead; the next run puts them right",
    )
    yield _without_verdict(connection)


def _without_verdict(connection: Connection) -> Check:
    """A source that has a verdict on one partition of a stream has one on all that it reads now."""
    key = (cursors.c.source, cursors.c.stream, cursors.c.partition)
    judged = {
        tuple(r)
        for r in connection.execute(select(verdicts.c.source, verdicts.c.stream, verdicts.c.partition))
    }
    streams = {(source, stream) for source, stream, _ in judged}
    open_walks = select(*key).where(cursors.c.walk_started_at.is_not(None))
    left = [
        tuple(r) for r in connection.execute(open_walks) if tuple(r) not in judged and (r[0], r[1]) in streams
    ]
    return _check(
        "walks",
        ["/".join(scope) + ": was begun and never ended" for scope in left],
        level=Level.WARN,
        well="none was left half-way without a verdict",
        advice="the next run goes on with them, unless the mapping no longer asks for them",
    )


def _outbox(connection: Connection, _: datetime) -> Iterator[Check]:
    def read(row: Row[Any]) -> None:
        command_of(row.command, slot=slot_of(row), target=row.target, digest=row.digest)

    problems = list(_unreadable(connection.execute(select(outbox)), read, named=lambda r: f"delivery {r.id}"))
    yield _check(
        "outbox",
        problems,
        well="every delivery can be read",
        advice="tandem outbox drop ID, then tandem sync",
    )


def _told(connection: Connection, _: datetime) -> Iterator[Check]:
    problems = list(
        _unreadable(
            connection.execute(select(told)), lambda r: json.loads(r.content), named=lambda r: str(slot_of(r))
        )
    )
    yield _check("told", problems, well="everything told can be read", advice=_RESTORE)
    unended = connection.execute(select(func.count()).select_from(runs).where(runs.c.finished_at.is_(None)))
    count = unended.scalar_one()
    well = (
        "each was noted to its end"
        if not count
        else f"{count} are under way or were killed; nothing needs to be done"
    )
    yield _check("runs", (), well=well)


def _unreadable(
    rows: Iterable[Any], read: Callable[[Any], object], *, named: Callable[[Any], str]
) -> Iterator[str]:
    for row in rows:
        try:
            read(row)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            yield f"{named(row)}: cannot be read ({type(error).__name__}: {error})"


def _check(
    subject: str, problems: Iterable[str], *, well: str, level: Level = Level.FAIL, advice: str = ""
) -> Check:
    """One line: ``well`` where there are no problems, else how many and the first few."""
    found = tuple(problems)
    if not found:
        return Check(level=Level.OK, subject=subject, message=well)
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return Check(level=level, subject=subject, message="; ".join(found[:_NAMED]) + more, advice=advice)
