"""Collecting: a process that makes a great many values which it all needs until its end looks for garbage rarely."""

from __future__ import annotations

import gc

_RARELY = (200_000, 20, 100)
"""New objects until the young are looked through, which are more than a command makes that finds nothing to do, and how often that until the older and the oldest are."""


def collect_rarely() -> None:
    """Look through the values of this process more rarely than Python does by itself, which saves a fifth of a judgement's time. What nothing refers to is freed at once as ever."""
    gc.set_threshold(*_RARELY)


def collect_no_more() -> None:
    """Take all that is here out of every later search for garbage: Python makes one more as a process ends, of what goes with the process anyway."""
    gc.freeze()
