"""A whole store becomes the content of another, empty database of either kind; all of it, as it was, or nothing."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import postgres
import pytest
from record_builders import issue
from sqlalchemy import Engine, insert, select, text
from store_builders import NOW, count_of, fill, land, rows_of

from connectors.check import Level
from connectors.errors import TandemError
from sync.store import database, lease, migrating
from sync.store.errors import LeaseHeldError, StoreError
from sync.store.handover import handed_over
from sync.store.tables import TABLE_BY_KIND, audit, skips, suppressions
from sync.store.verify import verified

ISSUES = TABLE_BY_KIND["issue"]
NASTY = (
    "",
    "\\N\\.\n\t\r\\",
    "修复 🚀 \u2028",
    "a\0b",
    "lone \ud800",
    "\\u0000",
    "'; DROP TABLE x;--",
    "x" * 10_000_000,
)


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty store, beside that of ``engine``."""
    if request.param == "sqlite":
        (tmp_path / "copy.db").write_bytes(request.getfixturevalue("migrated_file"))
        made = database.opened(f"sqlite:///{tmp_path / 'copy.db'}", lock_timeout_s=0.1)
    else:
        made = database.opened(request.getfixturevalue("second_postgres_url"), lock_timeout_s=0.1)
    yield made
    made.dispose()


def is_empty(engine: Engine) -> bool:
    return not any(rows_of(engine).values())


