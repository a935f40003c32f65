"""Stopping: SIGTERM, SIGHUP and Ctrl-C end a run at its next safe place, between two transactions; a second one ends it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class StopRequestedError(Exception):
    """The run was asked to stop. Not a TandemError: nothing failed, and nobody on the way up shall take it for a failed scope."""

    def __init__(self, number: int = signal.SIGTERM) -> None:
        self.number = number
        super().__init__(f"stopped by {signal.Signals(number).name}")


class StopSignal:
    """Set once the stop was asked for; ``check`` then ends the present step."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.number: int = signal.SIGTERM

    def set(self, number: int = signal.SIGTERM) -> None:
        """Ask for the stop, by a signal's number."""
        self.number = number
        self._event.set()

    @property
    def is_set(self) -> bool:
        """True once the stop was asked for."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise StopRequestedError if the stop was asked for."""
        if self._event.is_set():
            raise StopRequestedError(self.number)


class StoppedAtOnce(KeyboardInterrupt):  # it ends what KeyboardInterrupt ends, and is no error
    """The second signal: the step under way is given up, its transaction with it."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"stopped at once by {signal.Signals(number).name}")


@contextmanager
def listening(stop: StopSignal, *, told: Callable[[int], None] = lambda _: None) -> Iterator[None]:
    """Within, the first signal sets ``stop`` and calls ``told`` with its number; the second raises StoppedAtOnce; a third is left to the system.

    A signal that the process was started to ignore (nohup) stays ignored. Does nothing outside the main thread, where no signal arrives.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {n: h for n in _SIGNALS if (h := signal.getsignal(n)) not in {signal.SIG_IGN, None}}

    def on_signal(number: int, _: FrameType | None) -> None:
        if stop.is_set:
            for each in before:
                signal.signal(each, signal.SIG_DFL)
            raise StoppedAtOnce(number)
        stop.set(number)
        told(number)

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
