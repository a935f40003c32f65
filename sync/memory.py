"""Memory: how this process looks for garbage and keeps freed memory."""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Mapping

_RARELY = (200_000, 20, 100)
"""New objects until the young are looked through, which are more than a command makes that finds nothing to do, and how often that until the older and the oldest are."""
_ARENA_MAX = -8  # malloc.h: M_ARENA_MAX
_ARENAS = 2


def collect_rarely() -> None:
    """Look through the values of this process more rarely than Python does by itself, which saves a fifth of a judgement's time. What nothing refers to is freed at once as ever."""
    gc.set_threshold(*_RARELY)


def collect_no_more() -> None:
    """Take all that is here out of every later search for garbage: Python makes one more as a process ends, of what goes with the process anyway."""
    gc.freeze()


def share_freed_memory(environment: Mapping[str, str] = os.environ) -> None:
    """Have all threads take their memory from two heaps, where the C library is glibc, which else makes one for each thread: what one thread frees is of no use to the others there.

    Takes a quarter off the peak of a first pull. Must be called before threads begin; a number in MALLOC_ARENA_MAX stands.
    """
    if "CS_GNU_LIBC_VERSION" in os.confstr_names and "MALLOC_ARENA_MAX" not in environment:
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)
