"""The store opens, migrates, and its migrations say the same as its tables."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import postgres
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex

from connectors.errors import ConfigError
from sync.store import database, migrating
from sync.store.tables import metadata


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """TANDEM_DATABASE of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tandem.db'}"
        return
    request.getfixturevalue("postgres_url")  # skips where there is no server
    with postgres.server().database() as url:
        yield url


@pytest.fixture(params=["new", "old"])
def url_before(request: pytest.FixtureRequest, empty_url: str) -> str:
    """TANDEM_DATABASE of what is to be upgraded: a database without any table, and a store of the first version."""
    if request.param == "old":
        engine = database.opened(empty_url)
        migrating.migrate(engine, database.MIGRATIONS, to="0001")
        engine.dispose()
    return empty_url


def test_upgrades_lead_to_the_tables_of_the_code(url_before: str) -> None:
    engine = database.opened(url_before)
    database.upgrade(engine)
    assert migrating.differences(engine) == []
    engine.dispose()


def test_a_new_store_is_what_all_migrations_lead_to(empty_url: str) -> None:
    engine = database.opened(empty_url)
    database.upgrade(engine)
    made = told(engine)
    with engine.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    migrating.migrate(engine, database.MIGRATIONS)
    assert told(engine) == made
    assert len(made) > 30
    engine.dispose()


def told(engine: Engine) -> dict[str, object]:
    """All that the database tells of its tables, the order of their columns aside."""
    look = inspect(engine)
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"], c["default"]) for c in look.get_columns(name)),
            look.get_pk_constraint(name),
            sorted(look.get_unique_constraints(name), key=str),
            sorted(map(_index, look.get_indexes(name))),
            sorted(look.get_foreign_keys(name), key=str),
            sorted(look.get_check_constraints(name), key=str),
        )
        for name in look.get_table_names()
    }


def _index(index: ReflectedIndex) -> str:
    """All that is told of an index; the condition of one of some rows is an object of its own each time."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def test_a_migration_is_found_by_its_file_as_alembic_finds_it_by_its_content() -> None:
    steps = list(ScriptDirectory(str(database.MIGRATIONS)).walk_revisions())
    files = sorted(Path(step.path).name.partition("_")[0] for step in steps)
    assert files == sorted(step.revision for step in steps)
    assert database.newest_revision() == steps[0].revision


def test_a_table_that_the_migrations_lack_is_seen(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE audit"))
    assert "audit" in str(migrating.differences(engine))


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    before = database.revision_of(engine)
    database.upgrade(engine)
    assert database.revision_of(engine) == before == database.newest_revision()


def test_a_file_database_is_in_wal_mode(file_engine: Engine) -> None:
    with file_engine.connect() as connection:
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


def test_the_database_is_readable_by_the_plain_driver(file_engine: Engine) -> None:
    with sqlite3.connect(file_engine.url.database or "") as connection:
        assert connection.execute("SELECT count(*) FROM issue_records").fetchone() == (0,)
    connection.close()


def test_an_upgrade_that_is_cut_off_never_happened(url_before: str) -> None:
    """The process is killed at the moment in which it would commit."""
    engine = database.opened(url_before)
    before = told(engine)
    engine.dispose()
    script = (
        "import os, signal, sys, sqlalchemy as sa\n"
        "from sync.store import database\n"
        "engine = database.opened(sys.argv[1])\n"
        "sa.event.listen(engine, 'commit', lambda _: os.kill(os.getpid(), signal.SIGKILL))\n"
        "database.upgrade(engine)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, url_before], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert told(engine) == before
    database.upgrade(engine)
    assert migrating.differences(engine) == []
    engine.dispose()


def test_two_upgrades_at_once_make_one_store(url_before: str) -> None:
    script = "import sys; from sync.store import database; database.upgrade(database.opened(sys.argv[1]))"
    both = [subprocess.Popen([sys.executable, "-c", script, url_before]) for _ in range(2)]
    assert [p.wait(timeout=60) for p in both] == [0, 0]
    engine = database.opened(url_before)
    assert migrating.differences(engine) == []
    engine.dispose()


def test_a_store_of_a_newer_version_is_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        database.StoreError, match=r"revision 9999 is unknown here, so a newer Tandem made it"
    ):
        database.upgrade(engine)
    assert database.revision_of(engine) == "9999"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_spelling_of_postgresql_uses_the_driver_that_is_here(scheme: str) -> None:
    assert database.opened(f"{scheme}://u:p@127.0.0.1/x").dialect.driver == "psycopg"


@pytest.mark.parametrize("url", ["postgresql://u:geheim@h:po/rt/x", "postgresql://ge/heim@h/x", "geheim", ""])
def test_a_url_that_cannot_be_read_is_a_configuration_error_without_the_password(url: str) -> None:
    with pytest.raises(ConfigError, match="TANDEM_DATABASE") as caught:
        database.opened(url)
    assert "heim" not in str(caught.value)
