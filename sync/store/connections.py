"""What every new connection to the store is given: SQLite's pragmas and a watch over its file, PostgreSQL's time zone and patience."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from sync.store.errors import StoreError
from sync.store.failures import place_of, secrets_of

POSTGRES_OPTIONS = {
    "connect_timeout": 10,
    "application_name": "tandem",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""libpq's parameters where the URL names no others: a server that vanished without a word is noticed within a minute."""


CONNECTION_AGE_S = 3600
"""How old a connection to PostgreSQL may become: it keeps temporary tables, and old ones would keep the server from tidying up behind every transaction since."""

COPY = "COPY "
"""How a statement begins that takes its rows by PostgreSQL's COPY, as ``Connection.exec_driver_sql`` is given them."""

COPY_FROM = 2
"""The fewest rows for it: SQLAlchemy calls one row no series."""


def database_secrets(url: str) -> tuple[str, ...]:
    """The passwords in a database URL, for masking; none in one that cannot be read, which is refused later."""
    try:
        return secrets_of(make_url(url))
    except (ArgumentError, ValueError):
        return ()


def file_of(url: URL) -> Path | None:
    """The file of a SQLite URL; None for a database in memory and for other kinds."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path((url.database or "").removeprefix("file:"))


_SQLITE_PRAGMAS = (
    "foreign_keys=ON",
    "synchronous=FULL",
    "cache_size=-16384",  # KiB; in less, a page that many rows change is written again and again before it is done
    "wal_autocheckpoint=4096",  # pages, 16 MiB: one that many commits change goes into the database file once
)


def prepare_sqlite(engine: Engine, *, lock_timeout_s: float) -> None:
    """Write-ahead log, foreign keys, a wait of ``lock_timeout_s`` for other processes, and every commit on the disk before it counts.

    ``synchronous=FULL``: without it a power cut can take back the last commits, and with them the note that a write to Jira was begun.
    """
    file = file_of(engine.url)
    is_read_only = engine.url.query.get("mode") == "ro"

    def on_connect(connection: Any, record: ConnectionPoolEntry) -> None:  # noqa: ANN401  # the driver's own connection
        for pragma in (f"busy_timeout={int(lock_timeout_s * 1000)}", *_SQLITE_PRAGMAS):
            connection.execute(f"PRAGMA {pragma}")
        if not is_read_only:
            (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            if file and mode != "wal":
                raise StoreError(
                    f"{place_of(engine)}: its filesystem has no shared memory (a network share?), which SQLite's write-ahead log needs; "
                    "put it on a local disk, or use PostgreSQL"
                )
        record.info["file"] = _identity(file)

    def on_checkout(_: object, record: ConnectionPoolEntry, __: object) -> None:
        if _identity(file) != record.info["file"]:
            raise StoreError(
                f"{place_of(engine)}: the file was removed or replaced while it was in use; what this run stored since is lost with it, "
                "and the next run reads it again"
            )

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "checkout", on_checkout)


def _identity(file: Path | None) -> tuple[int, int] | None:
    """What tells a file from another one that came into its place."""
    if file is None:
        return None
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def prepare_postgres(engine: Engine, *, lock_timeout_s: float) -> None:
    """Times in UTC and ISO whatever the server's or the user's settings say, and a wait of ``lock_timeout_s`` for locks."""

    def on_connect(connection: Any, _: object) -> None:  # noqa: ANN401  # the driver's own connection
        connection.autocommit = True
        # statements, not startup options, which a pooler in between may refuse
        connection.execute(
            f"SET TIME ZONE 'UTC'; SET DateStyle = 'ISO'; SET lock_timeout = {int(lock_timeout_s * 1000)}"
        )
        connection.autocommit = False

    def on_many(cursor: Any, statement: str, rows: Sequence[tuple[Any, ...]], _: object) -> bool:  # noqa: ANN401
        if statement.startswith(COPY):
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            return True
        return False

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "do_executemany", on_many)
