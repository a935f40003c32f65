"""A fake host behind the HTTP layer, connectors opened on it, and a store that takes what they read."""

from __future__ import annotations

import re
from typing import Any

import pytest
import responses

from connectors.gitlab.connector import CONNECTOR
from connectors.port import Policy, Site
from tests.connectors.gitlab.fake_gitlab import URL, FakeGitlab
from tests.connectors.gitlab.pulled import Store
from tests.connectors.gitlab.rows import fill


@pytest.fixture
def gitlab():
    """The fake host, answering every request to it; the other host answers nothing."""
    fake = FakeGitlab()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.GET, re.compile(rf"{URL}/api/v4/.*"), callback=fake.answer)
        yield fake


@pytest.fixture
def connector(gitlab):
    """A function that opens a connector on the fake host, which has a REST API alone."""

    def opened(**selection: Any):
        policy = Policy(attempts=1)
        site = Site(source="gitlab", url=URL, token="secret", policy=policy, is_graphql_on=False)
        return CONNECTOR.open(site, {"groups": ("team",), **selection})

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
