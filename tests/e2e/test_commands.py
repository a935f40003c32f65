"""The command line as its users meet it: every command answers, in text or JSON, and every refusal says what to do."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import create_engine, text
from stand import Stand, writes_in
from typer.main import get_command

from sync.cli.main import app, exit_status
from sync.cli.table import Late
from sync.store import database, lease

READERS = (
    ("check",), ("doctor",), ("status",), ("drift",), ("plan",), ("explain", "IMP-220"), ("explain", "S01"),
    ("explain", "mes-core-2.0"), ("links", "why", "IMP-220"), ("links", "suggest"), ("debt", "candidates"), ("pull",), ("sync",),
)  # fmt: skip


@pytest.mark.parametrize("synced", ["full cloud"], indirect=True)
def test_every_reader_speaks_json_that_begins_with_its_schema_version(synced: Stand) -> None:
    for command in READERS:
        code, output, errors = synced.run(*command, "--json")
        assert code == 0, (command, errors)
        assert next(iter(json.loads(output))) == "schema_version", command


def test_every_command_explains_itself() -> None:
    def helped(command: object, path: tuple[str, ...]) -> int:
        assert exit_status([*path, "--help"]) == 0, path
        command = command.loaded() if isinstance(command, Late) else command
        return 1 + sum(helped(one, (*path, name)) for name, one in getattr(command, "commands", {}).items())

    assert helped(get_command(app), ()) >= 34


def test_a_plan_is_refused_when_damaged_missing_foreign_or_while_writing_is_off(
    stand: Stand, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    stand.run("pull")
    assert stand.run("plan", "--out", str(file))[0] == 0
    good = file.read_text(encoding="utf-8")
    for spoilt in ("", "{}", "[1]", good[: len(good) // 2], good.replace("MES core", "MES cure", 1)):
        file.write_text(spoilt, encoding="utf-8")
        code, _, errors = stand.run("apply", str(file))
        assert (code, "plan" in errors) == (4, True), errors
    code, _, errors = stand.run("apply", str(tmp_path / "nowhere.json"))
    assert (code, "nowhere.json" in errors) == (4, True), errors
    file.write_text(good, encoding="utf-8")
    stand.with_settings(writes_off=True)
    code, _, errors = stand.run("apply", str(file))
    assert code in {1, 6}
    assert "writing is off" in errors or "stale" in errors
    stand.with_settings(writes_off=False)
    stand.edit_mapping(lambda mapping: mapping.replace("title: MES core 2.0", "title: MES core two"))
    code, _, errors = stand.run("apply", str(file))
    assert (code, "stale" in errors) == (6, True), errors
    assert stand.own_comments() == {}
    assert writes_in(stand.world.sandbox.requests) == []


def test_a_plan_made_while_writing_is_off_is_refused_with_the_remedy(stand: Stand, tmp_path: Path) -> None:
    stand.edit_mapping(lambda mapping: mapping.replace("enabled: true", "enabled: false"))
    stand.run("pull")
    stand.run("plan", "--out", str(tmp_path / "plan.json"))
    code, _, errors = stand.run("apply", str(tmp_path / "plan.json"))
    assert code == 1
    assert "writing is off" in errors
    assert "enabled: true" in errors
    assert stand.own_comments() == {}


def test_what_is_not_known_is_refused_by_name(synced: Stand) -> None:
    assert synced.run("drift", "--fail-on", "wrong")[0] == 4
    assert synced.run("drift", "--no-such-option")[0] == 1
    assert synced.run("no-such-command")[0] == 1
    code, _, errors = synced.run("explain", "NONSENSE-1")
    assert (code, "NONSENSE-1" in errors) == (1, True)
    assert synced.run("links", "why", "NONSENSE-1")[0] == 1
    code, _, errors = synced.run("plan", "--out", "/proc/plan.json")
    assert (code, "/proc/plan.json" in errors) == (1, True)


def test_a_finding_is_explained_by_its_fingerprint(synced: Stand) -> None:
    finding = next(f for f in synced.json("drift")["findings"] if f["rule"] == "S01")
    code, output, _ = synced.run("explain", finding["fingerprint"])
    assert code == 0
    assert "S01" in output
    assert finding["subject_label"] in output
    assert re.search(r"first seen  2026-11-23 02:\d\d UTC as high; nothing has changed since", output)


def test_a_commitment_tells_what_changed_since_its_comment(synced: Stand) -> None:
    (comment,) = synced.json("explain", "mes-core-2.0")["comments"]
    assert comment["issue_key"] == "IMP-1"
    assert comment["written_at"].startswith("2026-11-23 02:")
    assert comment["changes"] == comment["came"] == comment["cleared"] == []


def test_status_of_one_kind_holds_that_kind_alone(synced: Stand) -> None:
    assert {c["kind"] for c in synced.json("status", "--kind", "debt")["commitments"]} == {"debt"}
    assert {c["kind"] for c in synced.json("status", "--kind", "milestone")["commitments"]} == {"milestone"}


def test_the_store_is_upgraded_once_and_its_runs_are_listed(synced: Stand) -> None:
    assert synced.run("db", "upgrade")[1] == synced.run("db", "upgrade")[1]
    assert synced.run("worker", "--once")[0] == 0
    code, output, _ = synced.run("db", "runs")
    assert (code, len(output.strip().splitlines())) == (0, 2)


def test_text_for_a_pipe_holds_no_escape_codes(synced: Stand) -> None:
    for command in (("sync",), ("status",), ("drift",), ("plan",), ("doctor",), ("explain", "IMP-220")):
        _, output, errors = synced.run(*command)
        assert "\x1b" not in output + errors, command


def test_a_second_sync_is_refused_at_once_while_the_first_is_at_work(synced: Stand) -> None:
    assert synced.options.settings
    engine = database.opened(synced.options.settings.database)
    held = lease.acquired(engine, "site:jira", now=synced.world.clock.now(), holder="elsewhere 1")
    began = time.monotonic()
    code, _, errors = synced.run("sync")
    assert (code, "elsewhere 1" in errors, time.monotonic() - began < 2) == (6, True, True), errors
    lease.release(engine, held)
    engine.dispose()
    assert synced.run("sync")[0] == 0


def test_a_store_that_cannot_be_written_is_one_clear_message(synced: Stand, tmp_path: Path) -> None:
    assert synced.options.settings
    for url in ("sqlite:////proc/tandem.db", f"sqlite:///{tmp_path}/no/such/folder/tandem.db"):
        synced.with_settings(database=url)
        code, _, errors = synced.run("sync")
        assert (code, url in errors, "Traceback" in errors) == (1, True, False), errors
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database, but it is long enough to be read as one" * 100)
    synced.with_settings(database=f"sqlite:///{broken}")
    code, _, errors = synced.run("status")
    assert (code, "broken.db" in errors) == (1, True), errors


def test_a_source_without_settings_is_named_with_its_variables(synced: Stand) -> None:
    synced.with_settings(sources={})
    code, _, errors = synced.run("sync")
    assert code == 4
    assert "TANDEM_SOURCES__JIRA__URL" in errors
    assert "TANDEM_SOURCES__GITLAB__TOKEN" in errors


def _outside(stand: Stand, *command: str, limit: int | None = None) -> subprocess.Popen[str]:
    """The program as a real process; it may write files of at most ``limit`` bytes."""
    settings = stand.options.settings
    assert settings
    small_disk = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); " if limit else ""
    )
    return subprocess.Popen(
        [sys.executable, "-c", small_disk + "from sync.cli import main; main()", *command],
        env=stand.environment(TANDEM_LOG_LEVEL="info"), cwd=settings.mapping.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.mark.process
def test_a_full_disk_ends_the_run_with_a_clear_message_and_the_next_one_completes_it(stand: Stand) -> None:
    process = _outside(stand, "sync", limit=400_000)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1, output
    assert "tandem.db" in output, output
    assert "look at its disk" in output, output
    assert "Traceback" not in output, output
    assert stand.own_comments() == {}
    assert stand.run("sync")[0] == 0


@pytest.mark.process
def test_the_worker_stops_on_sigterm_at_a_safe_place(stand: Stand) -> None:
    process = _outside(stand, "worker", "--every-minutes", "60")
    assert process.stdout
    for line in process.stdout:  # to its end, should it end before it has begun
        if "worker_started" in line:
            break
    time.sleep(2)  # in which its first run gets somewhere
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "worker_stopped" in output
    assert stand.options.settings
    engine = create_engine(stand.options.settings.database)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    engine.dispose()
    assert stand.run("sync")[0] == 0
    assert set(map(len, stand.own_comments().values())) == {1}


def test_comments_in_chinese_say_the_same_numbers(stand: Stand) -> None:
    stand.edit_mapping(lambda mapping: mapping.replace("language: en", "language: zh"))
    assert stand.run("sync")[0] == 0
    chinese = stand.own_comments()
    stand.edit_mapping(lambda mapping: mapping.replace("language: zh", "language: en"))
    assert stand.run("sync")[0] == 0
    english = stand.own_comments()
    assert chinese.keys() == english.keys()
    for key, (body,) in chinese.items():
        assert any("\u4e00" <= c <= "\u9fff" for c in body)
        assert codes_in(body) == codes_in(english[key][0]), key
    assert replace(stand.options) == stand.options


def codes_in(body: str) -> set[str]:
    """Rule codes and issue keys of a comment, its marker left out."""
    words = body.rpartition("\n")[0].replace("|", " ").replace("[", " ").replace("]", " ").split()
    return {w for w in words if len(w) > 2 and w[0] in "SRTDG" and w[1:].isdigit()}


def test_a_file_that_ends_too_early_is_no_interruption(synced: Stand) -> None:
    def broken() -> object:
        raise EOFError("marshal data too short")

    with pytest.raises(EOFError, match="too short"):
        exit_status(["status"], options=replace(synced.options, now=broken))
