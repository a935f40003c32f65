"""The libraries ``jira`` and ``python-gitlab``, unmodified, work against the servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import gitlab
import jira
import pytest
from gitlab.exceptions import GitlabAuthenticationError, GitlabGetError

from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Sandbox
from connectors.sandbox.world import company

ANCHOR = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
FLAVOURS = ("cloud", "datacenter")
PORTAL = 203


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, tuple[Sandbox, SandboxServer]]]:
    """The company in each flavour behind running servers."""
    worlds = {flavour: company(ANCHOR, flavour=flavour).sandbox for flavour in FLAVOURS}
    servers = {flavour: SandboxServer(world) for flavour, world in worlds.items()}
    for server in servers.values():
        server.start()
    yield {flavour: (worlds[flavour], servers[flavour]) for flavour in FLAVOURS}
    for server in servers.values():
        server.stop()


@pytest.fixture(params=FLAVOURS)
def site(served, request) -> Iterator[tuple[Sandbox, jira.JIRA]]:
    world, server = served[request.param]
    client = jira.JIRA(server.jira_url, basic_auth=("me", "sandbox-jira-token"), max_retries=0)
    yield world, client
    client.close()


@pytest.fixture
def host(served) -> Iterator[tuple[Sandbox, gitlab.Gitlab]]:
    world, server = served["cloud"]
    client = gitlab.Gitlab(server.gitlab_url, private_token="sandbox-gitlab-token")
    yield world, client
    client.session.close()


def test_jira_knows_which_product_it_talks_to(site):
    world, client = site
    assert client._is_cloud is (world.jira.flavour == "cloud")
    assert client.current_user() == (world.jira.me.get("accountId") or world.jira.me["name"])


def test_jira_reads_fields_project_versions_and_one_issue(site):
    world, client = site
    assert {one["id"] for one in client.fields()} == {one["id"] for one in world.jira.fields}
    assert client.project("IMP").id == world.jira.projects["IMP"]["id"]
    names = {one["name"] for one in world.jira.versions.values() if one["_project"] == "IMP"}
    assert {one.name for one in client.project_versions("IMP")} == names
    id_, issue = next(iter(world.jira.issues.items()))
    assert client.issue(issue["key"], fields="summary").fields.summary == issue["fields"]["summary"]
    assert client.issue(id_).key == issue["key"]


def test_jira_finds_an_issue_by_its_former_key(site):
    world, client = site
    former, id_ = next(iter(world.jira.old_keys.items()))
    assert client.issue(former).id == id_


def test_jira_walks_clouds_search_by_page_token(served):
    world, server = served["cloud"]
    client = jira.JIRA(server.jira_url, basic_auth=("me", "sandbox-jira-token"), max_retries=0)
    seen, token = [], None
    while True:
        page = client.enhanced_search_issues(
            "project = IMP ORDER BY id ASC",
            nextPageToken=token,
            maxResults=30,
            fields="summary",
            json_result=True,
        )
        seen += [row["id"] for row in page["issues"]]
        token = page.get("nextPageToken")
        if not token:
            break
    client.close()
    wanted = [id_ for id_, one in world.jira.issues.items() if one["fields"]["project"]["key"] == "IMP"]
    assert seen == sorted(wanted, key=int)
    assert len(seen) > 90


def test_jira_walks_data_centers_search_by_offset(served):
    world, server = served["datacenter"]
    client = jira.JIRA(server.jira_url, token_auth="sandbox-jira-token", max_retries=0)
    found = client.search_issues("project = RISK ORDER BY id ASC", maxResults=False, fields="summary")
    raw = client.search_issues(
        "project = RISK", startAt=5, maxResults=2, json_result=True, expand="changelog"
    )
    client.close()
    wanted = [id_ for id_, one in world.jira.issues.items() if one["fields"]["project"]["key"] == "RISK"]
    assert [one.id for one in found] == sorted(wanted, key=int)
    assert (raw["startAt"], raw["maxResults"], raw["total"], len(raw["issues"])) == (5, 2, len(wanted), 2)
    assert raw["issues"][0]["changelog"]["histories"]


def test_jira_writes_edits_and_removes_a_comment(site):
    _, client = site
    issue = client.search_issues("project = IMP ORDER BY id ASC", maxResults=1)[0]
    comment = client.add_comment(issue, "first", visibility={"type": "role", "value": "Administrators"})
    assert [one.body for one in client.comments(issue)] == ["first"]
    comment.update(body="second")
    kept = client.comment(issue, comment.id)
    assert (kept.body, kept.visibility.value) == ("second", "Administrators")
    comment.delete()
    assert client.comments(issue) == []


def test_jira_keeps_an_issue_property(site):
    _, client = site
    client.add_issue_property("IMP-5", "tandem.status", {"health": "done"})
    assert client.issue_property("IMP-5", "tandem.status").value.health == "done"
    assert [one.key for one in client.issue_properties("IMP-5")] == ["tandem.status"]


def test_jira_reads_worklogs_boards_and_sprints(site):
    world, client = site
    id_, rows = max(world.jira.worklogs.items(), key=lambda item: len(item[1]))
    assert [one.timeSpentSeconds for one in client.worklogs(id_)] == [one["timeSpentSeconds"] for one in rows]
    boards = client.boards(projectKeyOrID="IMP")
    assert [one.name for one in boards] == ["IMP board"]
    ids = {one.id for one in client.sprints(boards[0].id)}
    assert ids == {one["id"] for one in world.jira.sprints.values() if one["originBoardId"] == boards[0].id}
    assert {one.state for one in client.sprints(boards[0].id, state="active")} == {"active"}


def test_jira_is_told_of_a_wrong_token(served):
    client = jira.JIRA(
        served["cloud"][1].jira_url, basic_auth=("me", "no"), max_retries=0, get_server_info=False
    )
    with pytest.raises(jira.JIRAError) as caught:
        client.fields()
    client.close()
    assert caught.value.status_code == 401


@pytest.mark.parametrize("extra", [{}, {"pagination": "keyset", "order_by": "id", "sort": "asc"}])
def test_gitlab_lists_projects(host, extra):
    world, client = host
    found = [one.id for one in client.projects.list(iterator=True, per_page=2, **extra)]
    assert sorted(found) == sorted(world.gitlab.projects)


def test_gitlab_lists_groups_projects_with_subgroups(host):
    world, client = host
    group = client.groups.get("nova")
    assert {one.id for one in group.projects.list(include_subgroups=True, get_all=True)} == set(
        world.gitlab.projects
    )
    assert group.projects.list(get_all=True) == []


def test_gitlab_walks_the_commits_of_all_refs(host):
    world, client = host
    project = client.projects.get(PORTAL, lazy=True)
    query = {"all": True, "trailers": True, "per_page": 100}
    found = {one.id for one in project.commits.list(iterator=True, query_parameters=query)}
    alone = {one.id for one in project.commits.list(iterator=True, per_page=100)}
    assert alone < found <= set(world.gitlab.commits[PORTAL])


def test_gitlab_reads_branches_and_merge_requests(host):
    world, client = host
    project = client.projects.get(PORTAL)
    assert {one.name for one in project.branches.list(iterator=True)} == set(world.gitlab.branches[PORTAL])
    merged = project.mergerequests.list(state="merged", iterator=True, per_page=50)
    held = world.gitlab.merge_requests[PORTAL]
    assert {one.iid for one in merged} == {iid for iid, one in held.items() if one["state"] == "merged"}
    of_group = client.groups.get("nova").mergerequests.list(scope="all", iterator=True, per_page=100)
    assert sum(1 for _ in of_group) == sum(map(len, world.gitlab.merge_requests.values()))


def test_gitlab_reads_what_hangs_on_a_merge_request(host):
    world, client = host
    iid = next(iid for iid, one in world.gitlab.merge_requests[PORTAL].items() if one["merge_commit_sha"])
    request = client.projects.get(PORTAL, lazy=True).mergerequests.get(iid)
    shas = [one.id for one in request.commits()]
    assert shas[0] == request.sha
    assert request.merge_commit_sha not in shas
    by = {one["user"]["id"] for one in request.approvals.get().approved_by}
    assert by == {one["user"]["id"] for one in world.gitlab.approvals[PORTAL, iid]["approved_by"]}


def test_gitlab_reads_pipelines_jobs_deployments_and_releases(host):
    world, client = host
    project = client.projects.get(PORTAL, lazy=True)
    listed = {one.id for one in project.pipelines.list(iterator=True, per_page=100)}
    children = {
        one.id for one in project.pipelines.list(iterator=True, source="parent_pipeline", per_page=100)
    }
    assert children
    assert listed.isdisjoint(children)
    assert listed | children == set(world.gitlab.pipelines[PORTAL])
    busy = next(id_ for id_ in world.gitlab.pipelines[PORTAL] if world.gitlab.jobs.get(id_))
    names = [one.name for one in project.pipelines.get(busy).jobs.list(get_all=True, include_retried=True)]
    assert sorted(names) == sorted(one["name"] for one in world.gitlab.jobs[busy])
    assert {one.id for one in project.deployments.list(iterator=True)} == set(
        world.gitlab.deployments[PORTAL]
    )
    assert {one.tag_name for one in project.releases.list(iterator=True)} == set(
        world.gitlab.releases[PORTAL]
    )


def test_gitlab_reads_milestones_issues_and_users(host):
    world, client = host
    group, project = client.groups.get("nova"), client.projects.get(PORTAL, lazy=True)
    assert {one.title for one in group.milestones.list(get_all=True)} >= {"MES 2.0.0", "Platform 5.1"}
    assert [one.title for one in project.milestones.list(get_all=True)] == ["3.2"]
    assert sum(1 for _ in group.issues.list(iterator=True)) == sum(map(len, world.gitlab.issues.values()))
    client.keep_base_url = True  # the company's addresses are those of its own host, not of the loopback
    client.auth()
    assert client.user.username == world.gitlab.me["username"]
    assert (
        client.users.list(username="li.wei", get_all=True)[0].name
        == client.users.get(client.users.list(username="li.wei", get_all=True)[0].id).name
    )


def test_gitlab_follows_the_redirect_of_a_renamed_project(host):
    world, client = host
    world.gitlab.old_paths["nova/old-portal"] = PORTAL
    assert client.projects.get("nova/old-portal").id == PORTAL


def test_gitlab_is_told_of_a_wrong_token_and_of_what_is_not_there(host):
    _, client = host
    with pytest.raises(GitlabGetError) as caught:
        client.projects.get(999)
    assert caught.value.response_code == 404
    wrong = gitlab.Gitlab(client.url, private_token="no")
    with pytest.raises(GitlabAuthenticationError):
        wrong.auth()
    wrong.session.close()
