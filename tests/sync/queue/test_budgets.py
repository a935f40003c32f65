"""Stored budgets: several processes keep to one limit together, and hear of each other what a tool told."""

from __future__ import annotations

import multiprocessing
import time

import pytest
import requests
from sqlalchemy import Engine, select

from connectors.commons import Claim, News
from connectors.port import Policy, Site
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Quota
from connectors.sandbox.world import company
from connectors.transport.adapter import adapter_for
from connectors.transport.pace import Family
from sync.store import budgets, database
from sync.store.budgets import StoredBudgets
from sync.store.queue_tables import budgets as table
from tests.stand import ANCHOR

ALL = Claim(key="site ", limit=40, window_s=60.0)


def test_what_one_takes_the_other_does_not_get(engine: Engine) -> None:
    one, other = StoredBudgets(engine), StoredBudgets(engine)
    given = [taker.shares("jira", (ALL,))[0].turns for taker in (one, other) * 10]
    assert given == [2] * 20
    (share,) = one.shares("jira", (ALL,))
    assert share.turns == 0
    assert 60.0 < share.wait_s <= 75.0


def test_sites_have_budgets_of_their_own(engine: Engine) -> None:
    commons = StoredBudgets(engine)
    only = Claim(key="site ", limit=1, window_s=60.0)
    shares = [commons.shares(source, (only,))[0].turns for source in ("jira", "gitlab", "jira")]
    assert shares == [1, 1, 0]


def test_several_budgets_are_taken_of_at_once(engine: Engine) -> None:
    commons = StoredBudgets(engine)
    narrow = Claim(key="files ", limit=1, window_s=60.0)
    assert [s.turns for s in commons.shares("jira", (ALL, narrow))] == [2, 1]
    assert [s.turns for s in commons.shares("jira", (narrow, ALL))] == [0, 2]


def test_what_a_tool_told_one_all_hear(engine: Engine) -> None:
    commons, other = StoredBudgets(engine), StoredBudgets(engine)
    assert other.news("jira") == News()
    commons.hold("jira", ("site ", "GET /x"), for_s=30.0)
    commons.hold("jira", ("site ",), for_s=5.0)
    commons.near("jira", remaining=7.0, left_s=20.0)
    news = other.news("jira")
    assert dict(news.held_s) == {"site ": pytest.approx(30.0, abs=5), "GET /x": pytest.approx(30.0, abs=5)}
    assert news.near == (7.0, pytest.approx(20.0, abs=5))
    assert other.news("gitlab") == News()


def test_near_a_limit_each_has_a_place_behind_the_other(engine: Engine) -> None:
    one, other = StoredBudgets(engine), StoredBudgets(engine)
    places = [commons.next_s("jira", pause_s=100.0) for commons in (one, other, one)]
    assert places == [0.0, pytest.approx(100.0, abs=5), pytest.approx(200.0, abs=10)]


def test_budgets_that_nobody_uses_any_more_are_forgotten(engine: Engine) -> None:
    commons = StoredBudgets(engine)
    commons.shares("jira", (ALL,))
    commons.shares("jira", (Claim(key="issue NOVA-1", limit=20, window_s=2.0),))
    with engine.begin() as connection:
        old = ((time.time() - 10_000.0, 1),)
        connection.execute(table.update().where(table.c.key == "issue NOVA-1").values(taken=old))
        budgets.forget_old(connection)
        assert connection.execute(select(table.c.key)).scalars().all() == ["site "]
        assert [row[:3] for row in budgets.used(connection)] == [("jira", "site ", 2)]


def hammer(url: str, database_url: str, number: int) -> int:
    """Ask as fast as all together may; returns how often that was refused."""
    engine = database.opened(database_url)
    site = Site(
        source="gitlab",
        url=url,
        token="sandbox-gitlab-token",
        policy=Policy(attempts=1),
        commons=StoredBudgets(engine),
    )
    adapter = adapter_for(site, Family(name="site", pattern="", limit=60, window_s=2.0))
    with requests.Session() as session:
        adapter.mount_on(session)
        headers = {"PRIVATE-TOKEN": site.token}
        statuses = [session.get(f"{url}/api/v4/user", headers=headers).status_code for _ in range(number)]
    adapter.close()
    engine.dispose()
    assert set(statuses) <= {200, 429}
    return statuses.count(429)


@pytest.mark.process
def test_processes_that_hammer_one_site_never_exceed_its_quota(engine: Engine) -> None:
    world = company(ANCHOR, size="small")
    quota = world.sandbox.gitlab.quota = Quota(limit=60, window_s=2.0)
    url = engine.url.render_as_string(hide_password=False)
    with (
        SandboxServer(world.sandbox) as server,
        multiprocessing.get_context("spawn").Pool(4) as pool,
    ):
        refused = pool.starmap(hammer, [(server.gitlab_url, url, 60)] * 4)
    assert refused == [0, 0, 0, 0]
    assert quota.refused == 0
    assert len(world.sandbox.requests) == 240


@pytest.mark.process
def test_the_quota_is_one_that_processes_exceed_where_nothing_is_shared() -> None:
    world = company(ANCHOR, size="small")
    quota = world.sandbox.gitlab.quota = Quota(limit=60, window_s=2.0)
    with SandboxServer(world.sandbox) as server, requests.Session() as session:
        headers = {"PRIVATE-TOKEN": "sandbox-gitlab-token"}
        for _ in range(200):
            session.get(f"{server.gitlab_url}/api/v4/user", headers=headers)
    assert quota.refused > 0
