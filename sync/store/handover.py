"""Handover: a whole store becomes the content of another, empty database of either kind, compared before it counts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Engine, exists, select
from sqlalchemy.exc import DBAPIError

from connectors.errors import TandemError
from sync.store import database, lease
from sync.store.backup import Counts
from sync.store.connections import file_of
from sync.store.copy import BATCH, rows_copied, snapshot
from sync.store.errors import StoreError
from sync.store.failures import place_of
from sync.store.lease import Lease
from sync.store.restore import refuse_if_held
from sync.store.tables import RECORD_TABLES, leases, metadata
from sync.store.types import storable
from sync.store.verify import row_problem

_TABLES = tuple(table for table in metadata.sorted_tables if table is not leases)
_NAMES = ", ".join(table.name for table in _TABLES)
_OF_RECORDS = frozenset(RECORD_TABLES.values())
_TOLD = 3  # rows that a refusal names


class HandedOver(Struct, frozen=True, kw_only=True):
    """The rows by table, and the leases that living processes hold on the source: what they store from now on is not in the copy."""

    rows: Counts
    at_work: tuple[Lease, ...]


def handed_over(source: Engine, target: Engine, *, now: datetime) -> HandedOver:
    """Copy all that ``source`` holds at one instant into the empty ``target``, in one transaction, and compare before it is committed.

    A target without tables is given them. Leases are left out: nobody holds a copy. Raises TandemError if the source is no good store of this version or
    the target is not empty, LeaseHeldError while a living process is at work on the target, StoreError if a database fails or the rows did not arrive as
    they were; there are then at most empty tables in the target.
    """
    _refuse_source(source)
    _refuse_target(target, source)
    database.upgrade(target)
    with snapshot(source) as origin, target.begin() as goal:
        _lock(goal)
        refuse_if_held(goal, now=now)
        _refuse_rows(goal, target)
        with _readable(source):
            sent, arrived = Tally(), Tally()
            rows = rows_copied(origin, goal, change=sent.seen)
            changed = _taken(goal, arrived)
        _compare(sent, arrived, target)
        _refuse_changed(changed, source)
        if goal.dialect.name == "postgresql":
            goal.exec_driver_sql(f"ANALYZE {_NAMES}")  # or the first run looks things up as in empty tables
        return HandedOver(rows=rows, at_work=lease.living(origin, now=now))


def _refuse_source(source: Engine) -> None:
    file = file_of(source.url)
    if file and not file.exists():  # opening it would make it
        raise TandemError(f"{place_of(source)}: there is no such file, so nothing was copied")
    revision, newest = database.revision_of(source), database.newest_revision()
    if revision is None:
        raise TandemError(f"{place_of(source)}: holds no store, so nothing was copied")
    if revision not in database.revisions():
        raise TandemError(
            f"{place_of(source)}: its revision {revision} is unknown here, so a newer Tandem made it; copy it with that version"
        )
    if revision != newest:
        raise TandemError(
            f"{place_of(source)}: is at revision {revision}, this version wants {newest}; let TANDEM_DATABASE name it and run tandem db upgrade, then copy it"
        )


def _refuse_target(target: Engine, source: Engine) -> None:
    """Before anything is made or changed there."""
    own, other = file_of(target.url), file_of(source.url)
    if own is None and target.dialect.name == "sqlite":
        raise TandemError(f"{place_of(target)}: is no file, so nothing can be kept in it")
    if target.url == source.url or (own and other and own.exists() and own.samefile(other)):
        raise TandemError(f"{place_of(target)}: is the store that is to be copied; name another database")
    if own and not own.exists():
        return
    revision = database.revision_of(target)
    with target.connect() as connection:
        if revision is None and connection.dialect.get_table_names(connection):
            raise TandemError(
                f"{place_of(target)}: holds tables of another program; name an empty database, or if they shall live together, "
                "let TANDEM_DATABASE name it and run tandem db upgrade first"
            )
        _refuse_rows(connection, target)


def _refuse_rows(connection: Connection, target: Engine) -> None:
    present = set(connection.dialect.get_table_names(connection))
    for table in _TABLES:
        if (
            table.name in present
            and connection.execute(select(exists(select(1).select_from(table)))).scalar_one()
        ):
            raise TandemError(
                f"{place_of(target)}: is not empty ({table.name} has rows); name an empty database. Nothing was copied"
            )


def _lock(goal: Connection) -> None:
    """Let nobody write before the copy is done; readers see empty tables until then."""
    if goal.dialect.name == "sqlite":
        goal.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        goal.exec_driver_sql(f"LOCK TABLE {_NAMES}, {leases.name} IN EXCLUSIVE MODE")


@dataclass(slots=True, kw_only=True)
class Tally:
    """How many rows of each table went by, and a sum over what is in them, which does not depend on their order: databases sort texts differently."""

    counts: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)

    def seen(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        """The row as it was given, counted."""
        self.counts[table] += 1
        self.sums[table] += hash(tuple(map(_as_kept, row.values())))
        return row


def _as_kept(value: Any) -> Any:  # noqa: ANN401  # a column of any type
    """A value as any database gives it back. What is no number is not even equal to itself."""
    if isinstance(value, str):
        return storable(value)
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def _taken(goal: Connection, arrived: Tally) -> list[str]:
    """Count what the target holds; the first few records in it whose digests are not theirs."""
    changed: list[str] = []
    for table in _TABLES:
        with goal.execute(select(table), execution_options={"yield_per": BATCH}) as rows:
            for row in rows:
                arrived.seen(table.name, row._asdict())
                if table in _OF_RECORDS and len(changed) < _TOLD:
                    changed += row_problem(table, row)
    return changed


@contextmanager
def _readable(source: Engine) -> Iterator[None]:
    """A row that is no row of its table is the source's trouble."""
    try:
        yield
    except (ValueError, TypeError, DBAPIError) as error:
        words = " ".join(str(getattr(error, "orig", error)).split())[:300]
        raise TandemError(
            f"{place_of(source)}: has a row that cannot be copied ({words}); tandem db verify tells more. Nothing was copied"
        ) from error


def _refuse_changed(changed: list[str], source: Engine) -> None:
    if changed:
        raise TandemError(
            f"{place_of(source)}: {'; '.join(changed)}; nothing was copied. Another program changed it: tandem db verify tells where, "
            "tandem pull --full reads it again, then copy it"
        )


def _compare(sent: Tally, arrived: Tally, target: Engine) -> None:
    for name in sorted(sent.counts | arrived.counts):
        if (sent.counts[name], sent.sums[name]) != (arrived.counts[name], arrived.sums[name]):
            raise StoreError(
                f"{place_of(target)}: {name} holds {arrived.counts[name]} rows, not the {sent.counts[name]} that were sent, or not as they were; "
                "nothing was kept. Triggers or rules in the database?"
            )
