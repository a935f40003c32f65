"""Opening the store: the engine for a URL, and the migrations that bring a database up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from connectors.errors import ConfigError
from sync.store.connections import POSTGRES_OPTIONS, prepare_postgres, prepare_sqlite
from sync.store.failures import StoreError, place_of, translate
from sync.store.tables import metadata

__all__ = ["StoreError"]

_MIGRATIONS = Path(__file__).parent / "migrations"
_ALLOWED = "Allowed: sqlite:///FILE, postgresql://USER:PASSWORD@HOST/NAME"


def opened(url: str, *, lock_timeout_s: float = 30.0) -> Engine:
    """The engine for a database URL, which waits ``lock_timeout_s`` for other processes' locks. Makes no table and contacts nothing yet.

    Raises ConfigError for a URL that names no known database.
    """
    parsed = url_of(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    wanted = {} if is_sqlite else {k: v for k, v in POSTGRES_OPTIONS.items() if k not in parsed.query}
    try:
        engine = create_engine(parsed, pool_pre_ping=not is_sqlite, connect_args=wanted)
    except (ArgumentError, ImportError) as error:
        raise ConfigError(f"TANDEM_DATABASE: {error}. {_ALLOWED}") from error
    (prepare_sqlite if is_sqlite else prepare_postgres)(engine, lock_timeout_s=lock_timeout_s)
    event.listen(engine, "handle_error", translate)
    return engine


def url_of(url: str) -> URL:
    """The URL in parts, its driver the one that Tandem brings. Raises ConfigError, which never repeats the URL: a password may be in it."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend != "sqlite" and "@" in (parsed.database or ""):
            raise ValueError  # an unescaped / in the password split it in the wrong place
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            f"TANDEM_DATABASE cannot be read as a URL; write special characters of the password as %XX. {_ALLOWED}"
        ) from error
    if backend not in {"sqlite", "postgresql", "postgres"}:
        raise ConfigError(f'TANDEM_DATABASE: "{backend}" is no database that Tandem knows. {_ALLOWED}')
    return parsed if backend == "sqlite" else parsed.set(drivername="postgresql+psycopg")


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, *, to: str = "head") -> None:
    """Bring the database to the newest revision, or to an older one from below; a new one is made whole. Does nothing to one that is up to date.

    Raises StoreError if the database cannot be opened or written, or is newer than this Tandem.
    """
    revision = revision_of(engine)
    if revision == newest_revision():
        return
    if not is_known(revision):
        raise StoreError(
            f"{place_of(engine)}: its revision {revision} is unknown here, so a newer Tandem made it; use that version, or restore an older backup"
        )
    command.upgrade(_config(engine), to)


def revision_of(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """The newest revision that this Tandem knows."""
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head()


def is_known(revision: str | None) -> bool:
    """True for a revision that this Tandem can upgrade from; None, an empty database, is one."""
    steps = ScriptDirectory(str(_MIGRATIONS)).walk_revisions()
    return revision is None or revision in {step.revision for step in steps}


def differences(engine: Engine) -> list[Any]:
    """What the tables in the database lack against the tables in the code; empty when they agree."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))
