"""What people and programs are told of a capacity: numbers in their units, what binds, what to do, and that it is an estimate."""

from __future__ import annotations

import io
import json

import pytest
from capacity_builders import a_model
from rich.console import Console, RenderableType

from sync.capacity.estimate import Estimate, estimate_of
from sync.capacity.guesses import SIZES
from sync.capacity.limits import limits_of
from sync.capacity.simulation import PARTS, simulated
from sync.capacity.work import Model
from sync.reports import capacity as view
from sync.reports.capacity_document import document_of


def estimate(model: Model) -> Estimate:
    return estimate_of(model.company, model.setup, model.c)


def printed(found: Estimate, *guessed: str) -> str:
    return text_of(view.view_of(found, guessed=guessed))


def text_of(shown: RenderableType) -> str:
    file = io.StringIO()
    Console(width=160, file=file).print(shown)
    return file.getvalue()


def test_the_view_says_what_binds_first_what_to_do_and_where_the_numbers_are_from() -> None:
    found = estimate(a_model(gitlab_projects=20_000, setup={"threads": 64}))
    text = printed(found, "commits")
    assert "not feasible" in text
    assert "What binds first: GitLab: requests of one user" in " ".join(text.split())
    assert "each with a user of its own" in text
    assert "none is long enough" in text
    assert "500,000 commits (?)" in text
    assert "1 Jira site ·" in text
    assert "An estimate." in text
    assert found.model.c.measured_on in text


def test_an_interval_that_keeps_every_limit_is_said_to_be_feasible() -> None:
    text = printed(estimate(a_model(issues=1_000, commits=1_000, gitlab_projects=10, commitments=5)))
    assert "feasible" in text
    assert "not feasible" not in text
    assert "(?)" not in text


def test_there_is_advice_for_every_limit_and_a_word_for_everything_that_is_waited_for() -> None:
    models = (a_model(setup={"is_oauth": True}), a_model(is_jira_cloud=False, is_gitlab_com=False))
    assert {limit.code for model in models for limit in limits_of(model)} == set(view.ADVICE)
    assert set(PARTS) == set(view.BINDING)


def test_every_size_is_told() -> None:
    assert set(view._NOUNS) == set(SIZES)


def test_simulated_days_are_a_row_each() -> None:
    model = a_model(jira_sites=2, issues=10_000, setup={"interval_min": 60.0})
    text = text_of(view.simulated_view((simulated(model), simulated(model, seed=2))))
    assert text.count("60 min") >= 2
    assert "FEASIBLE" in text


def test_the_document_is_json_and_holds_the_same_numbers() -> None:
    model = a_model(setup={"interval_min": 60.0}, issues=10_000)
    found = estimate(model)
    document = json.loads(json.dumps(document_of(found, guessed=("commits",), days=(simulated(model),))))
    assert document["workers_needed"] == found.workers_needed
    assert document["binds_first"]["code"] == found.binding.limit.code
    assert [one["share"] for one in document["limits"]] == [use.share for use in found.uses]
    assert document["store"][-1]["rows"] == sum(one["rows"] for one in document["store"][:-1])
    assert document["guessed"] == ["commits"]
    assert len(document["simulation"]) == 1
    assert "simulation" not in document_of(found, guessed=())


@pytest.mark.parametrize(
    ("told", "value"),
    [
        (view.size(0), "0 B"),
        (view.size(999), "999 B"),
        (view.size(1_500), "1.5 kB"),
        (view.size(2e17), "200 PB"),
        (view.number(1234.6), "1,235"),
        (view.number(0.12345), "0.123"),
        (view.percent(0.001), "< 1 %"),
        (view.percent(0), "0 %"),
        (view.percent(1.5), "150 %"),
        (view.seconds(90), "90 s"),
        (view.seconds(300), "5 min"),
        (view.minutes(None), "-"),
        (view.hours(0.5), "30 minutes"),
        (view.hours(3), "3 hours"),
        (view.interval_words(None), "none is long enough"),
    ],
)
def test_numbers_are_told_in_the_unit_that_suits_them(told: str, value: str) -> None:
    assert told == value
