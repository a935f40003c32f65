"""Limits: what can bind, each with how much of it is used at an interval, and the shortest interval that it allows.

A longer interval never uses more of a limit: what lies between two cycles is asked once instead of twice. So the shortest interval of a limit is where its
use comes down to what may be used, and the shortest of all is that of the limit that allows it last: that one binds first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from sync.capacity.arrivals import by_minute
from sync.capacity.company import Site, gitlab_site, jira_site
from sync.capacity.work import Load, Model

LEAST_MIN, MOST_MIN = 1.0, 24 * 60.0
"""The intervals that are looked at: cron knows minutes, and a census is daily."""
_HALVINGS = 40


class Limit(Struct, frozen=True, kw_only=True):
    """One limit by its ``code``: what it is called, of what it is counted, how much it allows a minute, and who set it.

    ``used`` tells how much is used a minute at an interval of so many minutes.
    """

    code: str
    name: str
    unit: str
    allowed: float
    used: Callable[[float], float]

    def share(self, interval_min: float) -> float:
        """The part of the limit that is used; above 1 it cannot be kept."""
        return self.used(interval_min) / self.allowed

    def shortest_min(self, headroom: float) -> float | None:
        """The shortest interval at which no more than ``headroom`` of the limit is used; None where that is so at none."""
        if self.share(LEAST_MIN) <= headroom:
            return LEAST_MIN
        if self.share(MOST_MIN) > headroom:
            return None
        low, high = LEAST_MIN, MOST_MIN
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.share(middle) <= headroom else (middle, high)
        return high


def limits_of(model: Model) -> tuple[Limit, ...]:
    """Every limit that this company can meet, in the order in which ties are told."""
    return (*_vendors(model), *_ours(model))


def site_minute(model: Model, site: Site, interval_min: float) -> Load:
    """What one site takes in a minute of its busiest hour, its rounds spread over their time."""
    cycle = busy_cycle(model, site, interval_min)
    rounds = model.hourly(site).times(1 / (60 * model.round_hours(site)))
    return rounds.plus(model.census(site), 1 / (24 * 60)).plus(cycle, 1 / interval_min)


def busy_cycle(model: Model, site: Site, interval_min: float) -> Load:
    """One cycle of a site in its busiest hour."""
    cost = model.cost(site, by_minute(site, model.company, model.c))
    known_active = model.known_active_min(site, interval_min)
    return cost.cycle(interval_min, again=model.again_min(site), known_active=known_active)


def company_minute(model: Model, interval_min: float) -> Load:
    """What all sites take in a minute of the busiest hour, which they are taken to share."""
    company = model.company
    jira = site_minute(model, jira_site(company), interval_min).times(company.jira_sites)
    gitlab = site_minute(model, gitlab_site(company), interval_min).times(company.gitlab_sites)
    return jira.plus(gitlab)


def jira_per_min(model: Model) -> float:
    """Requests a minute that an endpoint of a Jira site answers; 0 where no such limit is known."""
    return model.c["jira_cloud_requests_per_s"] * 60 if model.company.is_jira_cloud else 0.0


def gitlab_per_min(model: Model) -> float:
    """Requests a minute that a GitLab user may make; 0 where there is no such limit."""
    given = model.setup.gitlab_per_min
    vendors = model.c["gitlab_com_requests_per_min"] if model.company.is_gitlab_com else 0.0
    return vendors if given is None else given


def workers_needed(model: Model, interval_min: float) -> float:
    """How many processes are held, as a fraction, when nothing else binds."""
    return company_minute(model, interval_min).busy_s / 60 / model.c["headroom"]


def _vendors(model: Model) -> Iterator[Limit]:
    company, setup, c = model.company, model.setup, model.c
    jira, gitlab = jira_site(company), gitlab_site(company)
    if company.is_jira_cloud and company.jira_sites:
        yield Limit(
            code="jira-burst",
            name="Jira Cloud: requests to one endpoint of a site",
            unit="requests/min",
            allowed=jira_per_min(model),
            used=lambda t: site_minute(model, jira, t).requests,
        )
        if setup.is_oauth:
            yield Limit(
                code="jira-points",
                name="Jira Cloud: points of an OAuth app, all sites together",
                unit="points/min",
                allowed=c["jira_cloud_points_per_hour"] / 60,
                used=lambda t: site_minute(model, jira, t).points * company.jira_sites,
            )
    if gitlab_per_min(model) and company.gitlab_sites:
        yield Limit(
            code="gitlab-user",
            name="GitLab: requests of one user",
            unit="requests/min",
            allowed=gitlab_per_min(model),
            used=lambda t: site_minute(model, gitlab, t).requests,
        )


def _ours(model: Model) -> Iterator[Limit]:
    company, setup = model.company, model.setup
    sites = (
        *((jira_site(company),) if company.jira_sites else ()),
        *((gitlab_site(company),) if company.gitlab_sites else ()),
    )
    yield Limit(
        code="site",
        name="One worker for a site",
        unit="s/min",
        allowed=60.0,
        used=lambda t: max((site_minute(model, site, t).busy_s for site in sites), default=0.0),
    )
    yield Limit(
        code="workers",
        name=f"Workers at work at once: {setup.workers_at_once}",
        unit="s/min",
        allowed=60.0 * setup.workers_at_once,
        used=lambda t: company_minute(model, t).busy_s,
    )
    yield Limit(
        code="store",
        name=f"One writer to {'SQLite' if setup.database == 'sqlite' else 'PostgreSQL'}",
        unit="s/min",
        allowed=60.0,
        used=lambda t: company_minute(model, t).writing_s,
    )
