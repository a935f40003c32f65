"""Random faults in a moving world, seeded: the end is exactly the state of a fault-free run."""

from __future__ import annotations

import pytest

from tests.faults.campaign import FIRST_SEED, FLAVOURS, RUNS, share
from tests.faults.chance import runs
from tests.faults.kind import ANCHOR
from tests.faults.laboratory import DATABASES, Which
from tests.faults.rows import RANDOM, SIDE_BY_SIDE
from tests.faults.trial import tried
from tests.faults.world_steps import DAY


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + RUNS))
def test_random_faults_leave_nothing_behind(seed: int, laboratory, tally) -> None:
    which = Which(flavour=FLAVOURS[seed % 2], anchor=ANCHOR)
    database, run = DATABASES[seed // 2 % 2], "first" if seed % 5 == 0 else "later"
    with laboratory.bench(which, database=database, run=run) as bench:
        marks = tried(bench, laboratory.references, runs(seed), patience=DAY)
    tally(RANDOM, marks)
    if not marks.is_clean:
        print(
            f"again alone with: TANDEM_FAULT_RUNS=1 TANDEM_FAULT_SEED={seed} pytest -n 0 tests/faults/test_random.py"
        )
    marks.require_clean()


@pytest.mark.parametrize("seed", range(10_000 + FIRST_SEED, 10_000 + FIRST_SEED + share(40)))
def test_random_faults_under_four_who_ask_and_eight_who_write_side_by_side_leave_nothing_behind(
    seed: int, laboratory, tally
) -> None:
    """Which request meets which fault is up to chance here, not to the seed; how it all ends is not."""
    which = Which(flavour=FLAVOURS[seed % 2], anchor=ANCHOR)
    database, run = DATABASES[seed // 2 % 2], "first" if seed % 5 == 0 else "later"
    with laboratory.bench(which, database=database, run=run) as bench:
        bench.settings = bench.settings.model_copy(update={"pull_workers": 4, "write_workers": 8})
        marks = tried(bench, laboratory.references, runs(seed), patience=DAY)
    tally(SIDE_BY_SIDE, marks)
    marks.require_clean()


def test_a_seed_always_gives_the_same_faults(laboratory) -> None:
    which = Which(flavour="cloud", anchor=ANCHOR)
    seen = []
    for _ in range(2):
        with laboratory.bench(which, database="sqlite", run="later") as bench:
            for step in runs(7):
                step.arm(bench)
            sandbox = bench.company.sandbox
            seen.append((list(sandbox.faults), [e.at_request for e in sandbox.events], bench.now()))
    assert seen[0] == seen[1]
