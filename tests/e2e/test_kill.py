"""Pull the plug at any moment: the next run completes the work, with exactly one comment per slot and no record lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world import company
from connectors.sandbox.world.truth import Company
from sync.store import database, records

ROUNDS = 10
"""Kills per group; the groups run side by side."""

pytestmark = pytest.mark.process


@dataclass
class Outside:
    """The program as a real process, pointed at the sandbox by its environment."""

    folder: Path
    server: SandboxServer

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TANDEM_MAPPING": str(self.folder / "tandem.yaml"),
            "TANDEM_DATABASE": f"sqlite:///{self.folder / 'tandem.db'}",
            "TANDEM_SOURCES__JIRA__URL": self.server.jira_url,
            "TANDEM_SOURCES__JIRA__TOKEN": "sandbox-jira-token",
            "TANDEM_SOURCES__GITLAB__URL": self.server.gitlab_url,
            "TANDEM_SOURCES__GITLAB__TOKEN": "sandbox-gitlab-token",
        }

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from sync.cli import main; main()", "sync"]
        return subprocess.Popen(
            command,
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def sync(self) -> tuple[int, str]:
        process = self.start()
        text, _ = process.communicate(timeout=120)
        return process.returncode, text

    def kill_after(self, seconds: float) -> bool:
        """True if the process was killed while it ran."""
        process = self.start()
        time.sleep(seconds)
        was_running = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
        return was_running

    def forget(self) -> None:
        """Begin with an empty store."""
        for file in self.folder.glob("tandem.db*"):
            file.unlink()

    def records(self) -> set[tuple[str, str]]:
        engine: Engine = database.opened(self.environment["TANDEM_DATABASE"])
        try:
            with engine.connect() as connection:
                return {(str(r.ref), r.id) for r in records.all_records(connection)}
        finally:
            engine.dispose()


def own_comments(world: Company) -> dict[str, int]:
    """Number of comments by Tandem's account, by issue id."""
    me = world.sandbox.jira.me["accountId"]
    counts = {
        i: sum(c["author"].get("accountId") == me for c in found)
        for i, found in world.sandbox.jira.comments.items()
    }
    return {i: n for i, n in counts.items() if n}


def remove_own_comments(world: Company) -> None:
    me = world.sandbox.jira.me["accountId"]
    for found in world.sandbox.jira.comments.values():
        found[:] = [c for c in found if c["author"].get("accountId") != me]


@pytest.fixture
def world() -> Company:
    made = company(datetime.now(UTC).replace(microsecond=0))
    made.clock.run(time.monotonic)
    return made


@pytest.fixture
def outside(tmp_path: Path, world: Company) -> Iterator[Outside]:
    (tmp_path / "tandem.yaml").write_text(world.mapping, encoding="utf-8")
    with SandboxServer(world.sandbox) as server:
        yield Outside(folder=tmp_path, server=server)


@pytest.mark.parametrize("group", range(5))
def test_killed_at_any_moment_the_next_run_completes_the_work(
    outside: Outside, world: Company, group: int
) -> None:
    began = time.monotonic()
    assert outside.sync()[0] == 0
    length = time.monotonic() - began
    expected, slots = outside.records(), own_comments(world)
    assert slots
    moments = random.Random(group)
    killed = 0
    for _ in range(ROUNDS):
        outside.forget()
        if (
            moments.random() < 0.5
        ):  # half of the rounds begin where nothing stands in Jira, half where everything does
            remove_own_comments(world)
            world.sandbox.jira.properties.clear()
        killed += outside.kill_after(moments.uniform(0.0, length))
        code, text = outside.sync()
        assert code == 0, text
        assert own_comments(world) == dict.fromkeys(slots, 1)
        assert outside.records() == expected
    assert killed >= ROUNDS * 0.6, "too few runs were really killed for this to say anything"


def test_two_started_together_are_one_writer(outside: Outside, world: Company) -> None:
    processes = [outside.start(), outside.start()]
    codes = sorted(p.wait(timeout=120) for p in processes)
    for process in processes:
        process.communicate()
    assert codes in ([0, 0], [0, 6]), codes
    assert set(own_comments(world).values()) == {1}
