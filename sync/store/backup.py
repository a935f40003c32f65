"""Backup: the whole store of one instant as one SQLite file, whatever database it is in, while others work on it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from connectors.errors import TandemError
from sync.store import database
from sync.store.connections import file_of
from sync.store.copy import copied
from sync.store.errors import StoreError
from sync.store.failures import place_of
from sync.store.tables import leases, metadata

Counts = Mapping[str, int]
"""Rows by table, leases left out."""


def backed_up(engine: Engine, file: Path, *, is_forced: bool = False) -> Counts:
    """Write the store as it is at one instant to ``file``, readable by this account alone; returns its rows by table.

    The file is made under another name beside it and renamed once it is whole and on the disk, so a backup that is there is complete.
    Raises TandemError if ``file`` exists and ``is_forced`` is not set, or is the store itself; StoreError if it cannot be made.
    """
    own = file_of(engine.url)
    if own and own.exists() and file.exists() and file.samefile(own):
        raise TandemError(f"{file}: is the store itself; name another file")
    if file.exists() and not is_forced:
        raise TandemError(f"{file}: exists already; name another file, or replace it with --force")
    if database.revision_of(engine) != database.newest_revision():
        raise StoreError(
            f"{place_of(engine)}: is not at this version's tables: tandem db upgrade, then again"
        )
    with _beside(file) as part:
        _fill(engine, part)
        counts = counts_in(part)
        _to_disk(part)
        part.replace(file)
        _to_disk(file.parent)
    return counts


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A new, empty file in the folder of ``file``; gone at the end unless it was renamed."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield part
    except (OSError, StoreError, sqlite3.Error) as error:
        raise StoreError(f"{file}: the backup could not be made ({error})") from error
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + ending).unlink(missing_ok=True)


def _fill(engine: Engine, part: Path) -> None:
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(part),))
    else:
        target = database.opened(f"sqlite:///{part}")
        try:
            database.upgrade(target)
            copied(engine, target)
        finally:
            target.dispose()
    with closing(sqlite3.connect(part, isolation_level=None)) as plain:
        plain.execute("PRAGMA journal_mode=DELETE")  # one file, that a read-only folder can hold too
        plain.execute("DELETE FROM leases")  # nobody holds a copy


def counts_in(file: Path) -> Counts:
    """Rows by table of a backup at this version's tables. Raises ``sqlite3.Error``."""
    names = (table.name for table in metadata.sorted_tables if table is not leases)
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as plain:
        return {name: plain.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608  # our own names


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
