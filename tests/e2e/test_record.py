"""A recorded run holds no secret and no address, and is derived again from its folder without any connection."""

from __future__ import annotations

import base64
import json
import re
import socket
from functools import reduce
from pathlib import Path

import pytest
from sqlalchemy import select
from stand import Stand

from connectors.sandbox.world.people import BY_LOGIN
from connectors.tape.redaction import Redaction
from sync.recordings.recording import closing_engine, copy_redacted
from sync.recordings.replaying import replayed
from sync.store import database
from sync.store.tables import metadata
from tests.faults.changes import usual_day

PRODUCTS = ["cloud", "datacenter"]
TOKENS = ("sandbox-jira-token", "sandbox-gitlab-token")


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch):
    """A function after which every attempt to open a socket fails."""

    def refuse(*_: object, **__: object):
        raise AssertionError("a socket was opened")

    def begin() -> None:
        monkeypatch.setitem(vars(socket), "socket", refuse)
        monkeypatch.setitem(vars(socket), "create_connection", refuse)

    return begin


def record(stand: Stand, folder: Path, *command: str) -> str:
    code, text, errors = stand.run(*(command or ("sync",)), "--record", str(folder))
    assert code == 0, text + errors
    return errors


def manifest(folder: Path):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("stand", PRODUCTS, indirect=True)
def test_a_first_and_a_later_run_lead_to_the_same_plan_without_a_socket(
    stand: Stand, tmp_path: Path, no_sockets
) -> None:
    first, later = tmp_path / "first", tmp_path / "later"
    assert "same plan" in record(stand, first)
    usual_day(stand.world)
    assert "same plan" in record(stand, later)
    asked = len(stand.world.sandbox.requests)
    no_sockets()
    for folder in (first, later):
        code, text, errors = stand.run("replay", str(folder))
        assert code == 0, text + errors
        assert "The same plan as recorded" in text
        assert "not in the recording" not in text
        assert manifest(folder)["is_as_live"] is True
    assert len(stand.world.sandbox.requests) == asked
    assert manifest(first)["plan_basis"] != manifest(later)["plan_basis"]
    assert manifest(later)["exchanges"] < manifest(first)["exchanges"]


@pytest.mark.parametrize("stand", PRODUCTS, indirect=True)
def test_no_token_and_no_address_is_anywhere_in_the_folder(stand: Stand, tmp_path: Path) -> None:
    record(stand, tmp_path / "first")
    record(stand, tmp_path / "second")  # its before.db holds what the first run read
    emails = [person.email for person in BY_LOGIN.values()]
    stored = (tmp_path / "tandem.db").read_bytes()
    assert any(email.encode() in stored for email in emails)
    for file in [*(tmp_path / "first").iterdir(), *(tmp_path / "second").iterdir()]:
        held = file.read_bytes().lower()
        for secret in TOKENS:
            assert secret.encode() not in held, file
            assert base64.b64encode(secret.encode()).rstrip(b"=").lower() not in held, file
        assert [e for e in emails if e.encode() in held] == [], file
        assert b"@nova.example" not in held, file
    assert b"@redacted.invalid" in (tmp_path / "second" / "before.db").read_bytes()


def rows_of(file: Path, names: tuple[str, ...]) -> dict[str, set[str]]:
    with closing_engine(file) as engine:
        return rows_in(engine, names)


def rows_in(engine, names):
    with engine.connect() as connection:
        return {
            name: {repr(tuple(row)) for row in connection.execute(select(metadata.tables[name]))}
            for name in names
        }


KEPT = (
    *(name for name in metadata.tables if name.endswith("_records")),
    "aliases",
    "cursors",
    "verdicts",
    "sightings",
    "sites",
)
"""What a run reads and judges; ``slots`` change when comments are delivered, which a replay does not do."""


@pytest.mark.parametrize("stand", ["datacenter"], indirect=True)
def test_the_store_after_a_replay_is_the_redacted_store_after_the_run(stand: Stand, tmp_path: Path) -> None:
    record(stand, tmp_path / "first")
    usual_day(stand.world)
    record(stand, tmp_path / "later")
    # addresses are named anew in each recording, so both stores are compared with one name for all of them
    level = Redaction(secrets=frozenset(), salt=b"test")
    live = database.opened(f"sqlite:///{tmp_path / 'tandem.db'}")
    copy_redacted(live, tmp_path / "live.db", level)
    live.dispose()
    wanted = rows_of(tmp_path / "live.db", KEPT)
    with replayed(tmp_path / "later") as (_, engine):
        got = rows_in(engine, KEPT)

    def levelled(rows):
        """Names of people are of each recording, and what tells one log-in from another is of the live run and of the replay."""
        patterns = (r"(person)-[0-9a-f]{12}", r"('token', ')[0-9a-f]{16}")
        return {
            name: {reduce(lambda row, p: re.sub(p, r"\1", row), patterns, row) for row in found}
            for name, found in rows.items()
        }

    got, wanted = levelled(got), levelled(wanted)
    assert sum(map(len, wanted.values())) > 1000
    for name in KEPT:
        # a digest is over the pseudonyms of its own recording
        assert without_digests(got[name], wanted[name]) == (set(), set()), name


