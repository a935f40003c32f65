"""A simulated day: what it shows grows and shrinks as it should, and the same seed shows the same day."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from capacity_builders import a_model

from sync.capacity.company import jira_site
from sync.capacity.day import DAY_MIN, places_of
from sync.capacity.search import INTERVALS_MIN, shortest
from sync.capacity.simulation import Simulated, simulated

SMALL: dict[str, Any] = {
    "jira_sites": 6,
    "gitlab_sites": 3,
    "gitlab_projects": 300,
    "issues": 60_000,
    "commits": 100_000,
}


def a_day(
    *, seed: int = 1, is_spread: bool = False, setup: dict[str, Any] | None = None, **sizes: Any
) -> Simulated:
    model = a_model(setup={"interval_min": 15.0, **(setup or {})}, **(SMALL | sizes))
    return simulated(model, seed=seed, is_spread=is_spread)


def test_the_same_seed_shows_the_same_day_and_another_one_another() -> None:
    assert a_day() == a_day()
    assert a_day(seed=2) != a_day()


def test_a_company_with_ease_is_judged_within_two_intervals() -> None:
    found = a_day()
    assert found.is_feasible
    assert set(found.p95_min) == {"Jira", "GitLab"}
    assert all(found.p50_min[tool] <= found.p95_min[tool] <= 30 for tool in found.p95_min)


def test_a_change_is_on_average_half_an_interval_old_at_least() -> None:
    assert all(age >= 6 for age in a_day().p50_min.values())


def test_one_worker_for_many_sites_makes_them_wait_for_it() -> None:
    sizes = {"jira_sites": 40, "issues": 4_000_000, "commitments": 8_000, "jira_projects": 2_000}
    one, many = (a_day(setup={"interval_min": 5.0, "workers": n}, **sizes) for n in (1, 32))
    assert one.waits_min["workers"] > many.waits_min["workers"]
    assert one.p95_min["Jira"] > many.p95_min["Jira"]
    assert one.workers_share > many.workers_share
    assert not one.is_feasible
    assert one.binds == "workers"


def test_a_user_who_may_ask_little_makes_changes_wait_for_leave_to_ask() -> None:
    free, bound = (a_day(setup={"gitlab_per_min": limit}) for limit in (0.0, 20.0))
    assert free.waits_min["quota"] == free.quota_share == 0
    assert bound.waits_min["quota"] > 0
    assert bound.p95_min["GitLab"] > free.p95_min["GitLab"]
    assert bound.binds == "quota"


def test_no_user_is_asked_for_more_than_its_limit_over_an_hour_and_a_minute() -> None:
    assert a_day(setup={"gitlab_per_min": 20.0}).quota_share <= 61 / 60


def test_no_worker_is_used_more_than_all_of_its_time() -> None:
    found = a_day(
        setup={"workers": 1, "interval_min": 5.0}, jira_sites=30, issues=6_000_000, commitments=6_000
    )
    assert 0.5 < found.workers_share <= 1.1  # what begins on the day may end after it


def test_rounds_that_are_spread_let_fewer_changes_wait_behind_one() -> None:
    sizes = {"gitlab_sites": 1, "gitlab_projects": 4_000}
    at_once, spread = (a_day(is_spread=is_spread, **sizes) for is_spread in (False, True))
    assert spread.p95_min["GitLab"] <= at_once.p95_min["GitLab"]


def test_a_day_holds_a_days_changes_and_the_sites_together_are_the_company() -> None:
    model = a_model(**SMALL)
    site = jira_site(model.company)
    places = places_of(site, count=6, minutes=DAY_MIN, chance=Random(3), c=model.c)
    assert sum(place.site.issues for place in places) == pytest.approx(model.company.issues)
    bursts = model.c["burst_size"]
    for place in places:
        whole = place.between(0, DAY_MIN)
        assert min(abs(whole - 1), abs(whole - 1 - bursts)) < 1e-6
        assert place.between(-100, 0) == 0
        hours = [place.between(60 * h, 60 * h + 60) for h in range(24)]
        assert model.c["busiest_hour_share"] <= max(hours) + 1e-9


def test_the_search_finds_the_shortest_interval_and_the_fewest_workers() -> None:
    model = a_model(**SMALL)
    found = shortest(model)
    assert found.feasible is not None
    assert found.feasible.is_feasible
    assert found.feasible.interval_min in INTERVALS_MIN
    assert found.refused is None or not found.refused.is_feasible


def test_where_nothing_is_feasible_the_search_says_what_refuses_the_longest_interval() -> None:
    found = shortest(a_model(setup={"gitlab_per_min": 1.0}, **SMALL))
    assert found.feasible is None
    assert found.refused is not None
    assert found.refused.interval_min == INTERVALS_MIN[-1]
