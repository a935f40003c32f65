"""Stores for tests: a new, migrated one, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sync.store import database


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a new, migrated SQLite file; migrating anew takes a third of a second."""
    path = tmp_path_factory.mktemp("migrated") / "tandem.db"
    engine = database.opened(f"sqlite:///{path}")
    database.upgrade(engine)
    engine.dispose()
    return path.read_bytes()


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: bytes) -> str:
    """TANDEM_DATABASE of a new, migrated SQLite file."""
    path = tmp_path / "tandem.db"
    path.write_bytes(migrated_file)
    return f"sqlite:///{path}"


@pytest.fixture
def file_engine(sqlite_url: str) -> Iterator[Engine]:
    """A new, migrated store in a file, for what only SQLite does."""
    engine = database.opened(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def server_engine(postgres_url: str) -> Iterator[Engine]:
    """A new, migrated store on a server, for what only PostgreSQL does."""
    engine = database.opened(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """TANDEM_DATABASE of a new, migrated store, on each kind of database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """A new, migrated store, on each kind of database."""
    engine = database.opened(store_url)
    yield engine
    engine.dispose()
