"""Day: when what changes on a working day changes, and how large the sites of one company are: offices in their zones, unlike sizes, bulk edits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random

from msgspec import Struct

from sync.capacity.company import Site, scaled
from sync.capacity.constants import Constants

DAY_MIN = 24 * 60
_HOURS = (1, 1, 1, 1, 1, 1, 2, 4, 8, 12, 0, 13, 7, 10, 13, 12, 10, 7, 4, 2, 1, 1, 1, 1)
"""How the rest of a day is spread over its hours, in parts; the one at 10 is the busiest hour, of which the share is a constant."""
_BUSIEST = 10
_BURST_MIN = 10


class Place(Struct, frozen=True, kw_only=True):
    """One site with its day: ``until[m]`` is how much of a day's changes came before minute ``m`` of the simulated time."""

    site: Site
    until: Sequence[float]

    def at(self, minute: float) -> float:
        """How much of a day's changes came before the minute; before the simulated time none, after it all."""
        last = len(self.until) - 1
        if minute <= 0:
            return 0.0
        if minute >= last:
            return self.until[last]
        whole = int(minute)
        before = self.until[whole]
        return before + (minute - whole) * (self.until[whole + 1] - before)

    def between(self, start: float, end: float) -> float:
        """Days' worth of changes between two minutes."""
        return self.at(end) - self.at(start)


def places_of(site: Site, *, count: int, minutes: int, chance: Random, c: Constants) -> tuple[Place, ...]:
    """So many sites, together ``count`` times ``site``, of unlike sizes; each in a zone of its own choice, with a bulk edit on some days."""
    weights = [chance.lognormvariate(0.0, 1.0) for _ in range(count)]
    whole = sum(weights)
    return tuple(
        Place(site=scaled(site, weight * count / whole), until=_curve(minutes=minutes, chance=chance, c=c))
        for weight in weights
    )


def _curve(*, minutes: int, chance: Random, c: Constants) -> Sequence[float]:
    share = c["busiest_hour_share"]
    hours = [share if h == _BUSIEST else (1 - share) * parts / sum(_HOURS) for h, parts in enumerate(_HOURS)]
    zone_min = 60 * chance.choice((0, 8, 16)) if c["zones"] > 1 else 0
    by_minute = [hours[(m + zone_min) // 60 % 24] / 60 for m in range(minutes)]
    for day in range(-(-minutes // DAY_MIN)):
        if chance.random() < c["burst_chance"]:
            start = day * DAY_MIN + chance.randrange(DAY_MIN - _BURST_MIN)
            for minute in range(start, min(start + _BURST_MIN, minutes)):
                by_minute[minute] += c["burst_size"] / _BURST_MIN
    return (0.0, *accumulate(by_minute))
