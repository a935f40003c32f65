"""Whatever is wrong with the database is a StoreError that says what to do; nothing is corrupt afterwards, and the next run completes."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import postgres
import psycopg
import pytest
from record_builders import issue
from sqlalchemy import Engine, make_url, text
from store_builders import count_of, fill, land, rows_of

from sync.store import database
from sync.store.connections import database_secrets
from sync.store.errors import CrossedError, StoreError
from sync.store.failures import place_of
from sync.store.tables import TABLE_BY_KIND

ISSUES = TABLE_BY_KIND["issue"]


def assert_whole(engine: Engine) -> None:
    """The pages are whole and the next transaction goes through."""
    land(engine, issue("PAY-77"))
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


def test_a_disk_that_is_full_takes_nothing_and_goes_on_when_there_is_room(file_engine: Engine) -> None:
    with file_engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.exec_driver_sql(
            f"PRAGMA max_page_count = {pages + 2}"
        )  # of this connection, which the pool hands out again
    with pytest.raises(StoreError, match=r"full; make room on its disk.*the next run goes on"):
        land(file_engine, *(issue(f"PAY-{n}", description="x" * 500) for n in range(100)))
    assert not any(rows_of(file_engine).values())
    file_engine.dispose()
    assert_whole(file_engine)


def test_a_quota_on_the_files_size_takes_nothing(file_engine: Engine, sqlite_url: str) -> None:
    script = (
        "import resource, sys\n"
        "from record_builders import issue\n"
        "from store_builders import land\n"
        "from sync.store import database\n"
        "engine = database.opened(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))\n"
        "try:\n"
        "    land(engine, *(issue(f'PAY-{n}', description='x' * 900) for n in range(500)))\n"
        "except database.StoreError as error:\n"
        "    sys.exit(str(error))\n"
    )
    tests = str(Path(postgres.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", script, sqlite_url],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": tests},
    )
    assert (done.returncode, "look at its disk" in done.stderr) == (1, True), done.stderr
    assert count_of(file_engine, ISSUES) == 0
    assert_whole(file_engine)


def test_a_file_that_may_only_be_read_says_so(sqlite_url: str) -> None:
    path = make_url(sqlite_url).database
    engine = database.opened(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StoreError, match="readonly database; give this account the permission to write"):
        land(engine, issue())
    assert count_of(engine, ISSUES) == 0
    engine.dispose()


def test_a_lock_that_is_held_for_too_long_says_who_to_ask(sqlite_url: str) -> None:
    engine = database.opened(sqlite_url, lock_timeout_s=0.05)
    with sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked; another process held the store for too long"):
            land(engine, issue())
        other.execute("ROLLBACK")
    other.close()
    assert_whole(engine)
    engine.dispose()


def test_a_lock_that_is_let_go_in_time_is_waited_for(sqlite_url: str) -> None:
    engine = database.opened(sqlite_url, lock_timeout_s=30)
    other = sqlite3.connect(
        make_url(sqlite_url).database or "", isolation_level=None, check_same_thread=False
    )
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
    release.start()
    land(engine, issue())
    release.join()
    other.close()
    assert count_of(engine, ISSUES) == 1
    engine.dispose()


@pytest.mark.parametrize("is_replaced", [False, True], ids=["removed", "replaced"])
def test_a_file_that_goes_away_in_mid_run_is_noticed_at_the_next_transaction(
    file_engine: Engine, tmp_path: Path, migrated_file: bytes, is_replaced: bool
) -> None:
    land(file_engine, issue("PAY-1"))
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"tandem.db{ending}").rename(tmp_path / f"elsewhere.db{ending}")
    if is_replaced:
        (tmp_path / "tandem.db").write_bytes(migrated_file)
    with pytest.raises(StoreError, match="removed or replaced while it was in use"):
        land(file_engine, issue("PAY-2"))
    file_engine.dispose()
    database.upgrade(file_engine)
    assert count_of(file_engine, ISSUES) == 0
    assert_whole(file_engine)


def test_a_damaged_page_says_how_to_come_back(file_engine: Engine, tmp_path: Path) -> None:
    fill(file_engine, count=300)
    file_engine.dispose()
    with (tmp_path / "tandem.db").open("r+b") as handle:
        handle.seek(8192)
        handle.write(b"\xff" * 4096 * 60)
    with pytest.raises(StoreError, match=r"malformed; stop every Tandem.*tandem db restore FILE"):
        rows_of(file_engine)


def test_a_filesystem_without_shared_memory_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    engine = database.opened(f"sqlite:///file:{tmp_path / 'x.db'}?vfs=unix-dotfile&uri=true")
    with pytest.raises(StoreError, match=r"no shared memory.*put it on a local disk, or use PostgreSQL"):
        database.upgrade(engine)


def test_every_commit_is_on_the_disk_before_it_counts(file_engine: Engine) -> None:
    with file_engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2


def test_a_mistake_in_values_stays_what_it_is(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(Exception, match=r"(?i)null") as caught:
        connection.execute(text("INSERT INTO told (source, issue_id, commitment_key) VALUES ('a', 'b', 'c')"))
    assert not isinstance(caught.value, StoreError)


@pytest.fixture
def own_server() -> Iterator[postgres.Server]:
    """A server that a test may break."""
    if not postgres.is_installed():
        pytest.skip(f"the wheel {postgres.WHEEL} is not installed, so there is no PostgreSQL to test on")
    made = postgres.Server(
        "synchronous_commit=on",
        "max_connections=5",
        "superuser_reserved_connections=1",
        "reserved_connections=0",
    )
    yield made
    made.stop()


def test_a_server_that_goes_away_in_mid_run_takes_nothing_back_and_is_found_again(
    own_server: postgres.Server,
) -> None:
    with own_server.store() as url:
        engine = database.opened(url)
        land(engine, issue("PAY-1"))
        with ExitStack() as run:
            connection = run.enter_context(engine.connect())
            connection.execute(text("DELETE FROM issue_records"))
            own_server.crash()
            with pytest.raises(StoreError, match=r"look whether the server runs|is starting or stopping"):
                connection.execute(text("DELETE FROM runs"))
        with pytest.raises(StoreError, match="look whether the server runs"):
            count_of(engine, ISSUES)
        own_server.start()
        assert count_of(engine, ISSUES) == 1
        assert_whole(engine)
        engine.dispose()


def test_no_password_comes_into_a_message(own_server: postgres.Server) -> None:
    own_server.execute("CREATE ROLE pat LOGIN PASSWORD 'right'")
    (own_server.data / "pg_hba.conf").write_text("local all pat scram-sha-256\nlocal all all trust\n")
    own_server.execute("SELECT pg_reload_conf()")
    for secret in ("wr%C3%B6ng!", "geheim"):
        engine = database.opened(f"postgresql://pat:{secret}@/postgres?host={own_server.home}")
        with pytest.raises(StoreError, match="look at user, password and database") as caught:
            database.upgrade(engine)
        assert "geheim" not in str(caught.value)
        assert "ng!" not in str(caught.value)
        assert "geheim" not in repr(engine)


def test_a_password_in_the_query_is_hidden_too() -> None:
    url = "postgresql://pat@/x?host=/nowhere&password=geheim"
    engine = database.opened(url)
    assert "geheim" not in place_of(engine)
    assert "geheim" in database_secrets(url)
    with pytest.raises(StoreError) as caught:
        database.upgrade(engine)
    assert "geheim" not in str(caught.value)


def test_a_database_that_does_not_exist_is_to_be_made(own_server: postgres.Server) -> None:
    with pytest.raises(StoreError, match="createdb"):
        database.upgrade(database.opened(own_server.url("nowhere")))


def test_too_many_connections_are_told_as_such(own_server: postgres.Server) -> None:
    own_server.execute("CREATE ROLE pat LOGIN")
    url = f"postgresql://pat@/postgres?host={own_server.home}"
    engine = database.opened(url)
    with ExitStack() as mine, pytest.raises(StoreError, match="takes no more connections"):  # noqa: PT012
        for _ in range(9):
            mine.enter_context(engine.connect())
    engine.dispose()


def test_a_server_that_only_reads_says_so(server_engine: Engine) -> None:
    with server_engine.connect() as connection:
        connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        connection.commit()
    with pytest.raises(StoreError, match="the server only reads"):
        land(server_engine, issue())


def test_a_lock_on_the_server_is_waited_for_no_longer_than_told(postgres_url: str) -> None:
    engine = database.opened(postgres_url, lock_timeout_s=0.05)
    with psycopg.connect(_conninfo(postgres_url)) as other:
        other.execute("LOCK TABLE issue_records IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StoreError, match="another process held the store for too long"):
            land(engine, issue())
    assert_whole(engine)
    engine.dispose()


def test_a_statement_that_the_server_cancels_is_told_as_such(server_engine: Engine) -> None:
    with server_engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 20"))
        with pytest.raises(StoreError, match="the server cancelled the statement"):
            connection.execute(text("SELECT pg_sleep(5)"))
    assert_whole(server_engine)


def test_of_two_that_wait_for_each_other_one_gives_way_and_may_come_again(server_engine: Engine) -> None:
    land(server_engine, issue("PAY-1"), issue("PAY-2"))
    touch = "UPDATE issue_records SET title = 'x' WHERE key = '{}'"
    refused: list[StoreError] = []
    barrier = threading.Barrier(2)

    def cross(first: str, second: str) -> None:
        try:
            with server_engine.begin() as connection:
                connection.execute(text(touch.format(first)))
                barrier.wait()
                connection.execute(text(touch.format(second)))
        except StoreError as error:
            refused.append(error)

    threads = [threading.Thread(target=cross, args=pair) for pair in (("PAY-1", "PAY-2"), ("PAY-2", "PAY-1"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ["two processes waited for each other" in str(e) for e in refused] == [True]
    assert isinstance(refused[0], CrossedError)
    assert_whole(server_engine)


def test_instants_do_not_depend_on_the_servers_settings(postgres_url: str, server_engine: Engine) -> None:
    land(server_engine, issue())
    before = rows_of(server_engine)
    name = make_url(postgres_url).database
    with psycopg.connect(_conninfo(postgres_url), autocommit=True) as other:
        other.execute(f"ALTER DATABASE {name} SET timezone = 'Asia/Kathmandu'")
        other.execute(f"ALTER DATABASE {name} SET datestyle = 'SQL, DMY'")
    try:
        server_engine.dispose()
        assert rows_of(server_engine) == before
    finally:
        with psycopg.connect(_conninfo(postgres_url), autocommit=True) as other:
            other.execute(f"ALTER DATABASE {name} RESET ALL")


def test_the_server_knows_the_program_by_name(server_engine: Engine) -> None:
    with server_engine.connect() as connection:
        assert connection.execute(text("SHOW application_name")).scalar_one() == "tandem"


def _conninfo(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")
