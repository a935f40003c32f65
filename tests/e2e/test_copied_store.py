"""A company's store moves to PostgreSQL and back: the next sync writes nothing there and asks for no more than any quiet one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from stand import Stand, writes_in

from sync.store import database


def url_of(stand: Stand) -> str:
    assert stand.options.settings
    return stand.options.settings.database


def copied(stand: Stand, goal: str) -> dict[str, int]:
    """Copy the store and let the program work on the copy from now on."""
    rows: dict[str, int] = stand.json("db", "copy", "--to", goal)["rows"]
    stand.with_settings(database=goal)
    return rows


def test_after_a_copy_to_postgresql_and_back_a_sync_writes_nothing_and_asks_as_little(
    synced: Stand, postgres_url: str, tmp_path: Path
) -> None:
    synced.run("sync")
    before, quiet = synced.own_comments(), synced.requests_of("sync")
    there = copied(synced, postgres_url)
    assert there["issue_records"] > 0
    on_the_server = synced.requests_of("sync")
    back = copied(synced, f"sqlite:///{tmp_path / 'back.db'}")
    assert {name: n for name, n in back.items() if name != "runs"} == {
        name: n for name, n in there.items() if name != "runs"
    }
    in_the_file = synced.requests_of("sync")
    for requests in (on_the_server, in_the_file):
        assert writes_in(requests) == []
        assert sorted(requests) == sorted(quiet)
    assert synced.own_comments() == before
    assert synced.run("db", "verify")[0] == 0
    synced.check_kept()


def test_the_copy_is_judged_as_its_source_was(synced: Stand, postgres_url: str) -> None:
    drift = synced.drift()
    copied(synced, postgres_url)
    assert synced.drift() == drift
    synced.check_kept()


def test_the_rows_are_shown_by_table_and_what_to_do_next(synced: Stand, postgres_url: str) -> None:
    code, output, _ = synced.run("db", "copy", "--from", url_of(synced), "--to", postgres_url)
    assert code == 0
    lines = {line.split()[0]: line.split()[1] for line in output.splitlines() if "_records" in line}
    assert int(lines["issue_records"]) > 0
    assert "let TANDEM_DATABASE name the copy" in output


def test_the_exit_code_tells_why_nothing_was_copied(synced: Stand, postgres_url: str, tmp_path: Path) -> None:
    own, nowhere = url_of(synced), f"sqlite:///{tmp_path / 'none.db'}"
    assert synced.run("db", "copy", "--from", nowhere, "--to", postgres_url)[0] == 1
    assert synced.run("db", "copy")[0] == 1
    code, _, errors = synced.run("db", "copy", "--from", "mysql://x:secret@y/z", "--to", postgres_url)
    assert (code, "--from" in errors, "secret" in errors) == (4, True, False)
    held = "INSERT INTO leases VALUES ('site:jira', 'elsewhere 17', 1, '2999-01-01T00:00:00Z')"
    engine = database.opened(postgres_url)
    with engine.begin() as connection:
        connection.execute(text(held))
    code, _, errors = synced.run("db", "copy", "--to", postgres_url)
    assert (code, "elsewhere 17" in errors) == (6, True)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM leases"))
    engine.dispose()
    assert synced.run("db", "copy", "--to", postgres_url)[0] == 0
    assert synced.run("db", "copy", "--from", own, "--to", postgres_url)[0] == 1


def test_a_run_on_the_source_is_told(synced: Stand, postgres_url: str) -> None:
    engine = database.opened(url_of(synced))
    with engine.begin() as connection:
        connection.execute(
            text("INSERT OR REPLACE INTO leases VALUES ('site:jira', 'elsewhere 17', 9, :end)"),
            {"end": str(datetime(2999, 1, 1, tzinfo=UTC).replace(tzinfo=None))},
        )
    engine.dispose()
    code, output, _ = synced.run("db", "copy", "--to", postgres_url)
    assert (code, "Process elsewhere 17 was at work on the source (site:jira)" in output) == (0, True)
