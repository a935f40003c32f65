"""Spent: what a block took of this process."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def spent() -> Iterator[dict[str, float]]:
    """Figures of the block, once it has ended: ``wall_s``, ``cpu_s``, and the process's peak of memory so far, ``peak_mb``."""
    figures: dict[str, float] = {}
    before, began = time.process_time(), time.perf_counter()
    yield figures
    figures["wall_s"] = round(time.perf_counter() - began, 3)
    figures["cpu_s"] = round(time.process_time() - before, 3)
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
