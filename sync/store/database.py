"""Opening the store: the engine for a URL, and the revision that its tables are at."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, Engine, column, create_engine, event, select, table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from connectors.errors import ConfigError
from sync.store import making
from sync.store.connections import CONNECTION_AGE_S, POSTGRES_OPTIONS, prepare_postgres, prepare_sqlite
from sync.store.errors import StoreError
from sync.store.failures import place_of, translate

MIGRATIONS = Path(__file__).parent / "migrations"
"""The folder of the migrations, as Alembic wants it."""

_VERSION = table("alembic_version", column("version_num"))  # Alembic's own table, of one row
_ALLOWED = "Allowed: sqlite:///FILE, postgresql://USER:PASSWORD@HOST/NAME"


def opened(url: str, *, lock_timeout_s: float = 30.0, named: str = "TANDEM_DATABASE") -> Engine:
    """The engine for a database URL, which waits ``lock_timeout_s`` for other processes' locks. Makes no table and contacts nothing yet.

    ``named`` is where people wrote the URL.

    Raises ConfigError for a URL that names no known database.
    """
    parsed = url_of(url, named=named)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    wanted = {} if is_sqlite else {k: v for k, v in POSTGRES_OPTIONS.items() if k not in parsed.query}
    recycle_s = -1 if is_sqlite else CONNECTION_AGE_S
    try:
        engine = create_engine(
            parsed, pool_pre_ping=not is_sqlite, pool_recycle=recycle_s, connect_args=wanted
        )
    except (ArgumentError, ImportError) as error:
        raise ConfigError(f"{named}: {error}. {_ALLOWED}") from error
    (prepare_sqlite if is_sqlite else prepare_postgres)(engine, lock_timeout_s=lock_timeout_s)
    event.listen(engine, "handle_error", translate)
    return engine


def url_of(url: str, *, named: str = "TANDEM_DATABASE") -> URL:
    """The URL in parts, its driver the one that Tandem brings. Raises ConfigError, which never repeats the URL: a password may be in it."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend != "sqlite" and "@" in (parsed.database or ""):
            raise ValueError  # an unescaped / in the password split it in the wrong place
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            f"{named} cannot be read as a URL; write special characters of the password as %XX. {_ALLOWED}"
        ) from error
    if backend not in {"sqlite", "postgresql", "postgres"}:
        raise ConfigError(f'{named}: "{backend}" is no database that Tandem knows. {_ALLOWED}')
    return parsed if backend == "sqlite" else parsed.set(drivername="postgresql+psycopg")


def upgrade(engine: Engine, *, to: str = "head") -> None:
    """Bring the database to the newest revision, or to an older one from below; a new one is made whole. Does nothing to one that is up to date.

    Raises StoreError if the database cannot be opened or written, or is newer than this Tandem.
    """
    revision, newest = revision_of(engine), newest_revision()
    if revision == newest:
        return
    if revision is None and to == "head" and making.make(engine, revision=newest):
        return
    if revision is not None and revision not in revisions():
        raise StoreError(
            f"{place_of(engine)}: its revision {revision} is unknown here, so a newer Tandem made it; use that version, or restore an older backup"
        )
    from sync.store.migrating import migrate  # noqa: PLC0415  # Alembic, which only a store that is behind needs

    migrate(engine, MIGRATIONS, to=to)


def revision_of(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        if not connection.dialect.has_table(connection, _VERSION.name):
            return None
        revision: str | None = connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()
        return revision


def newest_revision() -> str:
    """The newest revision that this Tandem knows."""
    return max(revisions())


def revisions() -> frozenset[str]:
    """All revisions that this Tandem knows. The file of each begins with its number, and they follow each other in that order."""
    return frozenset(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
