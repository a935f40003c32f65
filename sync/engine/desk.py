"""Desk: the deliveries of one run on their way side by side. Threads ask; the calling thread begins, grants and ends them, what came up meanwhile in one transaction.

A delivery halts where it is about to write, and where it wants to look at something that can be asked together with what others want to look at. What goes to
one issue is sent in the order of the outbox, one after the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import Connection

from connectors.commands import Receipt, Slot
from connectors.errors import FatalError, TandemError
from connectors.port import Ahead, Look, Sink, Write
from sync.engine.crew import Crew, Errand, Told
from sync.engine.desk_queues import Gathering, IssueQueues, Kind
from sync.engine.outcomes import CLOSING, GONE, Attempt, Delivered, Outcome, Post, begun, ended, granted, told
from sync.engine.threads import crew_of
from sync.store import lease
from sync.store.outbox import Delivery

_PER_WORKER = 4
"""As many deliveries are on their way for each thread; most wait for the store, or to be looked at together."""
_MOST_SILENT_S = 60.0
"""Seconds without a transaction: much less than a lease lasts."""

_STOPPED = "the run was stopped"

Brought: TypeAlias = Write | Look | Receipt | Mapping[Look, object]


class Desk:
    """The deliveries ``waiting``, oldest first, with what is known to stand in each place. Used once."""

    def __init__(
        self,
        post: Post,
        waiting: Sequence[Delivery],
        receipts: Mapping[tuple[Slot, str], Receipt],
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """``seconds`` is a clock that never goes back."""
        self._post = post
        self._receipts = receipts
        self._seconds = seconds
        self._stored_at = seconds()
        self._places = {delivery.id: place for place, delivery in enumerate(waiting)}
        self._queues = IssueQueues(waiting)
        self._most = 1 if post.workers == 1 else _PER_WORKER * post.workers
        self._looks: Gathering[Attempt] = Gathering()
        self._under_way: set[Attempt] = set()
        self._brought: dict[Attempt | Kind, Brought] = {}
        self._writing: list[Attempt] = []
        self._refused: list[tuple[Attempt, FatalError]] = []
        self._over: list[tuple[Attempt, Outcome]] = []
        self._found: list[Delivered] = []
        self._closed: dict[str, FatalError] = {}
        self._stop: Exception | None = None

    def all_ended(self) -> tuple[Delivered, ...]:
        """Deliver, and how each ended, in the order of ``waiting``. Raises what ``tick`` raised, once what has begun to write has come to its end."""
        crew: Crew[Attempt | Kind, Brought] = crew_of(
            self._post.workers, tick=self._wait, abandon=self._post.abandon
        )
        with crew:
            while True:
                self._go_on(crew)
                if not crew.is_idle:
                    for one in crew.heard():
                        self._hear(crew, one)
                elif self._stop or not self._queues.has_next:
                    break
        if self._stop:
            raise self._stop
        return tuple(sorted(self._found, key=lambda found: self._places[found.delivery.id]))

    # what threads tell

    def _hear(self, crew: Crew[Attempt | Kind, Brought], one: Told[Attempt | Kind, Brought]) -> None:
        if one.found is not None:
            self._brought[one.name] = one.found
            return
        brought: Any = one.error or self._brought.pop(one.name)
        if isinstance(one.name, Attempt):
            self._halted(one.name, brought)
        else:
            self._answer(crew, one.name, brought)

    def _halted(self, attempt: Attempt, at: Write | Look | Receipt | TandemError) -> None:
        if isinstance(at, Write):
            self._writing.append(attempt)
        elif isinstance(at, Look):
            self._looks.add(attempt.source, at, attempt)
        elif isinstance(at, CLOSING) and attempt.source in self._closed:
            self._over.append((attempt, _asked_no_more(attempt.source)))
        else:
            self._over.append((attempt, at))
            if isinstance(at, CLOSING):
                self._closed[attempt.source] = at

    def _answer(
        self, crew: Crew[Attempt | Kind, Brought], kind: Kind, told_of: Mapping[Look, object] | TandemError
    ) -> None:
        """Let all who waited for a look go on, each with its answer; an error is everyone's."""
        for look, attempt in self._looks.answered(kind):
            if isinstance(told_of, TandemError):
                crew.give(_errand(attempt, partial(attempt.steps.throw, told_of)))
            else:
                crew.give(_errand(attempt, partial(attempt.steps.send, told_of.get(look))))

    # what the calling thread does

    def _go_on(self, crew: Crew[Attempt | Kind, Brought]) -> None:
        """Store what has come up, in one transaction, then have the crew go on with all that may."""
        for attempt in self._stored(self._beginning()):
            crew.give(_errand(attempt, partial(attempt.steps.send, None)))
        for attempt, reason in self._refused:
            crew.give(_errand(attempt, partial(attempt.steps.throw, reason)))
        self._refused.clear()
        for kind, looks in self._looks.asked():
            if closed := self._closed.get(kind[0]):
                self._answer(crew, kind, closed)
            else:
                crew.give(Errand(name=kind, steps=partial(_looked_up, self._post.sinks[kind[0]], looks)))

    def _beginning(self) -> list[Delivery]:
        """The deliveries to begin now, none after a stop; those to a closed site end here."""
        beginning: list[Delivery] = []
        room = self._most - len(self._under_way) + len(self._over)
        if self._queues.has_next and room > 0:
            self._tick()
        while not self._stop and self._queues.has_next and len(beginning) < room:
            delivery = self._queues.taken()
            source = delivery.command.slot.source
            if source in self._closed:
                self._end(Delivered(delivery=delivery, put_off=_asked_no_more(source)))
            else:
                beginning.append(delivery)
        return beginning

    def _stored(self, beginning: Sequence[Delivery]) -> list[Attempt]:
        """One transaction for what is over, what wants to write and what begins; those that may go on."""
        writing = self._may_write()
        if not (writing or self._over or beginning):
            return []
        names = [lease.slot_name(one.command.slot) for one in beginning]
        with self._post.engine.begin() as connection:
            # before any row of our own is locked: else two that want each other's slots wait for each other
            taken = lease.take_each(connection, names, now=self._post.now())
            self._hold(connection)
            going_on = granted(connection, writing)
            over = [*self._over, *((attempt, GONE) for attempt in writing if attempt not in going_on)]
            found = ended(self._post, connection, over)
            made = begun(self._post, connection, beginning, self._receipts, taken=taken)
        self._over.clear()
        self._under_way.difference_update(attempt for attempt, _ in over)
        begun_now = [one for one in made if isinstance(one, Attempt)]
        self._under_way.update(begun_now)
        for one in (*found, *(one for one in made if isinstance(one, Delivered))):
            self._end(one)
        return going_on + begun_now

    def _may_write(self) -> list[Attempt]:
        """Those that may write, of all that want to: after a stop, or to a closed site, none begins to; one that has written learns that its site is closed."""
        may: list[Attempt] = []
        writing, self._writing = self._writing, []
        for attempt in writing:
            error = self._closed.get(attempt.source)
            if error is None and (attempt.writes or not self._stop):
                may.append(attempt)
            elif error and attempt.writes:
                self._refused.append((attempt, error))
            else:
                self._over.append((attempt, _asked_no_more(attempt.source) if error else _STOPPED))
        return may

    def _hold(self, connection: Connection) -> None:
        """Hold all leases for another term, in the caller's transaction. Raises LeaseLostError."""
        self._post.guard(connection)
        lease.hold(connection, (attempt.held for attempt in self._under_way), now=self._post.now())
        self._stored_at = self._seconds()

    def _end(self, found: Delivered) -> None:
        self._found.append(found)
        self._queues.done(found.delivery)
        told(self._post, found)

    def _tick(self) -> None:
        """Tick; what it raises, but for errors of our own store, ends the run once all that has begun to write has ended."""
        if self._stop:
            return
        try:
            self._post.tick()
        except TandemError:
            raise
        except Exception as error:  # noqa: BLE001  # raised again at the end
            self._stop = error

    def _wait(self) -> None:
        """While answers are waited for: tick, and hold the leases where they were not held for long."""
        self._tick()
        if self._seconds() - self._stored_at >= _MOST_SILENT_S:
            with self._post.engine.begin() as connection:
                self._hold(connection)


def _errand(attempt: Attempt, go_on: Callable[[], Write | Look]) -> Errand[Attempt | Kind, Brought]:
    """Take an attempt from one halt to the next, or to its end."""

    def steps(_: Ahead) -> Iterator[Brought]:
        try:
            at: Brought = go_on()
        except StopIteration as over:
            at = over.value
        yield at

    return Errand(name=attempt, steps=steps)


def _looked_up(sink: Sink, looks: Sequence[Look], _: Ahead) -> Iterator[Brought]:
    yield sink.look_up(looks)


def _asked_no_more(source: str) -> str:
    return f"{source} is asked no more in this run"
