"""One login asked by many threads at once over real sockets: each gets its own answer, and every request is counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from connectors.errors import RetryableError
from connectors.gitlab import client as gitlab_client
from connectors.gitlab.client import GitlabClient
from connectors.jira import client as jira_client
from connectors.jira.client import CORE, JiraClient
from connectors.port import Policy, Site
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Fault, Sandbox
from tests.connectors.sandbox.sites import small

THREADS, EACH = 8, 25


@pytest.fixture
def sandbox() -> Sandbox:
    return small()


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[SandboxServer]:
    with SandboxServer(sandbox) as server:
        yield server


def site(source: str, url: str, **policy: float) -> Site:
    return Site(source=source, url=url, token=f"sandbox-{source}-token", policy=Policy(**policy))  # type: ignore[arg-type]


def asked_by_many(ask: Callable[[int], object]) -> list[object]:
    """What ``ask`` gave for each number, asked by threads that begin together."""
    together = threading.Barrier(THREADS)

    def some(which: int) -> list[object]:
        together.wait(10)
        return [ask(which * EACH + number) for number in range(EACH)]

    with ThreadPoolExecutor(THREADS) as pool:
        return [one for found in pool.map(some, range(THREADS)) for one in found]


def test_threads_at_one_gitlab_get_their_own_answers(server: SandboxServer, sandbox: Sandbox) -> None:
    with closing(GitlabClient(site("gitlab", server.gitlab_url))) as client:
        found = asked_by_many(lambda n: client.get(gitlab_client.path_of("projects", n % 25 + 1))["id"])
        assert found == [n % 25 + 1 for n in range(THREADS * EACH)]
        assert client.requests_made == THREADS * EACH == len(sandbox.requests)


def test_threads_at_one_jira_get_their_own_answers(server: SandboxServer, sandbox: Sandbox) -> None:
    ids = sorted(sandbox.jira.issues)
    with closing(JiraClient(site("jira", server.jira_url))) as client:
        found = asked_by_many(
            lambda n: client.get(jira_client.path_of(CORE, "issue", ids[n % len(ids)]))["id"]
        )
        assert found == [ids[n % len(ids)] for n in range(THREADS * EACH)]
        assert client.requests_made == THREADS * EACH == len(sandbox.requests)


def test_a_failure_of_one_is_repeated_by_that_one_alone(server: SandboxServer, sandbox: Sandbox) -> None:
    sandbox.faults += [Fault(pattern="projects/7$", kind="status", status=502, times=3)]
    with closing(GitlabClient(site("gitlab", server.gitlab_url, first_wait_s=0.01))) as client:
        found = asked_by_many(lambda n: client.get(gitlab_client.path_of("projects", n % 25 + 1))["id"])
        assert found == [n % 25 + 1 for n in range(THREADS * EACH)]
        assert client.requests_made == THREADS * EACH + 3


def test_closing_a_login_ends_the_waiting_in_it(server: SandboxServer, sandbox: Sandbox) -> None:
    sandbox.faults += [
        Fault(pattern="projects", kind="status", status=429, headers={"Retry-After": "100"}, times=1_000)
    ]
    client = GitlabClient(site("gitlab", server.gitlab_url, wait_budget_s=10_000.0))
    told: list[str] = []

    def ask() -> None:
        try:
            client.get(gitlab_client.path_of("projects", 1))
        except RetryableError as error:
            told.append(str(error))

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for one in asking:
        one.start()
    while not sandbox.requests:
        threading.Event().wait(0.001)
    client.close()
    for one in asking:
        one.join(10)
    assert not any(one.is_alive() for one in asking)
    assert ["the run has ended" in text for text in told] == [True] * 4


def test_a_long_line_makes_each_answer_wait() -> None:
    sandbox = small()
    with SandboxServer(sandbox, round_trip_s=30.0) as server:
        client = GitlabClient(site("gitlab", server.gitlab_url, read_timeout_s=0.05, attempts=1))
        with closing(client), pytest.raises(RetryableError, match="no usable answer"):
            client.get(gitlab_client.path_of("projects", 1))
    assert len(sandbox.requests) == 1
