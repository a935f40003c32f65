"""Clock: the sandbox's own time. It starts at the anchor, moves when it is told to, and runs with real time where that is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Clock:
    """Time inside the sandbox, in UTC. ``now`` is a plain callable, so it fits ``JiraState.clock`` and ``GitlabState.clock``."""

    def __init__(self, anchor: datetime) -> None:
        self._at = anchor
        self._monotonic: Callable[[], float] | None = None
        self._started_s = 0.0

    def now(self) -> datetime:
        """The instant that both servers believe in."""
        if self._monotonic is None:
            return self._at
        return self._at + timedelta(seconds=self._monotonic() - self._started_s)

    def advance(self, by: timedelta) -> datetime:
        """Move on by ``by`` and return the new instant; ``ValueError`` for a step back."""
        if by < timedelta(0):
            raise ValueError("the sandbox's clock goes forward only")
        self._at += by
        return self.now()

    def run(self, monotonic: Callable[[], float]) -> None:
        """From now on move with real time as ``monotonic`` (seconds, any origin) tells. Calling it again changes nothing that passed."""
        self._at = self.now()
        self._started_s = monotonic()
        self._monotonic = monotonic
