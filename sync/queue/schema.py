"""Schema: where everything of the queue stands, made by the first worker that needs it. It holds nothing that is missed, so it is never migrated but made anew."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, Engine, text

from connectors.errors import ConfigError
from sync.store import lease, ticks
from sync.store.queue_tables import SCHEMA, metadata

_LOCK = 0x74616E64  # any number that nobody else locks by
_PARTS = "parts 2"
"""Changes with what the content of parts means: a worker cannot take up what one of another version has left."""
_PATH = text("SELECT set_config('search_path', :schema || ',' || current_setting('search_path'), true)")


def require_postgres(engine: Engine) -> None:
    """Raises ConfigError where the store is no PostgreSQL, or the extra is not installed."""
    if engine.dialect.name != "postgresql":
        raise ConfigError(
            "workers that share their work need PostgreSQL: set TANDEM_DATABASE=postgresql://USER:PASSWORD@HOST/NAME; "
            "tandem db copy takes over what a SQLite store holds. One machine alone needs no queue: tandem worker"
        )
    try:
        import procrastinate  # noqa: F401, PLC0415  # it may be missing
    except ImportError as error:
        raise ConfigError(
            'workers that share their work need the extra "scale": pip install "tandem-sync[scale]"'
        ) from error


def prepare(engine: Engine) -> None:
    """Make the schema where there is none. Raises ConfigError where another version of the queue made it."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        made_by = _made_by(connection)
        if made_by is None:
            _make(connection)
        elif made_by != _version():
            raise ConfigError(
                f'the schema "{SCHEMA}" was made by another version of the queue: end all workers, then: tandem queue init'
            )


def make_anew(engine: Engine) -> None:
    """Drop the schema with all that is in it, and make it again. What was under way is read again by the next tick."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
        _make(connection)
        lease.give_up_of(connection, ticks.HOLDER)


def use(connection: Connection) -> None:
    """Until the transaction ends, names without a schema are looked for among the queue's first."""
    connection.execute(_PATH, {"schema": SCHEMA})


def _made_by(connection: Connection) -> str | None:
    """What made the schema; None where there is none."""
    query = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :schema"
    found: str | None = connection.execute(text(query), {"schema": SCHEMA}).scalar_one_or_none()
    return found


def _make(connection: Connection) -> None:
    connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    use(connection)
    connection.exec_driver_sql(_engine_tables().replace("%", "%%"))
    metadata.create_all(connection)
    connection.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '{_version()}'"))


def _engine_tables() -> str:
    from procrastinate.schema import SchemaManager  # noqa: PLC0415  # an extra

    return str(SchemaManager.get_schema())


def _version() -> str:
    """What the schema is made of, and what its rows say: another text, another version."""
    columns = (f"{column} {column.type}" for table in metadata.sorted_tables for column in table.columns)
    return hashlib.sha256("\n".join((_engine_tables(), *columns, _PARTS)).encode()).hexdigest()
