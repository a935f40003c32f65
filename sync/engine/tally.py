"""Tally: what a run has read so far."""

from __future__ import annotations

from collections import Counter

from sync.engine.job import Watch
from sync.engine.pull import Landed


class Tally:
    """Counts what lands while it is shown to whoever watches."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.records = 0
        self.skipped = 0
        self.read: Counter[str] = Counter()

    def landed(self, page: Landed) -> None:
        """Count what landed, and pass it on."""
        self.read.update(page.kinds)
        self.records += page.changed
        self.skipped += page.skipped
        self._watch.landed(page)
