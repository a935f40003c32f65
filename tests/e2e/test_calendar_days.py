"""Days on which clocks and calendars are odd: a company anchored there is judged rightly, and its second run writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stand import Stand, planted_in, settings_for, writes_in

from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world import Size, company
from connectors.sandbox.world.scenes import SCENES
from sync.cli.options import Options

LEAP = datetime(2028, 2, 29, 9, 30, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 23, 45, tzinfo=UTC)
SUMMER_ENDS = datetime(2026, 10, 25, 0, 40, tzinfo=UTC)
"""Twenty minutes before clocks in Berlin go back from three to two."""
SUMMER_BEGINS = datetime(2026, 3, 29, 0, 40, tzinfo=UTC)
DAYS = {"leap": LEAP, "new year": NEW_YEAR, "summer ends": SUMMER_ENDS, "summer begins": SUMMER_BEGINS}
Open = Callable[[datetime, Size], Stand]


@pytest.fixture
def opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Open]:
    """A function that opens a company anchored at an instant; the account that reads Jira lives in Berlin."""
    servers: list[SandboxServer] = []

    def stand(anchor: datetime, size: Size) -> Stand:
        world = company(anchor, size=size)
        world.sandbox.jira.zone = "Europe/Berlin"
        server = SandboxServer(world.sandbox)
        server.start()
        servers.append(server)
        options = Options(settings=settings_for(tmp_path, server, world), now=world.clock.now)
        return Stand(world=world, server=server, options=options, capture=capsys)

    yield stand
    for server in servers:
        server.stop()


@pytest.mark.parametrize("day", DAYS)
def test_on_an_odd_day_the_truth_is_found_and_settles(opened: Open, day: str) -> None:
    stand = opened(DAYS[day], "full")
    assert stand.run("sync")[0] == 0
    assert stand.drift() == planted_in(stand.world.truth)
    assert writes_in(stand.requests_of("sync")) == []


@pytest.mark.parametrize("day", ["summer ends", "summer begins"])
def test_what_happens_while_clocks_change_is_neither_lost_nor_read_twice(opened: Open, day: str) -> None:
    stand, scene = opened(DAYS[day], "small"), SCENES["release_day_dst"]
    assert stand.run("sync")[0] == 0
    for _ in range(2):
        scene.play(stand.world)
        assert stand.run("sync")[0] == 0
        assert stand.drift() == planted_in(scene.truth_after(stand.world))
        assert writes_in(stand.requests_of("sync")) == []


def test_a_small_company_holds_its_truth_within_few_requests(opened: Open) -> None:
    stand = opened(datetime(2026, 11, 23, 2, 0, tzinfo=UTC), "small")
    first = stand.requests_of("sync")
    assert stand.drift() == planted_in(stand.world.truth)
    reviews = [r for r in first if r == "POST /api/graphql"]
    files = [r for r in first if "/repository/tree" in r or "/repository/blobs/" in r]
    assert 0 < len(reviews) <= 8
    assert 0 < len(files) <= 20
    assert len(first) - len(reviews) - len(files) <= 110
    assert len(writes_in(first)) == 10
    assert writes_in(stand.requests_of("sync")) == []
