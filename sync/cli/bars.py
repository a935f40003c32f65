"""Progress bars on a terminal: one per stream while pages land, and one for deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from sync.cli.output import err
from sync.engine.deliver import Delivered
from sync.engine.pull import Landed


class Bars:
    """One bar per stream of a source; how much there is to read is not known beforehand, so a bar pulses and counts."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._counts: dict[str, int] = {}

    def landed(self, page: Landed) -> None:
        """Count the records of a page."""
        self._count(f"{page.scope.source} {page.scope.stream}", len(page.kinds), "records")

    def delivered(self, _: Delivered) -> None:
        """Count a delivery."""
        self._count("writing", 1, "deliveries")

    def _count(self, name: str, more: int, unit: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(f"{name:<24}", total=None, note="")
        self._counts[name] = self._counts.get(name, 0) + more
        self._progress.update(self._tasks[name], note=f"{self._counts[name]} {unit}")


@contextmanager
def bars() -> Iterator[Bars]:
    """Bars on stderr, which go away at the end."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err(), transient=True) as progress:
        yield Bars(progress)
