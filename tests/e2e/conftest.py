"""A company and the program pointed at it: anew for each test, or as one first sync left both.

Its product is the test's parameter, ``cloud`` where there is none. The company is a small one, which is read in a fraction of the time; ``full cloud`` is the whole one.
"""

from __future__ import annotations

import contextlib
import io
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace
from stand import ANCHOR, Stand, settings_for, standing

from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world import company
from connectors.sandbox.world.truth import Company, Flavour
from sync.cli.main import exit_status
from sync.cli.options import Options


@pytest.fixture
def stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> Iterator[Stand]:
    yield from standing(tmp_path, _company(getattr(request, "param", "cloud")), capsys)


@pytest.fixture
def synced(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
    after_first_sync: Callable[[str], Kept],
) -> Iterator[Stand]:
    """A stand whose first sync is over; a copy, so that each test may do with it as it likes."""
    kept = after_first_sync(getattr(request, "param", "cloud"))
    (tmp_path / "tandem.db").write_bytes(kept.store)
    yield from standing(tmp_path, kept.copy(), capsys)


def _company(which: str) -> Company:
    is_full, product = which.startswith("full "), which.removeprefix("full ")
    flavour: Flavour = "datacenter" if product == "datacenter" else "cloud"
    return company(ANCHOR, flavour=flavour, size="full" if is_full else "small")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A world and the store's file after one sync. ``moving`` is what of the world changes, its clock and its sandbox, as bytes: so it is copied in a third of the time."""

    world: Company
    moving: bytes
    store: bytes

    def copy(self) -> Company:
        """A world of its own."""
        clock, sandbox = pickle.loads(self.moving)  # of our own making
        return replace(self.world, clock=clock, sandbox=sandbox)


@pytest.fixture(scope="session")
def after_first_sync(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Kept]:
    """A function that gives what stands after the first sync of a company; made once per process."""
    made: dict[str, Kept] = {}

    def kept(which: str) -> Kept:
        if which not in made:
            made[which] = _synced_in(tmp_path_factory.mktemp("synced"), which)
        return made[which]

    return kept


def _synced_in(folder: Path, which: str) -> Kept:
    world = _company(which)
    with SandboxServer(world.sandbox) as server, contextlib.redirect_stdout(io.StringIO()):
        options = Options(settings=settings_for(folder, server, world), now=world.clock.now)
        assert exit_status(["sync"], options=options) == 0
    assert not (folder / "tandem.db-wal").exists()
    world.sandbox.requests.clear()
    moving = pickle.dumps((world.clock, world.sandbox))
    return Kept(world=world, moving=moving, store=(folder / "tandem.db").read_bytes())
