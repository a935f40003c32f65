"""Workers that share their work over PostgreSQL: the store and the comments are those of one sync, however many there are."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import postgres
import pytest
from msgspec.structs import replace
from stand import ANCHOR, Stand, standing

from sync.store import database
from tests.faults.changes import day_of_work
from tests.faults.small import small
from tests.store_builders import rows_of

_OF_THE_RUN = {"runs", "skips", "leases"}
"""Tables whose rows bear the ids of runs and processes."""
_ALSO_OF_THE_RUN = {"id", "run_id"}


@pytest.fixture
def database_url() -> Iterator[str]:
    if not postgres.is_installed():
        pytest.skip("there is no PostgreSQL to test on")
    with postgres.server().database() as url:
        yield url


@pytest.fixture(params=["cloud", "datacenter"])
def two(request: pytest.FixtureRequest, tmp_path: Path, capsys: Any) -> Iterator[tuple[Stand, Stand]]:
    """Two stands over the same company, each with its own copy."""
    world = small(ANCHOR, flavour=request.param)
    clock, sandbox = copy.deepcopy((world.clock, world.sandbox))
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    one = standing(folders[0], world, capsys)
    other = standing(folders[1], replace(world, clock=clock, sandbox=sandbox), capsys)
    stands = next(one), next(other)
    for stand in stands:
        _with_the_same_addresses(stand)
    yield stands
    for each in (one, other):
        next(each, None)


def _with_the_same_addresses(stand: Stand) -> None:
    settings = stand.options.settings
    assert settings
    named = {
        name: source.model_copy(update={"browse_url": f"https://{name}.nova.example"})
        for name, source in settings.sources.items()
    }
    stand.with_settings(sources=named, write_workers=1)  # comments get their ids in one order


def contents(stand: Stand) -> dict[str, list[dict[str, Any]]]:
    settings = stand.options.settings
    assert settings
    engine = database.opened(settings.database)
    try:
        found = rows_of(engine)
    finally:
        engine.dispose()
    return {
        name: sorted((_comparable(name, row) for row in rows), key=repr)
        for name, rows in found.items()
        if name not in _OF_THE_RUN
    }


def _comparable(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row without what is of the run, or of the log-in: the two stands have addresses of their own."""
    if table == "audit":
        return {k: v for k, v in row.items() if k not in _ALSO_OF_THE_RUN}
    return row | {"tips": tuple(t for t in row["tips"] if t[0] != "token")} if table == "cursors" else row


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [
        f"{table}: {row}"
        for table in one
        for row in (*one[table], *other[table])
        if row not in one[table] or row not in other[table]
    ]


def test_one_worker_leaves_what_a_sync_leaves(two: tuple[Stand, Stand], database_url: str) -> None:
    alone, shared = two
    shared.with_settings(database=database_url)
    for hours in (0, 5, 24):
        for stand in two:
            stand.world.clock.advance(timedelta(hours=hours))
            if hours:
                day_of_work(stand.world, Random(hours))
        code, text, errors = alone.run("sync")
        assert code == 0, text + errors
        code, text, errors = shared.run("worker", "--queue", "--once")
        assert code == 0, text + errors
        assert differing(contents(alone), contents(shared)) == []
        assert alone.own_comments() == shared.own_comments()
        assert alone.own_comments()
