"""Restore: a backup becomes the store, wholly or not at all, while nobody is at work on it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy import Connection, Engine, delete, func, select, text, update

from connectors.errors import TandemError
from sync.store import database, lease
from sync.store.backup import Counts, counts_in
from sync.store.connections import file_of
from sync.store.copy import rows_copied, snapshot
from sync.store.errors import LeaseHeldError, StoreError
from sync.store.failures import place_of
from sync.store.migrating import differences
from sync.store.tables import leases, metadata


class Restored(Struct, frozen=True, kw_only=True):
    """What a restore did: the rows ``before`` (None where the store could not be read) and ``after``, and where an unreadable file was put aside."""

    before: Counts | None
    after: Counts
    aside: Path | None = None


@contextmanager
def prepared(file: Path, *, near: Path | None = None) -> Iterator[Path]:
    """A private copy of a backup, found whole and brought to this version's tables; in a new folder in ``near``, gone at the end.

    Raises TandemError if ``file`` is no backup that this version can read; the file itself is only read.
    """
    with tempfile.TemporaryDirectory(prefix=".tandem-restore-", dir=near) as folder:
        copy = Path(folder) / "copy.db"
        try:
            shutil.copyfile(file, copy)
            _check(copy)
        except (OSError, StoreError, sqlite3.Error) as error:
            raise TandemError(f"{file}: is no backup that can be restored ({error})") from error
        yield copy


def _check(copy: Path) -> None:
    with closing(sqlite3.connect(copy, isolation_level=None)) as plain:
        found = [row[0] for row in plain.execute("PRAGMA integrity_check(1)")]
        if found != ["ok"]:
            raise StoreError(f"it is damaged: {found[0]}")
    engine = database.opened(f"sqlite:///{copy}")
    try:
        if database.revision_of(engine) is None:
            raise StoreError("it holds no store")
        database.upgrade(engine)
        if differences(engine):
            raise StoreError("its tables are not those of its revision")
    finally:
        engine.dispose()


def checked(file: Path) -> Counts:
    """The rows by table that restoring ``file`` would leave. Raises TandemError if it is no backup that can be restored."""
    with prepared(file) as copy:
        return counts_in(copy)


def restored(engine: Engine, file: Path, *, now: datetime, patience_s: float = 5.0) -> Restored:
    """Put the backup ``file`` in the place of all that the store holds.

    Raises TandemError if the file cannot be used, LeaseHeldError while a living process is at work on the store, StoreError if it cannot be written;
    the store is then as it was. ``patience_s`` is how long other processes' transactions are waited for.
    """
    own = file_of(engine.url)
    if own is None and engine.dialect.name == "sqlite":
        raise TandemError(f"{place_of(engine)}: is no file, so nothing can be restored into it")
    with prepared(file, near=own.parent if own else None) as copy:
        if own:
            return _into_file(own, engine, copy, now=now, patience_s=patience_s)
        return _into_server(engine, copy, now=now)


def _into_server(engine: Engine, copy: Path, *, now: datetime) -> Restored:
    """One transaction. The leases stay, each passed on, so that whoever held one before is told that it is lost."""
    database.upgrade(engine)
    source = database.opened(f"sqlite:///{copy}")
    try:
        with snapshot(source) as origin, engine.begin() as goal:
            goal.execute(text("LOCK TABLE leases IN EXCLUSIVE MODE"))
            refuse_if_held(goal, now=now)
            before = counts_of(goal)
            for table in metadata.sorted_tables:
                if table is not leases:
                    goal.execute(delete(table))
            after = rows_copied(origin, goal)
            goal.execute(
                update(leases).values(token=leases.c.token + 1, expires_at=datetime.fromtimestamp(0, UTC))
            )
    finally:
        source.dispose()
    return Restored(before=before, after=after)


def _into_file(own: Path, engine: Engine, copy: Path, *, now: datetime, patience_s: float) -> Restored:
    """SQLite's own backup, page by page in one transaction of the store's file; whoever reads it goes on, whoever held a lease has lost it."""
    try:
        with engine.connect() as connection:
            before: Counts | None = counts_of(connection)
            refuse_if_held(connection, now=now)
    except StoreError:
        before = None  # a damaged store is what backups are for
    engine.dispose()
    try:
        _overwrite(own, copy, patience_s=patience_s)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            raise StoreError(f"{place_of(engine)}: {error}; nothing was restored") from error
        return Restored(before=None, after=counts_in(copy), aside=_put_aside(own, copy, now=now))
    return Restored(before=before, after=counts_in(copy))


def _overwrite(own: Path, copy: Path, *, patience_s: float) -> None:
    def on_step(status: int, _: int, __: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:  # or the copying would wait for ever
            raise StoreError(f"{own}: another process holds the store; nothing was restored, try again later")

    with closing(sqlite3.connect(copy)) as origin, closing(sqlite3.connect(own)) as goal:
        goal.execute(f"PRAGMA busy_timeout={int(patience_s * 1000)}")
        origin.backup(goal, progress=on_step)


def _put_aside(own: Path, copy: Path, *, now: datetime) -> Path:
    """Keep a file that is no database under another name, with what belongs to it, and put the copy in its place."""
    aside = own.with_name(f"{own.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    for ending in ("", "-wal", "-shm"):
        part = own.with_name(own.name + ending)
        if part.exists():
            part.replace(aside.with_name(aside.name + ending))
    _overwrite(own, copy, patience_s=0)
    return aside


def counts_of(connection: Connection) -> Counts:
    """Rows by table of the store as it is, which may be empty."""
    present = set(connection.dialect.get_table_names(connection))
    tables = (t for t in metadata.sorted_tables if t is not leases and t.name in present)
    return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}


def refuse_if_held(connection: Connection, *, now: datetime) -> None:
    """Raise LeaseHeldError while a living process holds a lease."""
    if connection.dialect.has_table(connection, leases.name):
        for held in lease.living(connection, now=now):
            raise LeaseHeldError(
                f"process {held.holder} is at work on this store ({held.name}); stop it, then try again"
            )
