"""A database with the queue's tables."""

from __future__ import annotations

from collections.abc import Iterator

import postgres
import pytest
from sqlalchemy import Engine

from sync.queue import schema
from sync.store import database


@pytest.fixture
def empty() -> Iterator[Engine]:
    """A migrated database, in which no worker has been."""
    if not postgres.is_installed():
        pytest.skip(f"the wheel {postgres.WHEEL} is not installed, so there is no PostgreSQL to test on")
    with postgres.server().database() as url:
        engine = database.opened(url)
        database.upgrade(engine)
        yield engine
        engine.dispose()


@pytest.fixture
def engine(empty: Engine) -> Engine:
    schema.prepare(empty)
    return empty
