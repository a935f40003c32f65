"""Ahead: calls that others may run before their results are wanted; whoever wants one that nobody has begun runs it himself."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar

R = TypeVar("R")


class Call(Generic[R]):
    """One call, run once, by whoever is first."""

    def __init__(self, call: Callable[[], R]) -> None:
        self._call = call
        self._turn = threading.Lock()  # held for good by who runs it
        self._is_done = threading.Event()
        self._result: list[R] = []
        self._error: Exception | None = None

    def run(self) -> None:
        """Run it, unless somebody has begun to."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            self._result.append(self._call())
        except Exception as error:  # noqa: BLE001  # raised where the result is wanted
            self._error = error
        finally:
            self._is_done.set()

    def result(self) -> R:
        """What the call gave; raises what it raised."""
        self.run()
        self._is_done.wait()
        if self._error is not None:
            raise self._error
        return self._result.pop()


def ahead_of(
    calls: Iterable[Callable[[], R]], *, offer: Callable[[Callable[[], None]], None], most: int
) -> Iterator[Callable[[], R]]:
    """A function for each call that gives its result, once; ``most`` of those to come are on offer at a time, each as what runs it."""
    rest = iter(calls)
    offered: deque[Call[R]] = deque()
    while True:
        for call in islice(rest, most - len(offered)):
            offered.append(Call(call))
            offer(offered[-1].run)
        if not offered:
            return
        yield offered.popleft().result
