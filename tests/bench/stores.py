"""Stores: an empty one on either database, which rows of it were written, and whether it holds what the site holds."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select, text

from sync.store import database
from sync.store.tables import TABLE_BY_KIND, metadata
from tests.postgres import Server

DURABLE = (
    *("fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=128MB"),
    *("autovacuum=on", "autovacuum_naptime=5s"),  # it tells the planner how large tables have become
)
"""Options of a PostgreSQL that has every commit on the disk, as SQLite has."""


@contextmanager
def empty_store(kind: str) -> Iterator[str]:
    """TANDEM_DATABASE of a new store: ``sqlite`` or ``postgresql``."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'tandem.db'}"
        return
    server = Server(*DURABLE)
    try:
        with server.database() as url:
            yield url
    finally:
        server.stop()


def counts_of(url: str) -> dict[str, int]:
    """Rows by table, empty tables left out."""
    with _connected(url) as connection:
        found = {
            t.name: _number(connection, f"SELECT count(*) FROM {t.name}") for t in metadata.sorted_tables
        }
    return {name: count for name, count in found.items() if count}


def worklogs_of_issues(url: str, *, above: int) -> tuple[int, ...]:
    """How many worklogs each issue has that has more than ``above``."""
    worklogs = TABLE_BY_KIND["worklog"]
    count = func.count()
    wanted = select(count).group_by(worklogs.c.issue_id).having(count > above)
    with _connected(url) as connection:
        return tuple(connection.execute(wanted.where(worklogs.c.gone_at.is_(None))).scalars())


@contextmanager
def watching_writes(url: str) -> Iterator[dict[str, int]]:
    """A dictionary that holds, once the block has ended, how many rows of each table were inserted, updated or deleted in it, also those that say what they said before."""
    written: dict[str, int] = {}
    with _connected(url) as connection:
        watch = _Triggers if connection.dialect.name == "sqlite" else _Versions
        watcher = watch(connection)
    yield written
    with _connected(url) as connection:
        written |= {name: count for name, count in watcher.ended(connection).items() if count}


class _Triggers:
    """Triggers that count, on SQLite."""

    def __init__(self, connection: Connection) -> None:
        connection.execute(text("CREATE TABLE bench_written (name TEXT)"))
        for table in metadata.sorted_tables:
            for event in ("INSERT", "UPDATE", "DELETE"):
                connection.execute(
                    text(
                        f"CREATE TRIGGER bench_{event}_{table.name} AFTER {event} ON {table.name} BEGIN INSERT INTO bench_written VALUES ('{table.name}'); END"
                    )
                )

    def ended(self, connection: Connection) -> dict[str, int]:
        """The counts; the triggers are gone afterwards."""
        rows = connection.execute(text("SELECT name, count(*) FROM bench_written GROUP BY name")).all()
        for table in metadata.sorted_tables:
            for event in ("INSERT", "UPDATE", "DELETE"):
                connection.execute(text(f"DROP TRIGGER bench_{event}_{table.name}"))
        connection.execute(text("DROP TABLE bench_written"))
        return {str(name): int(count) for name, count in rows}


class _Versions:
    """The transactions that made the rows' versions, on PostgreSQL; a row that was deleted is missing from the former count."""

    def __init__(self, connection: Connection) -> None:
        self._before = {
            table.name: _number(connection, f"SELECT count(*) FROM {table.name}")
            for table in metadata.sorted_tables
        }
        self._from = _number(connection, "SELECT txid_current()")

    def ended(self, connection: Connection) -> dict[str, int]:
        """The counts."""
        return {name: self._written(connection, name, before) for name, before in self._before.items()}

    def _written(self, connection: Connection, name: str, before: int) -> int:
        new = f"SELECT count(*) FROM {name} WHERE xmin::text::bigint > {self._from}"
        now = _number(connection, f"SELECT count(*) FROM {name}")
        return _number(connection, new) + max(0, before - now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How many records of a kind the store lacks, holds although they are gone, or holds in a former state."""

    kind: str
    missing: int
    surplus: int
    stale: int


def gaps(url: str, truth: Callable[[str], Mapping[str, str]]) -> tuple[Gap, ...]:
    """What the store does not hold as it is; nothing where it is complete and exact."""
    engine = database.opened(url)
    try:
        found = (_gap(engine, kind, truth(kind)) for kind in _STATES)
        return tuple(gap for gap in found if gap.missing or gap.surplus or gap.stale)
    finally:
        engine.dispose()


def _gap(engine: Engine, kind: str, truth: Mapping[str, str]) -> Gap:
    held = _held(engine, kind)
    return Gap(
        kind=kind,
        missing=len(truth.keys() - held.keys()),
        surplus=len(held.keys() - truth.keys()),
        stale=sum(1 for id_, state in held.items() if id_ in truth and truth[id_] != state),
    )


def _ms(at: datetime) -> str:
    return str(round(at.astimezone(UTC).timestamp() * 1000))


_STATES: Mapping[str, Callable[[Any], str]] = {
    "issue": lambda row: f"{row.key} {_ms(row.updated_at)}",
    "field_change": lambda _: "",
    "worklog": lambda row: _ms(row.updated_at),
    "version": lambda _: "",
    "sprint": lambda _: "",
    "commit": lambda _: "",
    "branch": lambda row: str(row.sha),
    "merge_request": lambda row: _ms(row.updated_at),
    "pipeline": lambda row: _ms(row.updated_at),
    "deployment": lambda row: _ms(row.updated_at),
    "gitlab_issue": lambda row: _ms(row.updated_at),
}
"""By kind of record, what tells the state of a row."""
_COLUMNS = ("id", "key", "sha", "updated_at")


def _held(engine: Engine, kind: str) -> dict[str, str]:
    table: Table = TABLE_BY_KIND[kind]
    wanted = select(*(table.c[name] for name in _COLUMNS if name in table.c)).where(table.c.gone_at.is_(None))
    if "is_reachable" in table.c:
        wanted = wanted.where(table.c.is_reachable.is_(True))
    with engine.connect() as connection:
        rows = connection.execution_options(yield_per=10_000).execute(wanted)
        return {row.id: _STATES[kind](row) for row in rows}


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = database.opened(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _number(connection: Connection, statement: str) -> int:
    return int(connection.execute(text(statement)).scalar_one())
