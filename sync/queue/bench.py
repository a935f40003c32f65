"""Bench: what one worker works at one part with: the application, the tick, its log-ins, and the leases under which it stores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from connectors.errors import TandemError
from connectors.port import Connector
from sync.app import App
from sync.engine.job import Job, Watch
from sync.engine.run import Work
from sync.engine.tally import Tally
from sync.logs import log
from sync.queue.sites import Sites
from sync.store.lease import Lease
from sync.store.progress import Run
from sync.store.ticks import Part, Tick


class Bench(Struct, frozen=True, kw_only=True):
    """One part's work. ``lease`` is the part's own: who was taken for dead and wakes up again has lost it. ``check`` may raise to end the work at a safe place."""

    app: App
    sites: Sites
    tick: Tick
    part: Part
    lease: Lease
    check: Callable[[], None] = lambda: None
    tally: Tally = field(default_factory=lambda: Tally(Watch()))

    def work(self) -> Work:
        """The engine's work under this part's leases, in the tick's run. All times of reading are those of the tick's beginning."""
        connectors = self.sites.of(self.app, self.tick.id)
        run = Run(id=self.tick.run_id, command="worker", started_at=self.tick.started_at)
        held = (*self.tick.leases, self.lease)
        return Work(job=self._job(connectors), run=run, held=held, tally=self.tally)

    def connector(self) -> Connector:
        """The log-in to the part's source."""
        self.sites.of(self.app, self.tick.id)
        return self.sites.connected(self.part.source)

    def reached(self) -> tuple[Connector, ...]:
        """All connectors, logged in as far as the sites answer and are not closed."""
        connectors = self.sites.of(self.app, self.tick.id)
        closed = dict(self.tick.closed)
        for connector in (c for c in connectors if c.source not in closed):
            try:
                self.sites.connected(connector.source)
            except TandemError as error:
                log().warning("site_unreachable", source=connector.source, reason=str(error))
        return connectors

    def _job(self, connectors: tuple[Connector, ...]) -> Job:
        """As the settings want it, but that every partition is asked: what one worker's log-in was told of activity, another's does not know.

        A part's deliveries go one after the other; those of other parts at the same time, by other workers.
        """
        job = self.app.job("worker", connectors)
        watch = Watch(check=self.check)
        return replace(job, run_id=self.tick.run_id, max_age=timedelta(0), writers=1, watch=watch)


class Done(Struct, frozen=True, kw_only=True):
    """What came of a part: ``content`` is kept in its place, ``more`` are parts that follow from it, ``trouble`` is what went wrong, in words.

    ``again`` is why it is to be tried again, ``closes`` why nothing more is to be asked of its source, ``failed`` why nothing is known of what it was to read. A
    ``defect`` is an error of our own.
    """

    content: tuple[object, ...] | None = None
    more: tuple[Part, ...] = ()
    trouble: str = ""
    writes: int = 0
    again: TandemError | None = None
    closes: TandemError | None = None
    failed: TandemError | None = None
    defect: Exception | None = None
