"""TODO comments in files: read where the mapping allows it, kept as marks alone, and gone when they are gone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from stand import Stand

from connectors.sandbox.world import edits
from connectors.sandbox.world.commits import Written
from connectors.sandbox.world.people import BY_LOGIN

GATEWAY = 201
CODE = "longer frames come from drivers"
"""What a comment says that is no mark, in every file."""


def commit(stand: Stand, path: str, text: str | None) -> None:
    """A commit on main that changes, or with None removes, a file of the line gateway."""
    stand.world.clock.advance(timedelta(minutes=20))
    files = stand.world.sandbox.gitlab.files[GATEWAY]
    files.pop(path) if text is None else files.update({path: text.encode()})
    written = Written(message="Tidy", author=BY_LOGIN["chen.jie"], at=stand.world.clock.now())
    edits.land(stand.world, GATEWAY, written)


def l04(stand: Stand) -> set[str]:
    return {subject for rule, _, subject in stand.drift() if rule == "L04"}


def files_in(requests: list[str]) -> list[str]:
    return [line for line in requests if "/repository/tree" in line or "/repository/blobs/" in line]


def test_marks_are_kept_and_files_are_not(stand: Stand, tmp_path: Path) -> None:
    asked = files_in(stand.requests_of("sync", "--record", str(tmp_path / "run")))
    assert {line.partition("/repository")[0].rpartition("/")[2] for line in asked} == {"201", "211"}
    store = b"".join(file.read_bytes() for file in tmp_path.glob("tandem.db*"))
    recorded = b"".join(file.read_bytes() for file in (tmp_path / "run").iterdir())
    listed = stand.json("debt", "candidates")
    assert {t["path"] for t in listed["todos"]} == {
        "src/session/pool.py",
        "src/telemetry/routes.py",
        "src/decision/state.py",
        "src/rules/routes.py",
    }
    assert CODE.encode() not in store + recorded
    assert stand.run("replay", str(tmp_path / "run"))[0] == 0


def test_a_mark_that_comes_and_goes_is_found_and_cleared_and_quiet_runs_ask_for_no_file(
    synced: Stand,
) -> None:
    before = l04(synced)
    assert files_in(synced.requests_of("sync")) == []
    path = "src/session/state.py"
    text = synced.world.sandbox.gitlab.files[GATEWAY][path].decode()
    commit(synced, path, text + "# TODO IMP-9990: who knows\n")
    assert len(files_in(synced.requests_of("sync"))) == 3
    (new,) = l04(synced) - before
    assert new.startswith(f"gitlab:todo:{GATEWAY}/{path}/")
    commit(synced, path, text)
    synced.run("sync")
    assert l04(synced) == before
    commit(synced, "src/session/pool.py", None)
    synced.run("sync")
    assert len(before - l04(synced)) == 1
