"""Workers of the queue are killed at any moment: nothing is lost, nothing is doubled, and nobody has to do anything but start others."""

from __future__ import annotations

from random import Random

import pytest

from tests.faults.campaign import share
from tests.faults.changes import day_of_work
from tests.faults.laboratory import Laboratory
from tests.faults.marks import Marks
from tests.faults.outside import marks_after
from tests.faults.pool import Pool, patient, pool_of
from tests.faults.rows import QUEUE
from tests.faults.test_kill import forget, living

pytestmark = pytest.mark.process

WORKERS = 4
_ON_POSTGRESQL = 2
"""Groups from this one on have their store on PostgreSQL."""


def round_of(pool: Pool, laboratory: Laboratory, chance: Random, *, kills: int) -> Marks:
    """Something to do, a tick during which workers are killed and others started, and a look at what stands then."""
    bench = pool.outside.bench
    if chance.random() < 0.4:
        forget(bench, laboratory)
    else:
        day_of_work(bench.company, chance)
    before = laboratory.references.of(bench)
    tick = pool.begin()
    killed = 0
    while killed < kills and pool.kill_one(tick, chance):
        pool.start()
        killed += 1
    ended = pool.await_end(tick)
    marks = marks_after(
        bench, lambda: laboratory.references.of(bench), said=bench.journal.taken(), before=before
    )
    if ended.outcome != "complete":
        marks += Marks(unsettled=1, notes=(f"{ended.outcome}: {pool.text[-1000:]}",))
    return marks + Marks(runs=max(killed, 1))


@pytest.mark.parametrize("group", range(2))
def test_killed_at_any_moment_others_complete_the_work(group: int, laboratory: Laboratory, tally) -> None:
    chance, marks = Random(7000 + group), Marks()
    with (
        living(laboratory, _ON_POSTGRESQL + group) as outside,
        pool_of(patient(outside), WORKERS) as pool,
    ):
        for _ in range(share(30) // 2):
            marks += round_of(pool, laboratory, chance, kills=chance.choice((1, 1, 2)))
        codes = pool.end()
    tally(QUEUE, marks)
    assert codes == [0] * WORKERS
    assert "Traceback" not in pool.text
    marks.require_clean()
