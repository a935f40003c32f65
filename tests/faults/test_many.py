"""Many deliveries on their way at once, over real sockets: whatever is cut, killed or started twice, each slot says what it shall, once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from connectors.commands import Announce
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Fault, Sandbox
from sync.store import database, outbox
from tests import postgres
from tests.faults.campaign import FLAVOURS, IS_WHOLE, share
from tests.faults.delivering import delivered, wish
from tests.many_slots import WRITES, commands_for, issue_ids, sandbox_of, standing

NUMBER = 100 if IS_WHOLE else 20
"""Slots, each on an issue of its own, with a property beside its comment."""
WORKERS = 16
_LOSSES = ("reset_after", "reset_during", "truncate", "cut_json", "bad_gzip", "short_length")
"""Answers that are lost after the request was carried out."""
_REFUSALS = ("reset_before", "status", "html", "empty")
"""Answers in place of the tool's, which carries nothing out."""
_READS = r"^(GET /rest/.*/issue/|POST /rest/.*/(comment/list|issue/bulkfetch))"
_MOST_RUNS = 4


@dataclass
class Place:
    """A Jira, where it listens, and a store."""

    sandbox: Sandbox
    jira_url: str
    database_url: str
    engine: Engine

    def deliver(self) -> None:
        """Without faults, until nothing waits."""
        self.sandbox.faults.clear()
        for _ in range(_MOST_RUNS):
            delivered(self.engine, self.jira_url, workers=WORKERS)

    def apart(self) -> subprocess.Popen[bytes]:
        """A process that delivers what waits."""
        code = ("-m", "tests.faults.delivering", self.database_url, self.jira_url, str(WORKERS))
        return subprocess.Popen([sys.executable, *code], cwd=Path(__file__).parents[2])

    def require_no_doubt_about_copies(self) -> None:
        """At any moment between two runs: a slot with more than one comment is one that the store is not sure of."""
        with self.engine.connect() as connection:
            unsure = {slot.issue_id for slot, _ in outbox.unsure_in(connection)}
        doubled = {id_ for id_, (found, _) in standing(self.sandbox.jira).items() if len(found) > 1}
        assert doubled <= unsure

    def require_said(self, digest: str) -> None:
        """Each issue bears exactly one comment of ours, and its property, and nothing waits."""
        assert standing(self.sandbox.jira) == {id_: ([digest], digest) for id_ in issue_ids(NUMBER)}
        with self.engine.connect() as connection:
            assert outbox.deliveries(connection, state=None) == ()


@contextmanager
def placed(url: str, flavour: str) -> Iterator[Place]:
    sandbox = sandbox_of(NUMBER, flavour)
    engine = database.opened(url)
    database.upgrade(engine)
    try:
        with SandboxServer(sandbox) as server:
            yield Place(sandbox=sandbox, jira_url=server.jira_url, database_url=url, engine=engine)
    finally:
        engine.dispose()


@contextmanager
def place(folder: Path, turn: int) -> Iterator[Place]:
    """Each turn another combination of product and database."""
    flavour = FLAVOURS[turn % 2]
    if turn // 2 % 2 == 0:
        with placed(f"sqlite:///{folder / 'tandem.db'}", flavour) as made:
            yield made
    elif not postgres.is_installed():
        pytest.skip("the PostgreSQL wheel is not installed")
    else:
        with postgres.server().database() as url, placed(url, flavour) as made:
            yield made


def faults(chance: Random, *, write_kinds: tuple[str, ...], read_kinds: tuple[str, ...] = ()) -> list[Fault]:
    """About every fifth write, and as many reads where there are kinds for them, are hit."""
    made = []
    for pattern, kinds in ((WRITES, write_kinds), (_READS, read_kinds)):
        skips = sorted(chance.sample(range(2 * NUMBER), NUMBER // 2)) if kinds else []
        made += [Fault(pattern=pattern, kind=chance.choice(kinds), skip=skip, status=502) for skip in skips]
    return made


def said(place: Place, digest: str, announce: Announce) -> None:
    wish(place.engine, commands_for(NUMBER, digest, announce=announce))


@pytest.mark.parametrize("announce", Announce)
@pytest.mark.parametrize("seed", range(share(40)))
def test_answers_that_are_cut_after_the_write_double_nothing(
    seed: int, announce: Announce, tmp_path: Path
) -> None:
    chance = Random(seed)
    with place(tmp_path, seed) as here:
        for digest in ("a" * 16, "b" * 16):
            said(here, digest, announce)
            here.sandbox.faults[:] = faults(chance, write_kinds=_LOSSES)
            delivered(here.engine, here.jira_url, workers=WORKERS)
            here.require_no_doubt_about_copies()
            here.deliver()
            here.require_said(digest)


@pytest.mark.parametrize("seed", range(share(40)))
def test_any_answer_can_be_lost_or_refused(seed: int, tmp_path: Path) -> None:
    chance = Random(1000 + seed)
    with place(tmp_path, seed) as here:
        for digest in ("a" * 16, "b" * 16, "c" * 16):
            said(here, digest, chance.choice(list(Announce)))
            kinds = (*_LOSSES, *_REFUSALS)
            here.sandbox.faults[:] = faults(chance, write_kinds=kinds, read_kinds=kinds)
            delivered(here.engine, here.jira_url, workers=WORKERS)
            here.require_no_doubt_about_copies()
        here.deliver()
        here.require_said("c" * 16)


@pytest.mark.process
@pytest.mark.parametrize("group", range(2))
def test_killed_with_many_on_their_way_the_next_run_completes_the_work(group: int, tmp_path: Path) -> None:
    chance, codes = Random(group), []
    with place(tmp_path, 3 * group) as here:
        for turn in range(share(40)):
            digest = f"{turn:016x}"
            said(here, digest, chance.choice(list(Announce)))
            process = here.apart()
            before, after = len(here.sandbox.requests), chance.randrange(4, 4 * NUMBER)
            while process.poll() is None and len(here.sandbox.requests) < before + after:
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
            codes.append(process.wait())
            time.sleep(0.2)  # what was sent is still carried out
            here.require_no_doubt_about_copies()
            here.deliver()
            here.require_said(digest)
    assert -signal.SIGKILL in codes


@pytest.mark.process
@pytest.mark.parametrize("group", range(2))
def test_two_that_deliver_at_once_write_each_thing_once(group: int, tmp_path: Path) -> None:
    """Without the lease of the site, which keeps whole runs apart: the lease of each slot is enough."""
    with place(tmp_path, 3 * group) as here:
        for turn in range(share(20)):
            digest = f"{turn:016x}"
            said(here, digest, Announce.SILENT)
            here.sandbox.requests.clear()
            both = [here.apart(), here.apart()]
            assert [process.wait() for process in both] == [0, 0]
            here.require_said(digest)
            writes = [line for line in here.sandbox.requests if _is_write(line)]
            assert len(writes) == len(set(writes)) == 2 * NUMBER


def _is_write(line: str) -> bool:
    method, _, target = line.partition(" ")
    return method in {"POST", "PUT", "DELETE"} and "/issue/" in target and "bulkfetch" not in target
