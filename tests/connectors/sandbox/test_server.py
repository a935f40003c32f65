"""The two vendor libraries work unmodified against the servers."""

from pathlib import Path

import gitlab
import jira
import pytest
import requests

from connectors.sandbox.jql import JqlError, parse, run
from connectors.sandbox.replay import sandbox_of
from connectors.sandbox.server import SandboxServer
from tests.connectors.sandbox.sites import NOW, small

SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_the_jira_library_writes_and_reads_a_comment(flavour: str) -> None:
    sandbox = small(flavour)
    with SandboxServer(sandbox) as server:
        client = jira.JIRA(server.jira_url, basic_auth=("me", "sandbox-jira-token"), max_retries=0)
        client.add_comment("A-1", "hello")
        assert [one.body for one in client.comments("A-1")] == ["hello"]
        client.close()
    assert [one["event"] for one in sandbox.jira.notifications] == ["comment_created"]


def test_the_gitlab_library_walks_projects_by_keyset() -> None:
    with SandboxServer(small()) as server:
        client = gitlab.Gitlab(server.gitlab_url, private_token="sandbox-gitlab-token")
        walked = client.projects.list(iterator=True, pagination="keyset", order_by="id", sort="asc")
        assert sorted(one.id for one in walked) == list(range(1, 26))
        client.session.close()


def test_search_is_gone_on_cloud_and_a_wrong_token_is_401() -> None:
    with SandboxServer(small()) as server:
        good, bad = {"Authorization": "Bearer sandbox-jira-token"}, {"Authorization": "Bearer wrong"}
        assert (
            requests.get(f"{server.jira_url}/rest/api/2/search", headers=good, timeout=5).status_code == 410
        )
        assert requests.get(f"{server.jira_url}/rest/api/2/myself", headers=bad, timeout=5).status_code == 401
        assert requests.get(f"{server.gitlab_url}/api/v4/user", timeout=5).json() == {
            "message": "401 Unauthorized"
        }


def test_jql_reads_a_bare_time_in_the_zone_of_the_account() -> None:
    state = small().jira
    state.zone = "Asia/Shanghai"
    query = parse('project = A AND updated >= "2026-03-02 18:00" ORDER BY id ASC')
    assert [one["id"] for one in run(query, state, state.issues.values())] == ["1", "2"]
    with pytest.raises(JqlError):
        parse("project = A OR key = B-1")


@pytest.mark.parametrize("name", ["devlake", "links_alloy", "titanium_jira"])
def test_recorded_payloads_are_taken_in(name: str) -> None:
    if not (SHARED / name).exists():
        pytest.skip("the shared data folder is not beside the checkout")
    sandbox = sandbox_of(SHARED / name, clock=lambda: NOW)
    counts = {"devlake": (17, 12), "links_alloy": (0, 769), "titanium_jira": (2183, 0)}
    merge_requests = sum(map(len, sandbox.gitlab.merge_requests.values()))
    assert (len(sandbox.jira.issues), merge_requests) == counts[name]
