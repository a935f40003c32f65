"""Watching a run: its progress where a terminal shows it, and the signals that end it at a safe place."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sync.cli.output import err
from sync.engine.run import Watch
from sync.stopping import StopSignal, listening


@contextmanager
def watching() -> Iterator[Watch]:
    """A watch that draws on stderr where that is a terminal. SIGTERM, SIGHUP and Ctrl-C end its run at the next safe place, with StopRequestedError."""
    stop = StopSignal()
    with listening(stop, told=_say_stopping):
        if not err().is_terminal:
            yield Watch(check=stop.check)
            return
        from sync.cli.bars import bars  # noqa: PLC0415  # what draws is loaded only where somebody looks on

        with bars() as drawn:
            yield Watch(landed=drawn.landed, delivered=drawn.delivered, check=stop.check)


def _say_stopping(number: int) -> None:
    with suppress(OSError):  # a terminal that was closed takes no more text
        os.write(
            2,
            f"{signal.Signals(number).name}: ending at the next safe place; once more ends at once\n".encode(),
        )
