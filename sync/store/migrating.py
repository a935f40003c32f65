"""Migrating: Alembic brings a database to a revision, and tells where its tables are not those of the code."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from sync.store.record_indexes import indexed


def migrate(engine: Engine, scripts: Path, *, to: str = "head") -> None:
    """Bring the database to the revision ``to`` by the migrations in ``scripts``, in one transaction. Raises StoreError where it cannot be written."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["engine"] = engine
    command.upgrade(config, to)


def differences(engine: Engine) -> list[Any]:
    """What the tables in the database lack against the tables in the code; empty when they agree. Indexes of expressions are not compared where that cannot be done."""
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*expression-based index")
        return list(compare_metadata(MigrationContext.configure(connection), indexed()))
