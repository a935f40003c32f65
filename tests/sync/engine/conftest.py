"""A migrated store and a pull over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_fakes import NOW
from sqlalchemy import Engine

from sync.engine.pull import Pull
from sync.store import database


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = database.opened(f"sqlite:///{tmp_path / 'tandem.db'}")
    database.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def job(engine: Engine) -> Pull:
    return Pull(engine=engine, run_id="r1", now=NOW)
