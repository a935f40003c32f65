"""Search: which interval a simulated day shows to be feasible, and how many workers it takes."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from sync.capacity.simulation import Simulated, simulated
from sync.capacity.work import Model

INTERVALS_MIN = (2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 240.0)
"""The intervals that are tried."""
MOST_WORKERS = 64
_WORKERS = (1, 2, 4, 8, 12, 16, 24, 32, 48, MOST_WORKERS)


class Found(Struct, frozen=True, kw_only=True):
    """The shortest feasible interval with the fewest workers (None: no interval is feasible), and the next shorter one, which is not, with the most workers (None: there is none)."""

    feasible: Simulated | None
    refused: Simulated | None


def shortest(model: Model, *, seed: int = 1, is_spread: bool = False) -> Found:
    """What is feasible with as many workers as help, and then with how few. A longer interval and more workers are taken never to be worse."""
    many = _with(model, workers=MOST_WORKERS)
    tried: dict[float, Simulated] = {}

    def at(interval_min: float) -> Simulated:
        if interval_min not in tried:
            asked = _with(many, interval_min=interval_min)
            tried[interval_min] = simulated(asked, seed=seed, is_spread=is_spread)
        return tried[interval_min]

    place = _first(len(INTERVALS_MIN), lambda n: at(INTERVALS_MIN[n]).is_feasible)
    refused = at(INTERVALS_MIN[place - 1]) if place else None
    if place == len(INTERVALS_MIN):
        return Found(feasible=None, refused=refused)
    wanted, most = _with(model, interval_min=INTERVALS_MIN[place]), at(INTERVALS_MIN[place])
    days: dict[int, Simulated] = {MOST_WORKERS: most}
    enough = [n for n in _WORKERS if n >= most.workers_share * most.workers]

    def by(workers: int) -> Simulated:
        if workers not in days:
            days[workers] = simulated(_with(wanted, workers=workers), seed=seed, is_spread=is_spread)
        return days[workers]

    fewest = _first(len(enough) - 1, lambda n: by(enough[n]).is_feasible)
    return Found(feasible=by(enough[fewest]), refused=refused)


def _first(count: int, is_good: Callable[[int], bool]) -> int:
    """The first of so many places from which on all are good; ``count`` where none is."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_good(middle) else (middle + 1, high)
    return low


def _with(model: Model, *, interval_min: float | None = None, workers: int | None = None) -> Model:
    setup = model.setup
    return replace(
        model,
        setup=replace(
            setup, interval_min=interval_min or setup.interval_min, workers=workers or setup.workers
        ),
    )
