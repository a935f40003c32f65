"""Simulation: a day of cycles over many sites, event by event: processes that are busy make others wait, users may ask only so much, rounds and censuses come on top.

A site is read by one process at a time. It is ready at each of its ticks, waits for a free process, is asked for what changed since it was read last, and is done when
the answers are in, parsed, stored and judged; a tick that comes meanwhile is left out. What changed is as stale as the time from its change to that end.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from msgspec import Struct

from sync.capacity.arrivals import daily
from sync.capacity.company import gitlab_site, jira_site
from sync.capacity.day import DAY_MIN, Place, places_of
from sync.capacity.limits import gitlab_per_min, jira_per_min
from sync.capacity.work import Cost, Load, Model

_WARM_MIN = 4 * 60
_SLICES, _SLICE_MIN = 4, 30.0
"""Into how many parts the time between two cycles is cut to tell ages: so many, and one more for each half hour."""
PARTS = ("workers", "quota", "answers", "requests", "records", "code", "judging")
"""What a change waits for once its site's tick has come: a free process, leave to ask, answers, and the processor, for what it is needed."""


class Simulated(Struct, frozen=True, kw_only=True):
    """What one day showed.

    ``p50_min`` and ``p95_min`` are by tool how old a change was when it had been judged; ``waits_min`` what the changes waited for on average; ``workers_share`` how much of the
    processes was used; ``quota_share`` the busiest hour of the GitLab user who asks for most, as a part of what it may ask (0: no limit).
    """

    interval_min: float
    workers: int
    p50_min: Mapping[str, float]
    p95_min: Mapping[str, float]
    waits_min: Mapping[str, float]
    workers_share: float
    quota_share: float

    @property
    def is_feasible(self) -> bool:
        """True if of twenty changes nineteen are judged within two intervals: one until the next tick, one for the cycle."""
        return all(age <= 2 * self.interval_min for age in self.p95_min.values())

    @property
    def binds(self) -> str:
        """What changes waited for longest, once their site's tick had come."""
        return max(PARTS, key=lambda part: self.waits_min[part])


@dataclass
class _State:
    """One site under way: where its day is, when it was last read and went its rounds, and how much its user has been asked of late."""

    tool: str
    place: Place
    cost: Cost
    round_: Load
    census: Load
    changes: float
    per_min: float
    offset_min: float
    read_at: float = 0.0
    rounded_at: float = 0.0
    counted_at: float = 0.0
    asked: float = 0.0
    asked_at: float = 0.0
    by_hour: dict[int, float] = field(default_factory=dict)


@dataclass
class _Tally:
    """Weights of ages by minute and tool, and of what was waited for."""

    ages: dict[str, dict[int, float]] = field(default_factory=lambda: {"Jira": {}, "GitLab": {}})
    waits: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    weight: float = 0.0
    busy_min: float = 0.0


def simulated(model: Model, *, seed: int = 1, is_spread: bool = False) -> Simulated:
    """One day with four hours before it that do not count. ``is_spread`` spreads the hourly rounds over the cycles instead of making each at once."""
    minutes = _WARM_MIN + DAY_MIN
    states = _states(model, minutes=minutes, chance=Random(seed))  # noqa: S311  # a world, no secret
    tally = _Tally()
    ready = [(state.offset_min, number) for number, state in enumerate(states)]
    heapq.heapify(ready)
    free = [0.0] * model.setup.workers_at_once
    while ready and ready[0][0] < minutes:
        due, number = heapq.heappop(ready)
        state, start = states[number], max(due, free[0])
        load = _load(model, state, start, is_spread=is_spread)
        waits = _waits(state, load, due=due, start=start)
        end = due + sum(waits.values())
        heapq.heapreplace(free, end)
        _note(tally, state, start=start, end=end, waits=waits)
        state.read_at = start
        heapq.heappush(ready, (_next_tick(state, end, model.setup.interval_min), number))
    return _told(model, tally, states)


def _states(model: Model, *, minutes: int, chance: Random) -> list[_State]:
    company, c, interval = model.company, model.c, model.setup.interval_min
    kinds = (
        ("Jira", jira_site(company), company.jira_sites, jira_per_min(model)),
        ("GitLab", gitlab_site(company), company.gitlab_sites, gitlab_per_min(model)),
    )
    found = [
        (tool, place, per_min)
        for tool, site, count, per_min in kinds
        for place in places_of(site, count=count, minutes=minutes, chance=chance, c=c)
    ]
    return [
        _State(
            tool=tool,
            place=place,
            cost=model.cost(place.site, daily(place.site, company, c)),
            round_=model.hourly(place.site),
            census=model.census(place.site),
            changes=place.site.issues if place.site.is_jira else place.site.commits,
            per_min=per_min,
            offset_min=interval * number / len(found),
            rounded_at=-chance.random() * 60 * model.setup.blind_hours,
            counted_at=-chance.random() * DAY_MIN,
        )
        for number, (tool, place, per_min) in enumerate(found)
    ]


