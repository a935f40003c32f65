"""Single answers of the model: which limits there are, what halves and doubles them, and what is asked at least."""

from __future__ import annotations

import pytest
from capacity_builders import a_model
from msgspec.structs import replace

from sync.capacity.arrivals import Changes
from sync.capacity.company import SQLITE, gitlab_site, jira_site
from sync.capacity.estimate import Estimate, estimate_of, first_pull_h
from sync.capacity.guesses import SIZES, sizes_of
from sync.capacity.limits import limits_of
from sync.capacity.work import Model


def estimate(model: Model) -> Estimate:
    return estimate_of(model.company, model.setup, model.c)


def codes(model: Model) -> set[str]:
    return {limit.code for limit in limits_of(model)}


def test_a_self_managed_gitlab_has_no_limit_of_requests_unless_one_is_given() -> None:
    assert "gitlab-user" in codes(a_model())
    assert "gitlab-user" not in codes(a_model(is_gitlab_com=False))
    assert "gitlab-user" not in codes(a_model(setup={"gitlab_per_min": 0.0}))
    given = a_model(is_gitlab_com=False, setup={"gitlab_per_min": 120.0})
    assert next(one.allowed for one in limits_of(given) if one.code == "gitlab-user") == 120


def test_points_are_spent_by_oauth_apps_of_jira_cloud_alone() -> None:
    assert "jira-points" in codes(a_model(setup={"is_oauth": True}))
    assert "jira-points" not in codes(a_model())
    assert (
        codes(a_model(is_jira_cloud=False, setup={"is_oauth": True})) & {"jira-points", "jira-burst"} == set()
    )


def test_sqlite_has_one_worker_at_work_however_many_there_are() -> None:
    one, many = (a_model(setup={"database": SQLITE, "workers": n}) for n in (1, 8))
    assert [limit.allowed for limit in limits_of(one)] == [limit.allowed for limit in limits_of(many)]


def test_twice_the_workers_are_used_half_as_much() -> None:
    shares = [
        next(use.share for use in estimate(a_model(setup={"workers": n})).uses if use.limit.code == "workers")
        for n in (2, 4)
    ]
    assert shares[0] == pytest.approx(2 * shares[1])


def test_the_workers_that_are_needed_are_enough() -> None:
    model = a_model(
        issues=3_000_000, jira_sites=30, gitlab_sites=20, gitlab_projects=4_000, commitments=20_000
    )
    needed = estimate(model).workers_needed
    assert needed > 1
    use = next(u for u in estimate(a_model_like(model, needed)).uses if u.limit.code == "workers")
    assert use.share <= model.c["headroom"]


def a_model_like(model: Model, workers: int) -> Model:
    return replace(model, setup=replace(model.setup, workers=workers))


def test_more_gitlab_projects_than_one_user_may_ask_for_bind_at_its_limit() -> None:
    found = estimate(a_model(gitlab_projects=20_000, setup={"threads": 64}))
    assert found.binding.limit.code == "gitlab-user"
    assert found.shortest_min is None
    assert not found.is_feasible


def test_rarer_rounds_make_the_same_projects_feasible() -> None:
    sizes = {"gitlab_projects": 16_000, "commits": 10_000}
    often, rarely = (estimate(a_model(setup={"blind_hours": h, "threads": 64}, **sizes)) for h in (1.0, 6.0))
    assert often.shortest_min is None
    assert rarely.shortest_min is not None


def test_a_quiet_cycle_asks_as_the_profile_in_force_says() -> None:
    model = a_model(profile="expected", jira_sites=1, gitlab_sites=1, gitlab_projects=1_000)
    jira, gitlab = (
        model.cost(site(model.company), Changes()).cycle(0.0).requests for site in (jira_site, gitlab_site)
    )
    assert jira == 8
    assert gitlab == pytest.approx(1 + 0.15 * 1_000)


def test_a_cycle_of_more_requests_than_a_minute_allows_takes_until_they_are_allowed() -> None:
    free, bound = (
        next(one for one in estimate(a_model(setup={"gitlab_per_min": limit})).sites if one.name == "GitLab")
        for limit in (0.0, 10.0)
    )
    assert free.busy_takes_s == pytest.approx(free.busy.busy_s)
    assert bound.busy_takes_s == pytest.approx(60 * (bound.busy.requests - 10) / 10 + bound.busy.cpu_s)


def test_a_worker_needs_the_memory_of_one_site() -> None:
    one, ten = (estimate(a_model(issues=1_000_000, jira_sites=n)).memory_mb for n in (1, 10))
    base = a_model().c["memory_mb_per_run"]
    assert one - base == pytest.approx(10 * (ten - base))


def test_data_center_is_asked_for_pages_of_half_the_size_and_cloud_for_changelogs_beside() -> None:
    cloud, server = (
        model.cost(jira_site(model.company), Changes(issues=100)).seen.requests
        for model in (a_model(), a_model(is_jira_cloud=False))
    )
    assert (cloud, server) == (1 + 1 / 5, 2)


def test_the_first_pull_waits_for_the_gitlab_user_where_there_is_one() -> None:
    sizes = {"commits": 100_000_000, "gitlab_projects": 20_000}
    limited, free = (
        first_pull_h(a_model(setup={"threads": 64, "gitlab_per_min": limit}, **sizes))
        for limit in (100.0, 0.0)
    )
    assert limited > free


def test_what_is_not_said_is_taken_from_the_store_and_else_guessed() -> None:
    given = {**dict.fromkeys(SIZES), "issues": 40_000}
    assert set(sizes_of(given, {})) == set(SIZES)
    assert sizes_of(given, {})["jira_projects"] == 20
    assert sizes_of(given, {"issues": 7, "commits": 9})["commits"] == 9
    assert sizes_of(given, {"issues": 7})["issues"] == 40_000
    assert sizes_of(dict.fromkeys(SIZES), {"issues": 7})["issues"] == 7
    with pytest.raises(KeyError):
        sizes_of(dict.fromkeys(SIZES), {})