def change(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_every_row_arrives_as_it_was_and_the_copy_is_a_store_like_any_other(
    engine: Engine, target: Engine
) -> None:
    fill(engine, count=1200)
    land(engine, *(issue(f"OPS-{n}", title=words, labels=(words[:9],)) for n, words in enumerate(NASTY)))
    done = handed_over(engine, target, now=NOW)
    assert rows_of(target) == rows_of(engine)
    assert done.rows == {name: len(rows) for name, rows in rows_of(engine).items()}
    assert done.rows["issue_records"] == 1200 + len(NASTY)
    assert [c for c in verified(target, now=NOW) if c.level is Level.FAIL] == []


def test_a_database_without_tables_is_given_them(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    new = database.opened(f"sqlite:///{tmp_path / 'new.db'}")
    handed_over(engine, new, now=NOW)
    assert rows_of(new) == rows_of(engine)
    assert migrating.differences(new) == []
    new.dispose()


def test_a_server_database_without_tables_is_given_them(file_engine: Engine) -> None:
    if not postgres.is_installed():
        pytest.skip(f"the wheel {postgres.WHEEL} is not installed, so there is no PostgreSQL to test on")
    fill(file_engine)
    with postgres.server().database() as url:
        new = database.opened(url)
        handed_over(file_engine, new, now=NOW)
        assert rows_of(new) == rows_of(file_engine)
        new.dispose()


def test_numbering_goes_on_behind_what_was_copied(engine: Engine, target: Engine) -> None:
    fill(engine)
    rows = {
        audit: {"at": NOW, "run_id": "r", "slot": "s", "target": "t", "digest": "d", "outcome": "o", "is_write": True, "is_loud": False},
        skips: {"run_id": "r", "scope": "s", "what": "w", "reason": "r"},
        suppressions: {"reason": "r", "owner": "o", "until": NOW.date(), "at": NOW},
    }  # fmt: skip
    with engine.begin() as connection:
        for table, row in rows.items():
            connection.execute(insert(table), [row] * 5)
            connection.execute(table.delete().where(table.c.id < 4))
    handed_over(engine, target, now=NOW)
    with target.begin() as connection:
        for table, row in rows.items():
            before = connection.execute(select(table.c.id)).scalars().all()
            connection.execute(insert(table).values(row))
            after = connection.execute(select(table.c.id)).scalars().all()
            assert set(after) - set(before) == {max(before) + 1}


def test_a_target_that_has_rows_is_refused_and_keeps_them(engine: Engine, target: Engine) -> None:
    fill(engine)
    land(target, issue("OPS-1"))
    before = rows_of(target)
    with pytest.raises(TandemError, match=r"is not empty \(\w+ has rows\)"):
        handed_over(engine, target, now=NOW)
    assert rows_of(target) == before


def test_a_second_copy_into_the_same_target_is_refused(engine: Engine, target: Engine) -> None:
    fill(engine)
    handed_over(engine, target, now=NOW)
    with pytest.raises(TandemError, match="is not empty"):
        handed_over(engine, target, now=NOW)


def test_a_store_is_not_copied_into_itself(engine: Engine, sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(TandemError, match="is the store that is to be copied"):
        handed_over(engine, engine, now=NOW)
    if engine.dialect.name == "sqlite":
        (tmp_path / "link.db").symlink_to(tmp_path / "tandem.db")
        other = database.opened(f"sqlite:///{tmp_path / 'link.db'}")
        with pytest.raises(TandemError, match="is the store that is to be copied"):
            handed_over(engine, other, now=NOW)
        other.dispose()


def test_a_database_of_another_program_is_left_alone_unless_its_owner_made_room_for_a_store(
    engine: Engine, tmp_path: Path
) -> None:
    fill(engine)
    other = database.opened(f"sqlite:///{tmp_path / 'other.db'}")
    change(other, "CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(TandemError, match=r"holds tables of another program.*tandem db upgrade first"):
        handed_over(engine, other, now=NOW)
    with other.connect() as connection:
        assert connection.dialect.get_table_names(connection) == ["invoices"]
    database.upgrade(other)
    handed_over(engine, other, now=NOW)
    assert rows_of(other) == rows_of(engine)
    other.dispose()


def test_a_database_in_memory_is_no_place_for_a_copy(engine: Engine) -> None:
    with pytest.raises(TandemError, match="is no file"):
        handed_over(engine, database.opened("sqlite://"), now=NOW)


def test_a_source_that_is_not_there_is_not_made(target: Engine, tmp_path: Path) -> None:
    with pytest.raises(TandemError, match="there is no such file"):
        handed_over(database.opened(f"sqlite:///{tmp_path / 'none.db'}"), target, now=NOW)
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DROP TABLE alembic_version", "holds no store"),
        ("UPDATE alembic_version SET version_num = '0001'", r"is at revision 0001.*tandem db upgrade"),
        (
            "UPDATE alembic_version SET version_num = '9999'",
            "a newer Tandem made it; copy it with that version",
        ),
        (
            "UPDATE issue_records SET status = 'Done' WHERE key = 'PAY-2'",
            r"is not what was read.*tandem pull --full",
        ),
        (
            "UPDATE issue_records SET labels = '{not json' WHERE key = 'PAY-2'",
            r"a row that cannot be copied.*tandem db verify",
        ),
    ],
)
def test_a_source_of_another_version_or_changed_by_another_program_is_refused_with_what_to_do(
    engine: Engine, target: Engine, statement: str, says: str
) -> None:
    fill(engine)
    change(engine, statement)
    with pytest.raises(TandemError, match=says):
        handed_over(engine, target, now=NOW)
    assert is_empty(target)


def test_an_empty_target_of_an_older_version_is_upgraded_and_one_of_a_newer_refused(
    engine: Engine, tmp_path: Path
) -> None:
    fill(engine)
    old = database.opened(f"sqlite:///{tmp_path / 'old.db'}")
    migrating.migrate(old, database.MIGRATIONS, to="0001")
    handed_over(engine, old, now=NOW)
    assert rows_of(old) == rows_of(engine)
    old.dispose()
    new = database.opened(f"sqlite:///{tmp_path / 'newer.db'}")
    database.upgrade(new)
    change(new, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer Tandem"):
        handed_over(engine, new, now=NOW)
    new.dispose()


def test_nothing_is_copied_where_a_living_process_is_at_work(engine: Engine, target: Engine) -> None:
    fill(engine)
    held = lease.acquired(target, "site:jira", now=NOW, holder="elsewhere 17")
    with pytest.raises(LeaseHeldError, match="elsewhere 17"):
        handed_over(engine, target, now=NOW)
    assert is_empty(target)
    lease.renew(target, held, now=NOW)
    handed_over(engine, target, now=NOW + timedelta(hours=1))
    assert rows_of(target) == rows_of(engine)


def test_who_is_at_work_on_the_source_is_told_for_his_later_rows_are_not_copied(
    engine: Engine, target: Engine
) -> None:
    fill(engine)
    lease.acquired(engine, "site:jira", now=NOW, holder="elsewhere 17")
    done = handed_over(engine, target, now=NOW)
    assert [held.holder for held in done.at_work] == ["elsewhere 17"]
    assert lease.acquired(target, "site:jira", now=NOW).name == "site:jira"  # nobody holds a copy


def test_a_target_that_somebody_writes_at_the_moment_is_not_waited_for_for_ever(
    engine: Engine, target: Engine
) -> None:
    fill(engine)
    with target.connect() as other:
        other.exec_driver_sql("INSERT INTO sites (source, at) VALUES ('jira', '2026-01-01 00:00:00')")
        with pytest.raises(StoreError, match="another process held the store for too long"):
            handed_over(engine, target, now=NOW)
        other.rollback()
    assert is_empty(target)


def test_a_value_that_only_sqlite_would_take_is_the_sources_trouble(
    file_engine: Engine, server_engine: Engine
) -> None:
    fill(file_engine)
    change(file_engine, "UPDATE runs SET requests = 'many'")
    with pytest.raises(TandemError, match=r"a row that cannot be copied \(.*many"):
        handed_over(file_engine, server_engine, now=NOW)
    assert is_empty(server_engine)


def meddled(target: Engine, how: str) -> list[str]:
    """Make the target lose or change every receipt on its way in; what takes that away again."""
    if target.dialect.name == "sqlite":
        then = {"lose": "DELETE FROM receipts", "change": "UPDATE receipts SET body = 'x'"}[how]
        change(target, f"CREATE TRIGGER meddles AFTER INSERT ON receipts BEGIN {then}; END")
        return ["DROP TRIGGER meddles"]
    then = {"lose": "RETURN NULL", "change": "NEW.body := 'x'; RETURN NEW"}[how]
    change(
        target,
        f"CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {then}; END $$",
        "CREATE TRIGGER meddles BEFORE INSERT ON receipts FOR EACH ROW EXECUTE FUNCTION meddle()",
    )
    return ["DROP TRIGGER meddles ON receipts", "DROP FUNCTION meddle"]


@pytest.mark.parametrize("how", ["lose", "change"])
def test_rows_that_do_not_arrive_as_they_were_are_noticed_before_they_count(
    engine: Engine, target: Engine, how: str
) -> None:
    fill(engine)
    undone = meddled(target, how)
    with pytest.raises(
        StoreError, match=r"receipts holds [01] rows, not the 1 that were sent, or not as they were"
    ):
        handed_over(engine, target, now=NOW)
    assert is_empty(target)
    change(target, *undone)
    handed_over(engine, target, now=NOW)
    assert rows_of(target) == rows_of(engine)


def test_a_disk_that_is_full_leaves_the_target_empty(engine: Engine, tmp_path: Path) -> None:
    fill(engine, count=2000)
    full = database.opened(f"sqlite:///{tmp_path / 'full.db'}")
    database.upgrade(full)
    with full.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        # of this connection, which the pool hands out again
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 100}")
    with pytest.raises(StoreError, match="full; make room on its disk"):
        handed_over(engine, full, now=NOW)
    assert is_empty(full)
    full.dispose()
    handed_over(engine, full, now=NOW)
    assert rows_of(full) == rows_of(engine)
    full.dispose()


def begun(source: Engine, url: str) -> subprocess.Popen[bytes]:
    """A copy in a process of its own."""
    script = (
        "import sys\n"
        "from datetime import datetime, UTC\n"
        "from sync.store import database\n"
        "from sync.store.handover import handed_over\n"
        "handed_over(*map(database.opened, sys.argv[1:]), now=datetime(2026, 1, 1, tzinfo=UTC))\n"
    )
    own = source.url.render_as_string(hide_password=False)
    return subprocess.Popen([sys.executable, "-c", script, own, url])


def is_being_filled(file: Path) -> bool:
    """True once it has its tables and somebody writes again."""
    if not file.exists():
        return False
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as look:
        try:
            look.execute("SELECT 1 FROM leases")
        except sqlite3.OperationalError:
            return False
        try:
            look.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        look.execute("ROLLBACK")
        return False


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_copy_that_is_killed_leaves_a_file_empty(file_engine: Engine, tmp_path: Path, number: int) -> None:
    fill(file_engine, count=6000)
    process = begun(file_engine, f"sqlite:///{tmp_path / 'copy.db'}")
    while not is_being_filled(tmp_path / "copy.db"):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(number)
    assert process.wait(timeout=60) != 0
    target = database.opened(f"sqlite:///{tmp_path / 'copy.db'}")
    assert is_empty(target)
    handed_over(file_engine, target, now=NOW)
    assert rows_of(target) == rows_of(file_engine)
    target.dispose()


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_copy_that_is_killed_leaves_a_server_empty(
    file_engine: Engine, server_engine: Engine, postgres_url: str, number: int
) -> None:
    fill(file_engine, count=6000)
    process = begun(file_engine, postgres_url)
    locks = "SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND locktype = 'relation' AND granted"
    with server_engine.connect() as connection:
        while not connection.exec_driver_sql(locks).scalar_one():
            assert process.poll() is None
            connection.rollback()
    process.send_signal(number)
    assert process.wait(timeout=60) != 0
    handed_over(file_engine, server_engine, now=NOW)  # refused if a row had been left
    assert count_of(server_engine, ISSUES) == 6000
