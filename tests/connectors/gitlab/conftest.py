"""A fake host behind the HTTP layer, connectors opened on it, and a store that takes what they read."""

from __future__ import annotations

import pytest

from tests.connectors.gitlab.fake_gitlab import FakeGitlab, answering
from tests.connectors.gitlab.pulled import Store, opened
from tests.connectors.gitlab.rows import fill


@pytest.fixture
def gitlab():
    """The fake host, answering every request to it; the other host answers nothing."""
    fake = FakeGitlab()
    with answering(fake):
        yield fake


@pytest.fixture
def connector(gitlab):
    """A function that opens a connector on the fake host, which has a REST API alone."""

    return opened


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def stream_of():
    """A function that gives a connector's stream by name."""
    return lambda connector, name: next(s for s in connector.streams() if s.name == name)


@pytest.fixture
def company(gitlab):
    """The fake host with six projects in one group."""
    return fill(gitlab)
