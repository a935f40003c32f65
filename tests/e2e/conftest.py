"""A company and the program pointed at it, anew for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from stand import ANCHOR, Stand, settings_for

from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world import company
from sync.cli.context import Options


@pytest.fixture
def stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> Iterator[Stand]:
    world = company(ANCHOR, flavour=getattr(request, "param", "cloud"))
    with SandboxServer(world.sandbox) as server:
        options = Options(settings=settings_for(tmp_path, server, world), now=world.clock.now)
        yield Stand(world=world, server=server, options=options, capture=capsys)