def without_digests(got: set[str], wanted: set[str]) -> tuple[set[str], set[str]]:
    def plain(rows: set[str]) -> set[str]:
        return {re.sub(r"'[0-9a-f]{24}', ", "", row) if "person@" in row else row for row in rows}

    return plain(got) - plain(wanted), plain(wanted) - plain(got)


@pytest.mark.parametrize("is_graphql_on", [True, False])
def test_a_recorded_pull_is_judged_by_the_replay(stand: Stand, tmp_path: Path, is_graphql_on: bool) -> None:
    assert stand.options.settings
    sources = stand.options.settings.sources
    gitlab = sources["gitlab"].model_copy(update={"graphql": is_graphql_on})
    stand.with_settings(sources={**sources, "gitlab": gitlab})
    record(stand, tmp_path / "kept", "pull")
    assert stand.world.sandbox.requests.count("POST /api/graphql") == 6 * is_graphql_on
    found = stand.json("replay", str(tmp_path / "kept"))
    assert found["is_same"] is True
    assert found["plan"]["counts"]["create"] > 5
    assert stand.own_comments() == {}


def test_a_replay_judges_by_another_mapping_where_one_is_given(stand: Stand, tmp_path: Path) -> None:
    record(stand, tmp_path / "kept")
    other = tmp_path / "other.yaml"
    text = (tmp_path / "kept" / "mapping.yaml").read_text(encoding="utf-8")
    other.write_text(text.replace("enabled: true", "enabled: false"), encoding="utf-8")
    found = stand.json("replay", str(tmp_path / "kept"), "--mapping", str(other))
    assert (found["is_same"], found["plan"]["is_write_enabled"]) == (None, False)


def test_a_recording_that_lacks_an_answer_says_which_and_exits_with_one(stand: Stand, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    record(stand, folder)
    lines = (folder / "exchange-0001.jsonl").read_text().splitlines(keepends=True)
    lost = next(line for line in lines if "/versions" in line or "/version" in line)
    (folder / "exchange-0001.jsonl").write_text("".join(line for line in lines if line != lost))
    code, text, _ = stand.run("replay", str(folder))
    assert code == 1
    assert json.loads(lost)["target"].partition("?")[0] in text.replace("\n", "")
    assert "Recorded by Tandem" in text


def test_a_killed_run_leaves_a_recording_up_to_its_last_exchange(stand: Stand, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    record(stand, folder)
    held = manifest(folder)
    for name in ("judged_at", "plan_basis", "is_as_live", "run_id"):
        held[name] = None
    (folder / "manifest.json").write_text(json.dumps(held | {"exchanges": 0, "unread": []}))
    lines = (folder / "exchange-0001.jsonl").read_text().splitlines(keepends=True)
    (folder / "exchange-0001.jsonl").write_text("".join(lines[:-40]) + lines[-40][:50])
    code, text, errors = stand.run("replay", str(folder))
    assert code == 0, errors
    assert "did not come to its end" in text


def test_a_folder_that_is_not_empty_is_refused_before_anything_is_contacted(
    stand: Stand, tmp_path: Path
) -> None:
    code, _, errors = stand.run("sync", "--record", str(tmp_path))
    assert (code, stand.world.sandbox.requests) == (4, [])
    assert "is not empty" in errors


def test_what_is_no_recording_is_refused(stand: Stand, tmp_path: Path) -> None:
    code, _, errors = stand.run("replay", str(tmp_path / "nothing"))
    assert code == 4
    assert "a recording?" in errors


def test_only_the_owner_may_look_into_the_folder(stand: Stand, tmp_path: Path) -> None:
    record(stand, tmp_path / "kept")
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    assert {file.name for file in (tmp_path / "kept").iterdir()} == {
        "README.txt",
        "before.db",
        "exchange-0001.jsonl",
        "manifest.json",
        "mapping.yaml",
    }
