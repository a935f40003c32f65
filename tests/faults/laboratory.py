"""Laboratory: companies and stores ready for a trial, made once per process and copied for each."""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from connectors.sandbox.world.truth import Company, Flavour
from sync.store import database as store
from sync.store.copy import copied
from sync.store.tables import metadata
from tests import postgres
from tests.faults.bench import Bench, Ports, bench_over, copy_of
from tests.faults.reference import References
from tests.faults.small import small

DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which company: its product and the instant at which it begins."""

    flavour: Flavour
    anchor: datetime


@dataclass
class Laboratory:
    """What trials share. All worlds are served on the same two ports, because records hold addresses."""

    folder: Path
    ports: Ports = field(default_factory=lambda: Ports(jira=free_port(1), gitlab=free_port(2)))
    worlds: dict[Which, Company] = field(default_factory=dict)
    synced: dict[Which, tuple[Company, Path]] = field(default_factory=dict)
    trials: int = 0
    today: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __post_init__(self) -> None:
        self.references = References(self.folder / "references")

    @contextlib.contextmanager
    def bench(self, which: Which, *, database: str, run: str) -> Iterator[Bench]:
        """A bench before its ``first`` run, or before a ``later`` one, over a fresh store of that kind."""
        self.trials += 1
        folder = self.folder / str(self.trials)
        world, kept = self._after_first(which) if run == "later" else (self._world(which), None)
        with (
            fresh_store(database, folder, kept) as url,
            bench_over(copy_of(world), folder, url, self.ports) as it,
        ):
            yield it
        shutil.rmtree(folder)

    def empty(self, url: str) -> None:
        """Take everything out of a store."""
        engine = store.opened(url)
        try:
            with engine.begin() as connection:
                for table in reversed(metadata.sorted_tables):
                    connection.execute(table.delete())
        finally:
            engine.dispose()

    def _world(self, which: Which) -> Company:
        if which not in self.worlds:
            self.worlds[which] = small(which.anchor, flavour=which.flavour)
        return self.worlds[which]

    def _after_first(self, which: Which) -> tuple[Company, Path]:
        """The world and the store's file after two runs, of which the second wrote nothing."""
        if which not in self.synced:
            folder = self.folder / f"after {len(self.synced)}"
            file, world = folder / "tandem.db", copy_of(self._world(which))
            with bench_over(world, folder, f"sqlite:///{file}", self.ports) as bench:
                for _ in range(2):
                    ran = bench.run("sync")
                    assert ran.code == 0, ran.err + ran.out + ran.trace
            self.synced[which] = (copy_of(world), file)
        return self.synced[which]


@contextlib.contextmanager
def fresh_store(kind: str, folder: Path, kept: Path | None) -> Iterator[str]:
    """The URL of a store that holds what the file ``kept`` holds, or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        file = folder / "tandem.db"
        if kept:
            shutil.copyfile(kept, file)
        yield f"sqlite:///{file}"
        return
    if not postgres.is_installed():
        pytest.skip("the PostgreSQL wheel is not installed")
    with postgres.server().database() as url:
        if kept:
            _fill(f"sqlite:///{kept}", url)
        yield url


def _fill(origin_url: str, goal_url: str) -> None:
    origin, goal = store.opened(origin_url), store.opened(goal_url)
    try:
        store.upgrade(goal)
        copied(origin, goal)
    finally:
        origin.dispose()
        goal.dispose()


def free_port(salt: int) -> int:
    """A port that nobody listens on, outside the range from which systems give ports to outgoing connections."""
    chance = Random(f"{salt} {id(object())} {datetime.now().timestamp()}")  # noqa: DTZ005  # a seed, not a time
    while True:
        port = chance.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
