"""Pool: workers of the queue as real processes over one bench, of which any may be ended at any moment."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

from sqlalchemy import Engine, select

from sync.app import App, mapping_of
from sync.queue import rounds, schema
from sync.store import database, ticks
from sync.store.tables import leases
from sync.store.ticks import Tick
from tests.faults.outside import Outside

_LONGEST_S = 600.0
STALLED_S = 5
"""Seconds after which a worker that gives no sign is taken for dead."""


@dataclass
class Pool:
    """So many workers. ``text`` is what ended ones have said."""

    outside: Outside
    engine: Engine
    workers: list[subprocess.Popen[str]] = field(default_factory=list)
    text: str = ""

    def start(self) -> None:
        """One more worker."""
        self.workers.append(self.outside.start("worker", "--queue"))

    def app(self) -> App:
        """The application as a worker has it."""
        settings = self.outside.bench.settings
        mapping = mapping_of(settings)
        return App(settings=settings, mapping=mapping, engine=self.engine, now=lambda: datetime.now(UTC))

    def begin(self) -> Tick:
        """A tick, as a worker begins one when it is due."""
        tick = rounds.begin(self.app())
        assert tick is not None
        return tick

    def is_over(self, tick: Tick) -> bool:
        """True once the tick has ended."""
        with self.engine.connect() as connection:
            now = ticks.tick_of(connection, tick.id)
        return now is None or now.finished_at is not None

    def await_end(self, tick: Tick) -> Tick:
        """The tick once it has ended."""
        last = time.monotonic() + _LONGEST_S
        while not self.is_over(tick):
            assert time.monotonic() < last, self._state(tick)
            time.sleep(0.05)
        with self.engine.connect() as connection:
            found = ticks.tick_of(connection, tick.id)
        assert found is not None
        return found

    def _state(self, tick: Tick) -> str:
        with self.engine.connect() as connection:
            left = [p for p in ticks.parts_of(connection, tick.id) if p.state != ticks.DONE]
        self.end()
        return f"the tick does not end: {left}\n{self.text[-3000:]}"

    def kill_one(self, tick: Tick, chance: Random) -> bool:
        """Kill a worker after some more requests, most often one that is at work; false where the tick was over before."""
        journal = self.outside.bench.journal
        wanted = len(journal) + chance.randrange(60)
        while len(journal) < wanted:
            if self.is_over(tick):
                return False
            time.sleep(0.002)
        time.sleep(chance.random() * 0.05)
        victim = self._at_work(chance) if chance.random() < 0.8 else None
        victim = victim or chance.choice(self.workers)
        victim.send_signal(signal.SIGKILL)
        self._note_end(victim)
        return True

    def _at_work(self, chance: Random) -> subprocess.Popen[str] | None:
        with self.engine.connect() as connection:
            holders = connection.execute(
                select(leases.c.holder).where(leases.c.name.startswith("part:"))
            ).scalars()
            pids = {int(holder.partition(",")[0].split()[1]) for holder in holders}
        busy = [worker for worker in self.workers if worker.pid in pids]
        return chance.choice(busy) if busy else None

    def _note_end(self, worker: subprocess.Popen[str]) -> None:
        text, _ = worker.communicate(timeout=60)
        self.text += text
        self.workers.remove(worker)

    def end(self) -> list[int]:
        """Ask all workers to end; returns their exit codes."""
        ended = list(self.workers)
        for worker in ended:
            worker.send_signal(signal.SIGTERM)
        for worker in ended:
            self._note_end(worker)
        return [worker.returncode for worker in ended]


@contextmanager
def pool_of(outside: Outside, number: int) -> Iterator[Pool]:
    """So many workers, which have done their first tick."""
    engine = database.opened(outside.bench.settings.database)
    database.upgrade(engine)
    schema.prepare(engine)
    pool = Pool(outside=outside, engine=engine)
    try:
        tick = pool.begin()
        for _ in range(number):
            pool.start()
        pool.await_end(tick)
        yield pool
    finally:
        pool.end()
        engine.dispose()


def patient(outside: Outside) -> Outside:
    """The same whose workers are soon taken for dead."""
    return replace(outside, extra={"TANDEM_QUEUE_STALLED_S": str(STALLED_S)})
