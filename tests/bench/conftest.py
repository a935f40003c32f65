"""Sites of a small company, each in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.site.running import RunningSite, running
from tests.bench.site.small import SMALL


@pytest.fixture(scope="module")
def untouched() -> Iterator[RunningSite]:
    with running(SMALL) as found:
        yield found


@pytest.fixture
def site(untouched: RunningSite) -> RunningSite:
    """A site that nobody changes or writes to; what it counts begins anew."""
    untouched.begin()
    return untouched


@pytest.fixture
def own_site() -> Iterator[RunningSite]:
    """A site of the test's own."""
    with running(SMALL) as found:
        yield found
