"""A backup is whole, of one instant, made beside a writer, and comes back as it was."""

import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from record_builders import issue
from sqlalchemy import Engine, select, text
from store_builders import NOW, fill, land, rows_of

from connectors.check import Level
from connectors.errors import TandemError
from sync.store import database, lease, migrating
from sync.store.backup import backed_up
from sync.store.restore import checked, restored
from sync.store.tables import leases
from sync.store.verify import verified


def opened(file: Path) -> Engine:
    return database.opened(f"sqlite:///{file}")


def test_a_backup_holds_every_row(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    counts = backed_up(engine, tmp_path / "b.db")
    copy = opened(tmp_path / "b.db")
    assert rows_of(copy) == rows_of(engine)
    copy.dispose()
    assert counts["issue_records"] == 3


def test_a_backup_is_one_file_for_this_account_alone(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    backed_up(engine, folder / "b.db")
    assert [f.name for f in folder.iterdir()] == ["b.db"]
    assert stat.S_IMODE((folder / "b.db").stat().st_mode) == 0o600


def test_a_backup_holds_no_lease(engine: Engine, tmp_path: Path) -> None:
    lease.acquired(engine, "site:jira", now=NOW)
    backed_up(engine, tmp_path / "b.db")
    with sqlite3.connect(tmp_path / "b.db") as connection:
        assert connection.execute("SELECT count(*) FROM leases").fetchone() == (0,)
    connection.close()


def test_a_file_that_is_there_is_replaced_only_when_forced(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    file.write_text("dear")
    with pytest.raises(TandemError, match="--force"):
        backed_up(engine, file)
    assert file.read_text() == "dear"
    backed_up(engine, file, is_forced=True)
    assert checked(file)["issue_records"] == 0


def test_the_store_itself_is_never_overwritten(file_engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(TandemError, match="the store itself"):
        backed_up(file_engine, tmp_path / "tandem.db", is_forced=True)


def test_a_backup_that_cannot_be_made_leaves_nothing_behind(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(database.StoreError, match="could not be made"):
        backed_up(engine, tmp_path / "missing" / "b.db")
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from sync.store import backup, database\n"
        "engine = database.opened(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        "try:\n"
        "    backup.backed_up(engine, Path(sys.argv[2]))\n"
        "except database.StoreError as error:\n"
        "    sys.exit(str(error))\n"
    )
    fill(engine)
    folder = tmp_path / "full"
    folder.mkdir()
    url = engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", script, url, folder / "b.db"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "b.db: the backup could not be made" in done.stderr
    assert list(folder.iterdir()) == []


def test_twenty_backups_beside_a_writer_are_each_whole(engine: Engine, tmp_path: Path) -> None:
    stop = threading.Event()
    landed: list[int] = []

    def write() -> None:
        number = 0
        while not stop.is_set():
            # both issues of a page or neither
            land(engine, issue(f"PAY-{number}"), issue(f"PAY-{number + 1}"))
            number += 2
            landed.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = [backed_up(engine, tmp_path / f"{n}.db")["issue_records"] for n in range(20)]
    finally:
        stop.set()
        writer.join()
    for n in range(20):
        copy = opened(tmp_path / f"{n}.db")
        assert [c for c in verified(copy, now=NOW) if c.level is not Level.OK] == []
        copy.dispose()
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    assert {c % 2 for c in counts} == {0}


def test_a_restored_store_is_as_it_was_at_the_backup(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    before = rows_of(engine)
    backed_up(engine, tmp_path / "b.db")
    land(engine, *(issue(f"PAY-{n}") for n in range(50, 90)))
    done = restored(engine, tmp_path / "b.db", now=NOW)
    assert rows_of(engine) == before
    assert done.before is not None
    assert (done.before["issue_records"], done.after["issue_records"]) == (43, 3)


def test_a_backup_of_one_kind_of_database_comes_back_into_the_other(
    engine: Engine, tmp_path: Path, postgres_url: str
) -> None:
    fill(engine)
    backed_up(engine, tmp_path / "b.db")
    other = database.opened(postgres_url)
    restored(other, tmp_path / "b.db", now=NOW)
    assert rows_of(other) == rows_of(engine)
    other.dispose()


def test_nothing_is_restored_while_a_living_process_is_at_work(engine: Engine, tmp_path: Path) -> None:
    backed_up(engine, tmp_path / "b.db")
    fill(engine)
    before = rows_of(engine)
    held = lease.acquired(engine, "site:jira", now=NOW, holder="elsewhere 17")
    with pytest.raises(lease.LeaseHeldError, match="elsewhere 17"):
        restored(engine, tmp_path / "b.db", now=NOW)
    assert rows_of(engine) == before
    lease.renew(engine, held, now=NOW)


def test_who_held_a_lapsed_lease_learns_that_it_is_lost(engine: Engine, tmp_path: Path) -> None:
    backed_up(engine, tmp_path / "b.db")
    held = lease.acquired(engine, "site:jira", now=NOW, holder="elsewhere 17")
    restored(engine, tmp_path / "b.db", now=NOW + timedelta(hours=1))
    with pytest.raises(lease.LeaseHeldError):
        lease.renew(engine, held, now=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no store"),
        (b"this is not a database, and long enough to be looked at " * 30, "not a database"),
    ],
)
def test_a_file_that_is_no_backup_changes_nothing(
    engine: Engine, tmp_path: Path, content: bytes, says: str
) -> None:
    fill(engine)
    before = rows_of(engine)
    (tmp_path / "b.db").write_bytes(content)
    with pytest.raises(TandemError, match=says):
        restored(engine, tmp_path / "b.db", now=NOW)
    assert rows_of(engine) == before
    assert [f for f in tmp_path.iterdir() if "restore" in f.name] == []


def test_a_damaged_backup_is_refused(engine: Engine, tmp_path: Path) -> None:
    fill(engine, count=300)
    file = tmp_path / "b.db"
    backed_up(engine, file)
    with file.open("r+b") as handle:
        handle.seek(file.stat().st_size // 2)
        handle.write(b"\xff" * 8192)
    with pytest.raises(TandemError, match="no backup that can be restored"):
        restored(engine, file, now=NOW)


def test_a_backup_of_a_newer_version_is_refused(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    backed_up(engine, file)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(TandemError, match="newer Tandem"):
        restored(engine, file, now=NOW)


def test_an_older_backup_is_upgraded_and_stays_as_it_is(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    old = opened(file)
    migrating.migrate(old, database.MIGRATIONS, to="0001")
    old.dispose()
    content = file.read_bytes()
    restored(engine, file, now=NOW)
    assert database.revision_of(engine) == database.newest_revision()
    assert migrating.differences(engine) == []
    assert file.read_bytes() == content


@pytest.mark.parametrize("damage", [0, 100, 30_000], ids=["header", "first page", "inside"])
def test_a_damaged_store_is_replaced_by_its_backup(file_engine: Engine, tmp_path: Path, damage: int) -> None:
    own, engine = tmp_path / "tandem.db", file_engine
    fill(engine, count=200)
    rows = rows_of(engine)
    backed_up(engine, tmp_path / "b.db")
    engine.dispose()
    with own.open("r+b") as handle:
        handle.seek(damage)
        handle.write(b"\xff" * 6000)
    done = restored(engine, tmp_path / "b.db", now=NOW)
    assert rows_of(engine) == rows
    assert (done.aside is not None) == (damage == 0)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        assert connection.execute(select(leases)).all() == []


def test_a_store_that_another_process_writes_is_not_restored_over(
    file_engine: Engine, tmp_path: Path
) -> None:
    own, engine = tmp_path / "tandem.db", file_engine
    backed_up(engine, tmp_path / "b.db")
    with sqlite3.connect(own, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(database.StoreError, match="another process holds"):
            restored(engine, tmp_path / "b.db", now=NOW, patience_s=0.1)
        other.execute("ROLLBACK")
    other.close()
    restored(engine, tmp_path / "b.db", now=NOW)
