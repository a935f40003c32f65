"""Threads: a crew of several that ask side by side, held up by a slow hearer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Generic, TypeVar

from sync.engine.ahead import ahead_of
from sync.engine.crew import Alone, Crew, Errand, Told, step
from sync.logs import log

N = TypeVar("N")
T = TypeVar("T")
R = TypeVar("R")

_GLANCE_S = 0.2
"""Seconds after which the calling thread looks up from waiting, for it may have been asked to stop."""
_PATIENCE_S = 5.0
"""Seconds for which the end of what is being asked is waited for once nobody wants the answer; its thread ends by itself later."""


def crew_of(
    workers: int, *, tick: Callable[[], None] = lambda: None, abandon: Callable[[], None] = lambda: None
) -> Crew[N, T]:
    """A crew of so many threads; of one, the calling thread itself, which asks for nothing before what it was told last is dealt with.

    ``tick`` is called now and then while the calling thread waits, and may raise. ``abandon`` is called where the block ends with an exception, and makes what is
    being asked end soon.
    """
    return Alone() if workers == 1 else Threads(workers, tick=tick, abandon=abandon)


class Threads(Generic[N, T]):
    """Threads of their own, begun as they are needed.

    Each takes a step only where there is room for what it will be told: at most two for each thread are being asked or wait to be heard. So a slow store holds
    the asking up, and memory does not grow.
    """

    def __init__(self, workers: int, *, tick: Callable[[], None], abandon: Callable[[], None]) -> None:
        self._workers = workers
        self._tick = tick
        self._abandon = abandon
        self._errands: queue.SimpleQueue[Errand[N, T] | Callable[[], None] | None] = queue.SimpleQueue()
        self._told: queue.SimpleQueue[Told[N, T] | BaseException] = queue.SimpleQueue()
        self._room = threading.Semaphore(2 * workers)
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._beginning = threading.Lock()  # held by who begins a thread, or says that it is over
        self._under_way = 0
        self._filled = 0  # what was heard last takes up room until more is asked for

    @property
    def has_room(self) -> bool:
        """True while fewer than two errands for each thread are under way: the second waits, so that no thread idles while the calling one is busy."""
        return self._under_way < 2 * self._workers

    @property
    def is_idle(self) -> bool:
        """True if every errand has ended."""
        return self._under_way == 0

    def give(self, errand: Errand[N, T]) -> None:
        """Have the next free thread run it."""
        self._under_way += 1
        self._errands.put(errand)
        if len(self._threads) < self._under_way:
            self._begin_one()

    def _begin_one(self) -> None:
        """Begin a thread, if there are not as many as there may be."""
        with self._beginning:
            if len(self._threads) >= self._workers or self._is_over.is_set():
                return
            thread = threading.Thread(target=self._work, name=f"asking {len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def heard(self) -> Sequence[Told[N, T]]:
        """Wait for what is told next, and take along what is there already; what was heard before makes room."""
        if self._filled:
            self._room.release(self._filled)
        heard = [self._next()]
        while not self._told.empty():  # nobody else takes anything out
            heard.append(self._next())
        self._filled = sum(told.found is not None for told in heard)
        self._under_way -= len(heard) - self._filled
        return heard

    def _next(self) -> Told[N, T]:
        while True:
            try:
                told = self._told.get(timeout=_GLANCE_S)
            except queue.Empty:
                self._tick()
                continue
            if isinstance(told, BaseException):
                raise told
            return told

    def __enter__(self) -> Threads[N, T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._beginning:
            self._is_over.set()
        self._room.release(2 * self._workers)
        for _ in self._threads:
            self._errands.put(None)
        if isinstance(error, Exception):
            self._abandon()
        if error is None or isinstance(
            error, Exception | GeneratorExit
        ):  # else the process is to end at once
            self._wait()

    def _wait(self) -> None:
        last = time.monotonic() + _PATIENCE_S
        for thread in self._threads:
            thread.join(max(0.0, last - time.monotonic()))
        if left := sum(thread.is_alive() for thread in self._threads):
            log().warning("answers_not_awaited", requests=left)

    def _work(self) -> None:
        while (wanted := self._errands.get()) is not None:
            if self._is_over.is_set():
                continue
            try:
                if isinstance(wanted, Errand):
                    self._run(wanted)
                else:
                    wanted()
            except BaseException as error:  # noqa: BLE001  # raised again in the calling thread, whatever it is
                self._told.put(error)

    def _run(self, errand: Errand[N, T]) -> None:
        steps = errand.steps(self._ahead)
        while True:
            self._room.acquire()
            if self._is_over.is_set():
                return
            told = step(errand, steps)
            if told.found is None:
                self._room.release()
            self._told.put(told)
            if told.found is None:
                return

    def _ahead(self, calls: Iterable[Callable[[], R]]) -> Iterator[Callable[[], R]]:
        """The calls, which threads that have nothing else to do run before their time; as many as there may be threads, which are begun for them."""
        return ahead_of(calls, offer=self._offer, most=self._workers)

    def _offer(self, call: Callable[[], None]) -> None:
        self._errands.put(call)
        self._begin_one()
