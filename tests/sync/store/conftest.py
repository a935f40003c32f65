"""Stores for tests: a new SQLite file, migrated."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sync.store import database


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = database.opened(f"sqlite:///{tmp_path / 'tandem.db'}")
    database.upgrade(engine)
    yield engine
    engine.dispose()
