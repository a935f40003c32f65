"""The commands that look after the store, over a company whose first sync is over; and the signals that end a run."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from stand import Stand


def store_of(stand: Stand) -> Path:
    assert stand.options.settings
    return Path(stand.options.settings.database.removeprefix("sqlite:///"))


def change(stand: Stand, statement: str) -> None:
    with closing(sqlite3.connect(store_of(stand))) as connection, connection:
        connection.execute(statement)


def test_a_first_sync_leaves_a_store_in_which_every_check_is_well(synced: Stand) -> None:
    checks = synced.json("db", "verify")["checks"]
    assert [c for c in checks if c["level"] != "ok"] == []
    assert len(checks) >= 10


def test_a_changed_record_makes_verify_fail(synced: Stand) -> None:
    change(synced, "UPDATE issue_records SET status = 'X'")
    code, output, _ = synced.run("db", "verify")
    assert (code, "FAIL" in output) == (1, True)


def test_a_backup_replaces_what_is_there_only_when_told_and_comes_back(synced: Stand, tmp_path: Path) -> None:
    file = str(tmp_path / "b.db")
    assert [synced.run("db", "backup", file, *more)[0] for more in ((), (), ("--force",))] == [0, 1, 0]
    change(synced, "DELETE FROM issue_records")
    code, output, _ = synced.run("db", "restore", file, "--yes")
    assert code == 0
    assert "before:" in output
    assert "now:" in output
    assert synced.run("db", "verify")[0] == 0


@pytest.mark.process
def test_without_an_answer_nothing_is_restored(synced: Stand, tmp_path: Path) -> None:
    assert synced.run("db", "backup", str(tmp_path / "b.db"))[0] == 0
    change(synced, "DELETE FROM runs")
    process = outside(synced, "db", "restore", str(tmp_path / "b.db"))
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in errors) == (130, False), errors
    assert synced.json("db", "runs")["runs"] == []


def test_a_restored_store_is_synced_without_a_second_comment(synced: Stand, tmp_path: Path) -> None:
    before = synced.own_comments()
    assert synced.run("db", "backup", str(tmp_path / "b.db"))[0] == 0
    assert synced.run("db", "restore", str(tmp_path / "b.db"), "--yes")[0] == 0
    assert synced.run("sync")[0] == 0
    assert synced.own_comments() == before


def test_prune_takes_only_kinds_that_may_go(synced: Stand) -> None:
    synced.with_settings(retention_days={"issue": 3})
    assert synced.run("db", "prune")[0] == 4
    synced.with_settings(retention_days={"run": 30, "gone": 30})
    assert synced.json("db", "prune", "--dry-run")["removed"] == {"run": 0, "gone": 0}
    assert synced.run("db", "prune")[0] == 0


def test_health_is_well_after_a_sync_and_no_more_after_two_intervals(synced: Stand) -> None:
    assert synced.json("health")["healthy"] is True
    synced.world.clock.advance(timedelta(days=2))
    assert synced.run("health")[0] == 1
    assert synced.run("health", "--max-age", "10000")[0] == 0


def test_health_of_a_store_that_is_not_there_makes_none(stand: Stand) -> None:
    code, output, _ = stand.run("health")
    assert (code, "There is no store" in output) == (1, True)
    assert not store_of(stand).exists()


def test_health_names_who_is_at_work_and_a_store_that_cannot_be_written(synced: Stand) -> None:
    row = "('site:jira', 'elsewhere 17', 9, '2999-01-01 00:00:00.000000')"
    change(synced, f"INSERT OR REPLACE INTO leases (name, holder, token, expires_at) VALUES {row}")
    assert "site:jira is held by process elsewhere 17" in synced.run("health")[1]
    synced.with_settings(database=f"sqlite:///file:{store_of(synced)}?mode=ro&uri=true")
    code, output, _ = synced.run("health")
    assert (code, "readonly" in output) == (1, True)


def outside(stand: Stand, *command: str) -> subprocess.Popen[str]:
    """The program as a real process."""
    settings = stand.options.settings
    assert settings
    return subprocess.Popen(
        [sys.executable, "-c", "from sync.cli import main; main()", *command],
        env=stand.environment(), cwd=settings.mapping.parent,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.process
@pytest.mark.parametrize(
    ("command", "number", "code"),
    [("sync", signal.SIGTERM, 143), ("pull", signal.SIGINT, 130), ("pull", signal.SIGHUP, 129)],
)
def test_a_signal_ends_a_run_at_a_safe_place_and_the_next_run_completes_it(
    stand: Stand, command: str, number: int, code: int
) -> None:
    process = outside(stand, command)
    while len(stand.world.sandbox.requests) < 12:
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == code, output + errors
    assert "Traceback" not in errors
    assert "next run goes on from there" in errors
    (run,) = stand.json("db", "runs")["runs"]
    assert (run["outcome"], run["detail"]) == ("failed", f"stopped by {signal.Signals(number).name}")
    assert stand.run("sync")[0] == 0  # no lease stands in its way
    assert stand.run("db", "verify")[0] == 0


@pytest.mark.process
def test_a_reader_that_goes_away_early_is_no_accident(synced: Stand) -> None:
    for command in (("drift", "--json"), ("drift",), ("status",), ("db", "runs", "--json")):
        process = outside(synced, *command)
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read()
        process.stderr.close()
        assert (process.wait(timeout=60), errors) == (141, ""), command
