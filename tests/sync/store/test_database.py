"""The store opens, migrates, and its migrations say the same as its tables."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from connectors.errors import ConfigError
from sync.store import database


def test_migrations_lead_to_the_tables_of_the_code(engine: Engine) -> None:
    assert database.differences(engine) == []


def test_a_table_that_the_migrations_lack_is_seen(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE audit"))
    assert "audit" in str(database.differences(engine))


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    before = database.revision_of(engine)
    database.upgrade(engine)
    assert database.revision_of(engine) == before == database.newest_revision()


def test_a_file_database_is_in_wal_mode(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_an_unknown_kind_of_database_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="TANDEM_DATABASE"):
        database.opened("paradox:///x")


def test_a_folder_that_does_not_exist_is_a_store_error_that_names_the_database(tmp_path: Path) -> None:
    engine = database.opened(f"sqlite:///{tmp_path / 'missing' / 'x.db'}")
    with pytest.raises(database.StoreError, match="missing"):
        database.upgrade(engine)


def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_text("this is not a database, and long enough for SQLite to look at its header " * 20)
    with pytest.raises(database.StoreError, match="not a database"):
        database.upgrade(database.opened(f"sqlite:///{path}"))


def test_the_database_is_readable_by_the_plain_driver(engine: Engine) -> None:
    with sqlite3.connect(engine.url.database or "") as connection:
        assert connection.execute("SELECT count(*) FROM issue_records").fetchone() == (0,)
    connection.close()


def test_an_upgrade_that_is_cut_off_never_happened(tmp_path: Path) -> None:
    """The process is killed at the moment in which it would commit."""
    path = tmp_path / "tandem.db"
    script = (
        "import os, signal, sqlalchemy as sa\n"
        "from sync.store import database\n"
        f"engine = database.opened('sqlite:///{path}')\n"
        "sa.event.listen(engine, 'commit', lambda _: os.kill(os.getpid(), signal.SIGKILL))\n"
        "database.upgrade(engine)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    engine = database.opened(f"sqlite:///{path}")
    assert inspect(engine).get_table_names() == []
    database.upgrade(engine)
    assert database.differences(engine) == []
    engine.dispose()


def test_two_upgrades_at_once_make_one_store(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tandem.db'}"
    script = f"from sync.store import database; database.upgrade(database.opened('{url}'))"
    both = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(2)]
    assert [p.wait(timeout=60) for p in both] == [0, 0]
