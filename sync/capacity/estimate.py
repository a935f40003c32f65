"""Estimate: everything that the model says of a company, and which limit binds first."""

from __future__ import annotations

from math import ceil

from msgspec import Struct

from sync.capacity import asking
from sync.capacity.arrivals import Changes
from sync.capacity.company import Company, Setup, Site, gitlab_site, jira_site
from sync.capacity.constants import Constants
from sync.capacity.limits import (
    Limit,
    busy_cycle,
    gitlab_per_min,
    jira_per_min,
    limits_of,
    workers_needed,
)
from sync.capacity.room import Family, families_of, memory_mb
from sync.capacity.work import Load, Model


class Use(Struct, frozen=True, kw_only=True):
    """One limit at the interval asked about, with the shortest interval that it allows, in minutes; None: none."""

    limit: Limit
    used: float
    share: float
    shortest_min: float | None


class SiteEstimate(Struct, frozen=True, kw_only=True):
    """One site: how many are like it, its cycle when nothing changed and in the busiest hour, requests by round and day, and how long the busy cycle takes."""

    name: str
    sites: int
    quiet: Load
    busy: Load
    round_requests: float
    census_requests: float
    requests_per_day: float
    busy_takes_s: float


class Estimate(Struct, frozen=True, kw_only=True):
    """All of it. ``binding`` is the limit that allows the shortest interval last; ``shortest_min`` None: some limit is broken at any interval.

    ``workers_needed`` are those that the interval asked about needs, were there no other limit.
    """

    model: Model
    sites: tuple[SiteEstimate, ...]
    uses: tuple[Use, ...]
    binding: Use
    shortest_min: float | None
    workers_needed: int
    first_pull_h: float
    families: tuple[Family, ...]
    memory_mb: float

    @property
    def is_feasible(self) -> bool:
        """True if the interval asked about keeps every limit with room to spare."""
        return self.shortest_min is not None and self.model.setup.interval_min >= self.shortest_min


def estimate_of(company: Company, setup: Setup, c: Constants) -> Estimate:
    """The estimate."""
    model = Model(company=company, setup=setup, c=c)
    uses = tuple(_use(limit, model) for limit in limits_of(model))
    binding = max(uses, key=lambda use: (_order(use.shortest_min), use.share))
    return Estimate(
        model=model,
        sites=tuple(_site(model, *one) for one in _sites(company)),
        uses=uses,
        binding=binding,
        shortest_min=binding.shortest_min,
        workers_needed=max(1, ceil(workers_needed(model, setup.interval_min))),
        first_pull_h=first_pull_h(model),
        families=families_of(company, c),
        memory_mb=memory_mb(company, c),
    )


def first_pull_h(model: Model) -> float:
    """Hours of the first pull and judgement: the longest of what each site takes, what all take of the processes, and what the GitLab users may ask."""
    company, setup = model.company, model.setup
    each = [(sites, model.first(site)) for _, sites, site in _sites(company)]
    longest_s = max((load.busy_s for _, load in each), default=0.0)
    shared_s = sum(sites * load.busy_s for sites, load in each) / setup.workers_at_once
    writing_s = sum(sites * load.writing_s for sites, load in each)
    limit = next((one for one in limits_of(model) if one.code == "gitlab-user"), None)
    asking_s = model.first(gitlab_site(company)).requests / limit.allowed * 60 if limit else 0.0
    return max(longest_s, shared_s, writing_s, asking_s) / 3600


def _order(shortest_min: float | None) -> float:
    return float("inf") if shortest_min is None else shortest_min


def _use(limit: Limit, model: Model) -> Use:
    interval = model.setup.interval_min
    return Use(
        limit=limit,
        used=limit.used(interval),
        share=limit.share(interval),
        shortest_min=limit.shortest_min(model.c["headroom"]),
    )


def _sites(company: Company) -> tuple[tuple[str, int, Site], ...]:
    both = (
        ("Jira", company.jira_sites, jira_site(company)),
        ("GitLab", company.gitlab_sites, gitlab_site(company)),
    )
    return tuple(one for one in both if one[1])


def _site(model: Model, name: str, sites: int, site: Site) -> SiteEstimate:
    c, interval = model.c, model.setup.interval_min
    round_requests, census_requests = asking.hourly(site, c), asking.census(site, model.company, c)
    rounds = 24 / model.round_hours(site)
    busy = busy_cycle(model, site, interval)
    return SiteEstimate(
        name=name,
        sites=sites,
        quiet=model.cost(site, Changes()).cycle(0.0),
        busy=busy,
        round_requests=round_requests,
        census_requests=census_requests,
        requests_per_day=_cycles_a_day(model, site) + round_requests * rounds + census_requests,
        busy_takes_s=_takes_s(busy, jira_per_min(model) if site.is_jira else gitlab_per_min(model)),
    )


def _takes_s(load: Load, per_min: float) -> float:
    """Seconds of a cycle that begins with a whole minute's requests to spend, and then waits for leave to ask where the limit is less than what the threads could ask."""
    leave_s = 60 * max(0.0, load.requests - per_min) / per_min if per_min else 0.0
    return max(load.waiting_s, leave_s) + load.cpu_s


def _cycles_a_day(model: Model, site: Site) -> float:
    """Requests of a working day's cycles: as many busy hours as hold the day's changes, the others quiet."""
    c, per_hour = model.c, 60 / model.setup.interval_min
    hours = 1 / c["busiest_hour_share"]
    busy = busy_cycle(model, site, model.setup.interval_min).requests
    return per_hour * (hours * busy + (24 - hours) * asking.quiet(site, c))
