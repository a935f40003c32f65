"""Shares: what a budget that several processes share has to give: turns taken a few at a time, each few to be used within a fraction of the window. Pure.

A turn that is taken at one instant may be used a little later. So turns count for longer than the window, by the time in which they may be used and a margin for clocks and
the way to the tool: then no window holds more requests than the limit, whenever the turns are used.
"""

from __future__ import annotations

from math import ceil
from typing import TypeAlias

from connectors.commons import Share

_USABLE = 0.2
"""Share of the window within which turns are to be used."""
_MARGIN = 0.05
_PARTS = 20
"""A taker gets this fraction of the limit at most at a time, so that others get some too."""

Taken: TypeAlias = tuple[tuple[float, int], ...]
"""(instant, turns), oldest first."""


def usable_s(window_s: float) -> float:
    """Seconds within which turns are to be used."""
    return window_s * _USABLE


def counted_s(window_s: float) -> float:
    """Seconds for which a turn counts after it was taken."""
    return window_s * (1.0 + _USABLE + _MARGIN)


def share_of(taken: Taken, *, limit: int, window_s: float, at: float) -> tuple[Share, Taken]:
    """A share of what is left ``at`` this instant, in seconds of the one clock that all takers go by, and what has been taken then."""
    count_s = counted_s(window_s)
    still = tuple((since, turns) for since, turns in taken if since + count_s > at)
    left = limit - sum(turns for _, turns in still)
    if left <= 0:
        oldest = min(since for since, _ in still)
        return Share(turns=0, wait_s=oldest + count_s - at), still
    turns = min(left, max(1, ceil(limit / _PARTS)))
    return Share(turns=turns, for_s=usable_s(window_s)), (*still, (at, turns))
