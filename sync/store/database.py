"""Opening the store: the engine, its pragmas, and the migrations that bring a database up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from connectors.errors import ConfigError, TandemError
from sync.store.tables import metadata

_MIGRATIONS = Path(__file__).parent / "migrations"


class StoreError(TandemError):
    """The store cannot be used: look at its path, its permissions and the space on its disk."""


def opened(url: str) -> Engine:
    """The engine for a database URL; SQLite in WAL mode with foreign keys and a busy timeout of 30 s. Makes no table.

    Raises ConfigError for a URL that names no known database.
    """
    try:
        parsed = make_url(url)
        engine = create_engine(parsed)
    except (ArgumentError, ImportError) as error:
        raise ConfigError(f"TANDEM_DATABASE: {error}. Allowed: sqlite:///FILE.") from error
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "handle_error", _translate)
    return engine


def _translate(context: ExceptionContext) -> None:
    """A full disk, a lost permission or a damaged file is a StoreError wherever it shows; a mistake in a statement stays what it is."""
    if isinstance(context.sqlalchemy_exception, OperationalError) or (
        isinstance(context.sqlalchemy_exception, DatabaseError)
        and type(context.sqlalchemy_exception) is DatabaseError
    ):
        where = context.engine.url.render_as_string(hide_password=True) if context.engine else "the store"
        raise StoreError(
            f"{where}: {context.original_exception}; look at the path of TANDEM_DATABASE, its permissions and the space on its disk"
        ) from context.original_exception


def _prepare_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401  # the driver's own connection
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision; a new one is made whole. Does nothing to one that is up to date.

    Raises StoreError if the database cannot be opened or written.
    """
    if revision_of(engine) != newest_revision():
        command.upgrade(_config(engine), "head")


def revision_of(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """The newest revision that this Tandem knows."""
    return ScriptDirectory(str(_MIGRATIONS)).get_current_head()


def differences(engine: Engine) -> list[Any]:
    """What the tables in the database lack against the tables in the code; empty when they agree."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))