def _load(model: Model, state: _State, start: float, *, is_spread: bool) -> Load:
    """What the cycle that begins now takes, with the rounds that are due."""
    place, site = state.place, state.place.site
    read = place.at(state.read_at)
    known_min = model.known_active_min(site, start - state.read_at) if start > state.read_at else 0.0
    load = state.cost.cycle(
        place.at(start) - read,
        again=read - place.at(state.read_at - model.again_min(site)),
        known_active=read - place.at(state.read_at - known_min) if known_min else 0.0,
    )
    round_min = 60 * model.round_hours(site)
    if is_spread:
        load = load.plus(state.round_, (start - state.read_at) / round_min)
    elif start - state.rounded_at >= round_min:
        load, state.rounded_at = load.plus(state.round_), start
    if start - state.counted_at >= DAY_MIN:
        load, state.counted_at = load.plus(state.census), start
    return load


def _waits(state: _State, load: Load, *, due: float, start: float) -> dict[str, float]:
    """Minutes by what is waited for; notes what the user is asked. In any minute a user may be asked for ``per_min`` requests, so that many at once."""
    answers = load.waiting_s / 60
    quota = 0.0
    if state.per_min:
        still = max(0.0, state.asked - state.per_min * (start - state.asked_at))
        quota = max(0.0, (still + load.requests - state.per_min) / state.per_min - answers)
        lasting = quota + answers
        state.asked = max(0.0, still + load.requests - state.per_min * lasting)
        state.asked_at = start + lasting
    _count(state, load.requests, start, start + quota + answers)
    parts = {part: length / 60 for part, length in load.parts_s.items()}
    return {"workers": start - due, "quota": quota, **parts}


def _count(state: _State, requests: float, start: float, end: float) -> None:
    """Note requests by the hour, spread evenly over the time in which they are made."""
    length = max(end - start, 1e-6)
    for hour in range(int(start // 60), int(end // 60) + 1):
        part = max(0.0, min(end, 60.0 * (hour + 1)) - max(start, 60.0 * hour)) / length
        state.by_hour[hour] = state.by_hour.get(hour, 0.0) + requests * part


def _note(tally: _Tally, state: _State, *, start: float, end: float, waits: Mapping[str, float]) -> None:
    """How old the changes are that this cycle brought, in slices of the time since the last one."""
    first = max(state.read_at, float(_WARM_MIN))
    if start <= first:
        return
    slices = _SLICES + int((start - first) / _SLICE_MIN)
    length = (start - first) / slices
    ages, before, weight = tally.ages[state.tool], state.place.at(first), 0.0
    for number in range(slices):
        after = state.place.at(first + length * (number + 1))
        age = round(end - first - length * (number + 0.5))
        ages[age] = ages.get(age, 0.0) + state.changes * (after - before)
        weight += state.changes * (after - before)
        before = after
    tally.weight += weight
    tally.busy_min += end - start
    for part, waited in waits.items():
        tally.waits[part] += weight * waited


def _next_tick(state: _State, end: float, interval_min: float) -> float:
    """The first tick of the site at or after ``end``."""
    passed = -(-(end - state.offset_min) // interval_min)
    return state.offset_min + max(1.0, passed) * interval_min


def _told(model: Model, tally: _Tally, states: list[_State]) -> Simulated:
    ages = {tool: found for tool, found in tally.ages.items() if found}
    whole_hours = range(_WARM_MIN // 60, (_WARM_MIN + DAY_MIN) // 60)
    shares = (
        state.by_hour.get(hour, 0.0) / (60 * state.per_min)
        for state in states
        if state.tool == "GitLab" and state.per_min
        for hour in whole_hours
    )
    return Simulated(
        interval_min=model.setup.interval_min,
        workers=model.setup.workers_at_once,
        p50_min={tool: _quantile(found, 0.5) for tool, found in ages.items()},
        p95_min={tool: _quantile(found, 0.95) for tool, found in ages.items()},
        waits_min={part: total / (tally.weight or 1.0) for part, total in tally.waits.items()},
        workers_share=tally.busy_min / (DAY_MIN * model.setup.workers_at_once),
        quota_share=max(shares, default=0.0),
    )


def _quantile(ages: Mapping[int, float], share: float) -> float:
    """The age that this share of the weight does not exceed."""
    left = share * sum(ages.values())
    for age, weight in sorted(ages.items()):
        left -= weight
        if left <= 0:
            return float(age)
    return float(max(ages))
