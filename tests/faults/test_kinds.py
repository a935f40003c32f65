"""Every kind of fault, on the real program over real sockets: nothing lost, nothing twice, nothing wrong said."""

from __future__ import annotations

from random import Random

import pytest

from tests.faults.campaign import CELLS, Cell
from tests.faults.kinds import KINDS
from tests.faults.trial import tried


def test_there_are_at_least_forty_five_kinds_of_fault_and_each_has_a_name_of_its_own() -> None:
    assert len(KINDS) >= 45
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_after_a_fault_everything_is_as_if_it_had_not_been(cell: Cell, laboratory, tally) -> None:
    with laboratory.bench(cell.company, database=cell.database, run=cell.spot.run) as bench:
        steps = cell.kind.steps(cell.spot, Random(cell.seed))
        marks = tried(bench, laboratory.references, steps, patience=cell.kind.patience)
    tally(cell.kind.name, marks)
    marks.require_clean()
