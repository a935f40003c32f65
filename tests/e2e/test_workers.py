"""However many threads read, on either database: the same store, verdict by verdict and row by row, first and after a day of work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from connectors.sandbox.world import company
from sync.store import database
from tests.faults.changes import day_of_work
from tests.stand import ANCHOR, Stand, standing
from tests.store_builders import rows_of

_OF_THE_RUN = {"runs", "skips"}
"""Tables whose rows bear the ids of runs."""


@pytest.fixture(params=["cloud", "datacenter"])
def stand(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    yield from standing(tmp_path, company(ANCHOR, flavour=request.param), capsys)


def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    engine = database.opened(url)
    try:
        return {name: rows for name, rows in rows_of(engine).items() if name not in _OF_THE_RUN}
    finally:
        engine.dispose()


def pulled(stand: Stand, url: str, *, workers: int) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """What the store holds after a pull, and the requests that it made, sorted."""
    stand.with_settings(database=url, pull_workers=workers)
    asked = stand.requests_of("pull")
    return contents(url), sorted(asked)


def differing(one: dict[str, list[dict[str, Any]]], other: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The rows in which two stores differ."""
    return [
        f"{table}: {row}"
        for table in one
        if one[table] != other[table]
        for row in (*one[table], *other[table])
        if row not in one[table] or row not in other[table]
    ]


def at_both(stand: Stand, urls: dict[str, int]) -> list[tuple[dict[str, list[dict[str, Any]]], list[str]]]:
    return [pulled(stand, url, workers=workers) for url, workers in urls.items()]


def test_one_worker_and_eight_leave_the_same_store(stand: Stand, tmp_path: Path, postgres_url: str) -> None:
    urls = {f"sqlite:///{tmp_path / 'one.db'}": 1, f"sqlite:///{tmp_path / 'eight.db'}": 8, postgres_url: 8}
    for hours in (0, 5, 24):
        stand.world.clock.advance(timedelta(hours=hours))
        if hours:
            day_of_work(stand.world, Random(hours))
        (one, asked), *others = at_both(stand, urls)
        assert sum(map(len, one.values())) > 1_000
        for other, also_asked in others:
            assert differing(one, other) == []
            assert also_asked == asked
