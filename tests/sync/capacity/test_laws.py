"""Laws of the model: more never costs less, a longer interval never more, and the shortest interval is where the first limit reaches its bound."""

from __future__ import annotations

from typing import Any

import pytest
from capacity_builders import a_model
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.capacity.company import gitlab_site, jira_site
from sync.capacity.constants import PROFILES
from sync.capacity.estimate import estimate_of
from sync.capacity.limits import LEAST_MIN, company_minute, limits_of
from sync.capacity.room import families_of, total
from sync.capacity.work import Model

COUNTS = (
    "issues",
    "jira_projects",
    "gitlab_projects",
    "commits",
    "merge_requests",
    "pipelines",
    "commitments",
)
SIZES = st.fixed_dictionaries(
    {name: st.integers(1, 2_000_000) for name in COUNTS}
    | {"jira_sites": st.integers(1, 100), "gitlab_sites": st.integers(1, 50)}
    | {"changed_per_day": st.floats(0, 0.2), "is_jira_cloud": st.booleans(), "is_gitlab_com": st.booleans()}
)
INTERVALS = st.floats(1, 1440)
MODELS = st.builds(
    lambda sizes, interval, workers, profile: a_model(
        profile=profile, setup={"interval_min": interval, "workers": workers, "is_oauth": True}, **sizes
    ),
    SIZES,
    INTERVALS,
    st.integers(1, 64),
    st.sampled_from(PROFILES),
)
ROUNDING = 1e-9


def larger(model: Model, name: str, by: int) -> Model:
    sizes: dict[str, Any] = {name: getattr(model.company, name) + by}
    return replace(model, company=replace(model.company, **sizes))


@settings(deadline=None, max_examples=60)
@given(MODELS, st.sampled_from(COUNTS), st.integers(1, 1_000_000))
def test_more_of_anything_never_asks_works_or_holds_less(model: Model, name: str, by: int) -> None:
    grown = larger(model, name, by)
    interval = model.setup.interval_min
    before, after = company_minute(model, interval), company_minute(grown, interval)
    for figure in ("requests", "points", "writing_s"):
        assert getattr(after, figure) >= getattr(before, figure) * (1 - ROUNDING)
    small, large = (total(families_of(m.company, m.c), "all") for m in (model, grown))
    assert all(large.bytes_now[d] >= small.bytes_now[d] * (1 - ROUNDING) for d in small.bytes_now)


@settings(deadline=None, max_examples=60)
@given(MODELS, st.sampled_from(["issues", "commitments", "merge_requests"]), st.integers(1, 1_000_000))
def test_more_of_what_is_judged_never_takes_the_processor_less(model: Model, name: str, by: int) -> None:
    interval = model.setup.interval_min
    before, after = (company_minute(m, interval).busy_s for m in (model, larger(model, name, by)))
    assert after >= before * (1 - ROUNDING)


@settings(deadline=None, max_examples=60)
@given(MODELS, INTERVALS, INTERVALS)
def test_a_longer_interval_never_uses_more_of_a_limit(model: Model, one: float, other: float) -> None:
    short, long = sorted((one, other))
    for limit in limits_of(model):
        assert limit.share(long) <= limit.share(short) * (1 + ROUNDING) + ROUNDING


@settings(deadline=None, max_examples=60)
@given(MODELS)
def test_the_shortest_interval_is_where_the_first_limit_reaches_its_bound(model: Model) -> None:
    estimate = estimate_of(model.company, model.setup, model.c)
    headroom = model.c["headroom"]
    if estimate.shortest_min is None:
        assert estimate.binding.limit.share(24 * 60) > headroom
        assert not estimate.is_feasible
        return
    assert all(use.limit.share(estimate.shortest_min) <= headroom * (1 + 1e-6) for use in estimate.uses)
    if estimate.shortest_min > LEAST_MIN:
        assert estimate.binding.limit.share(estimate.shortest_min) == pytest.approx(headroom, rel=1e-3)
        assert estimate.binding.limit.share(estimate.shortest_min * 0.99) > headroom * (1 - 1e-6)


@settings(deadline=None, max_examples=60)
@given(MODELS)
def test_the_interval_asked_about_is_feasible_if_no_limit_is_used_beyond_its_headroom(model: Model) -> None:
    estimate = estimate_of(model.company, model.setup, model.c)
    worst = max(use.share for use in estimate.uses)
    if abs(worst - model.c["headroom"]) > 1e-6:
        assert estimate.is_feasible == (worst < model.c["headroom"])


@settings(deadline=None, max_examples=60)
@given(MODELS, st.integers(2, 50))
def test_rows_and_bytes_grow_linearly(model: Model, by: int) -> None:
    names = ("issues", "commits", "merge_requests", "pipelines", "gitlab_projects")
    sizes: dict[str, Any] = {name: getattr(model.company, name) * by for name in names}
    grown = replace(model.company, **sizes)
    for small, large in zip(families_of(model.company, model.c), families_of(grown, model.c), strict=True):
        assert large.rows == pytest.approx(small.rows * by)
        assert large.bytes_per_year == pytest.approx(
            {d: size * by for d, size in small.bytes_per_year.items()}
        )


@settings(deadline=None, max_examples=60)
@given(MODELS)
def test_sites_together_hold_what_the_company_holds(model: Model) -> None:
    company = model.company
    jira, gitlab = jira_site(company), gitlab_site(company)
    assert jira.issues * company.jira_sites == pytest.approx(company.issues)
    assert gitlab.projects * company.gitlab_sites == pytest.approx(company.gitlab_projects)
