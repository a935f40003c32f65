"""The generated parts of deploy/CAPACITY.md are what the constants in the repository make of them."""

import pytest
from msgspec.structs import replace

from sync.capacity.simulation import simulated
from tests.capacity_pages import (
    DOCUMENT,
    PARTS,
    SCENARIOS,
    Scenario,
    constants_part,
    even_of,
    examples_part,
    figures_of,
    part_of,
    rows_in,
    with_part,
)

TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_table_of_constants_is_the_constants() -> None:
    assert part_of(TEXT, "constants") == constants_part(), "run `python -m tests.capacity_pages`"


def test_the_three_companies_are_what_the_model_says_of_them() -> None:
    assert part_of(TEXT, "examples") == examples_part(), "run `python -m tests.capacity_pages`"


def test_the_simulation_has_a_row_for_every_way() -> None:
    assert [way for way, *_ in rows_in(TEXT)] == [scenario.name for scenario in SCENARIOS]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_row_of_the_simulation_is_what_its_interval_and_workers_show(scenario: Scenario) -> None:
    _, interval_min, workers, figures, even = next(row for row in rows_in(TEXT) if row[0] == scenario.name)
    model = scenario.model
    setup = replace(model.setup, interval_min=interval_min, workers=workers)
    day = simulated(replace(model, setup=setup), is_spread=scenario.is_spread)
    assert figures_of(day) == figures, "run `python -m tests.capacity_pages`"
    assert even_of(scenario) == even


def test_the_benchmarks_have_a_place_of_their_own_that_nothing_here_writes() -> None:
    assert TEXT.index("## Benchmarks") < TEXT.index("<!-- bench:begin -->") < TEXT.index("<!-- bench:end -->")
    assert "bench" not in PARTS


def test_a_part_is_put_between_its_markers_and_leaves_the_rest() -> None:
    text = "before\n<!-- x:begin -->\nold\n<!-- x:end -->\nafter\n"
    new = with_part(text, "x", "new")
    assert part_of(new, "x") == "new"
    assert new == text.replace("old", "new")
