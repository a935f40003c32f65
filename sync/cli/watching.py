"""Progress of a run on stderr: a bar per stream while pages land, a line of deliveries; and the signals that end it at a safe place."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.progress import Progress, TaskID

from sync.cli.output import progress_bars
from sync.engine.deliver import Delivered
from sync.engine.pull import Landed
from sync.engine.run import Watch
from sync.stopping import StopSignal, listening


class _Bars:
    """One bar per stream of a source; how much there is to read is not known beforehand, so a bar pulses and counts."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._counts: dict[str, int] = {}

    def landed(self, page: Landed) -> None:
        self._count(f"{page.scope.source} {page.scope.stream}", len(page.kinds), "records")

    def delivered(self, _: Delivered) -> None:
        self._count("writing", 1, "deliveries")

    def _count(self, name: str, more: int, unit: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(f"{name:<24}", total=None, note="")
        self._counts[name] = self._counts.get(name, 0) + more
        self._progress.update(self._tasks[name], note=f"{self._counts[name]} {unit}")


@contextmanager
def watching() -> Iterator[Watch]:
    """A watch that draws on stderr. SIGTERM, SIGHUP and Ctrl-C end its run at the next safe place, with StopRequestedError."""
    stop = StopSignal()
    with listening(stop, told=_say_stopping), progress_bars() as progress:
        bars = _Bars(progress)
        yield Watch(landed=bars.landed, delivered=bars.delivered, check=stop.check)


def _say_stopping(number: int) -> None:
    with suppress(OSError):  # a terminal that was closed takes no more text
        os.write(
            2,
            f"{signal.Signals(number).name}: ending at the next safe place; once more ends at once\n".encode(),
        )
