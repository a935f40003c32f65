"""Every kind of fault, on the real program over real sockets: nothing lost, nothing twice, nothing wrong said."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.faults.campaign import CELLS, Cell
from tests.faults.kinds import KINDS
from tests.faults.trial import tried

ATTEMPTS = 5
"""A run can end before the fault's turn; then it is tried again, nearer to the beginning."""


def test_there_are_at_least_forty_five_kinds_of_fault_and_each_has_a_name_of_its_own() -> None:
    assert len(KINDS) >= 45
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_after_a_fault_everything_is_as_if_it_had_not_been(cell: Cell, laboratory, tally) -> None:
    for attempt in range(ATTEMPTS):
        spot = replace(cell.spot, reach=max(1, cell.spot.reach >> attempt))
        steps = cell.kind.steps(spot, Random(cell.seed + attempt))
        with laboratory.bench(cell.company, database=cell.database, run=spot.run) as bench:
            marks = tried(bench, laboratory.references, steps, patience=cell.kind.patience)
        marks.require_clean()
        if marks.runs:
            break
    tally(cell.kind.name, marks)
    assert marks.runs, f"in {ATTEMPTS} trials the fault never came to pass"
