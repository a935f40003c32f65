"""By GraphQL and by REST the same records come, whatever the endpoint does; REST is asked only where GraphQL did not tell."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.check import Level
from connectors.errors import BlockedError
from connectors.gitlab.connector import CONNECTOR, GitlabConnector
from connectors.gitlab.parse import Place
from connectors.gitlab.parse_work import parse_merge_request
from connectors.port import Policy, Site, Skipped, as_they_are
from connectors.records import Approval, MergeRequest, MergeRequestNotes
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Fault, GitlabState, Sandbox
from connectors.sandbox.world import company

ANCHOR = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
AT = "2026-11-20T12:00:00.789Z"
KINDS = ("merge_request_commits", "approvals", "notes")
Found = Mapping[str, Any]


def said(id_: int, **more: Any) -> dict[str, Any]:
    author = {"id": 11, "username": "li.wei", "name": "Li Wei"}
    fixed = {"id": id_, "type": None, "body": "words", "author": author, "created_at": AT, "updated_at": AT}
    return fixed | {"system": False, "resolvable": False, "noteable_type": "MergeRequest"} | more


def thread(name: str, *notes: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "individual_note": len(notes) == 1, "notes": list(notes)}


GHOST = {"id": 1, "username": "ghost", "name": "Ghost User"}
TOKEN_BOT = {"id": 2, "username": "project_7_bot_ab", "name": "****"}
ODD: tuple[list[dict[str, Any]], ...] = (
    [thread("a1", said(1, author=GHOST)), thread("a2", said(2, author=None))],
    [thread("a1", said(1, system=True)), thread("a2", said(2, author=TOKEN_BOT, internal=True))],
    [
        thread(
            "a1",
            said(1, type="DiffNote", resolvable=True, resolved=True),
            said(4, resolvable=True, resolved=True),
        ),
        thread("a2", said(2, type="DiscussionNote", resolvable=True, resolved=False), said(3)),
    ],
    [thread("a1", said(1)), thread("a2", said(2, noteable_type="Commit"))],
    [thread(f"a{n}", said(n)) for n in range(130)],
    [],
)
"""What was said on merge requests in ways that the company has none of."""


def odd_ones(state: GitlabState) -> None:
    """Put them on the newest merge requests of one project, which have approvals of every form, too."""
    project_id = next(iter(state.merge_requests))
    rows = list(state.merge_requests[project_id].values())[-len(ODD) :]
    for number, (row, discussions) in enumerate(zip(rows, ODD, strict=True)):
        key = project_id, row["iid"]
        state.discussions[key] = discussions
        row["user_notes_count"] = sum(not n["system"] for one in discussions for n in one["notes"])
        users = [{"user": user} for user in (GHOST, TOKEN_BOT)[: number % 3]]
        counts = {"approvals_required": number, "approvals_left": 1} if number % 2 else {}
        state.approvals[key] = {"approved": True, "approved_by": users, **counts}


@pytest.fixture(scope="module", params=["small"])
def served(request) -> Iterator[tuple[Sandbox, SandboxServer]]:
    sandbox = company(ANCHOR, size=request.param).sandbox
    odd_ones(sandbox.gitlab)
    with SandboxServer(sandbox) as server:
        yield sandbox, server


@pytest.fixture
def sandbox(served) -> Iterator[Sandbox]:
    found, _ = served
    found.requests.clear()
    yield found
    found.faults.clear()
    found.gitlab.has_graphql, found.gitlab.graphql_points, found.gitlab.blocked = True, 250, False


@pytest.fixture
def opened(served):
    """A function that opens a connector that has logged in, by GraphQL or not."""
    made: list[GitlabConnector] = []

    def opening(*, is_graphql_on: bool = True) -> GitlabConnector:
        site = Site(
            source="gitlab",
            url=served[1].gitlab_url,
            token="sandbox-gitlab-token",
            policy=Policy(attempts=2, first_wait_s=0.0, read_timeout_s=5.0),
            is_graphql_on=is_graphql_on,
        )
        made.append(CONNECTOR.open(site, {"groups": ("nova",)}))
        made[-1].connect()
        return made[-1]

    yield opening
    for one in made:
        one.close()


def requests_in(state: GitlabState, count: int | None = None) -> tuple[MergeRequest, ...]:
    """Merge requests of every project, the newest ``count`` of each or all."""
    place = Place(source="gitlab", browse_url="https://gitlab.example")
    of_projects = (list(rows.values())[-count if count else None :] for rows in state.merge_requests.values())
    return tuple(parse_merge_request(row, place) for rows in of_projects for row in rows)


def told(opened: GitlabConnector, name: str, requests: Iterable[MergeRequest]) -> Found:
    """What a kind of detail tells, by the merge request's ref."""
    kind = next(one for one in opened.details() if one.name == name)
    groups = [(group, kind.fetch(group, as_they_are)) for group in kind.groups(tuple(requests))]
    return {str(r.ref): one for group, answers in groups for r, one in zip(group, answers, strict=True)}


def asked_of(sandbox: Sandbox) -> Counter[str]:
    """How often each way was asked for details."""
    ways = {"graphql": "POST /api/graphql", "rest": "GET /api/v4/projects/"}
    return Counter(way for way, start in ways.items() for line in sandbox.requests if line.startswith(start))


@pytest.fixture(scope="module")
def by_rest(served) -> dict[str, Found]:
    """What REST tells of the newest merge requests of every project."""
    sandbox, server = served
    site = Site(source="gitlab", url=server.gitlab_url, token="sandbox-gitlab-token", is_graphql_on=False)
    connector = CONNECTOR.open(site, {"groups": ("nova",)})
    connector.connect()
    some = requests_in(sandbox.gitlab, 8)
    found = {name: told(connector, name, some) for name in KINDS}
    connector.close()
    return found


_FURTHER = {"approvals": 0, "notes": 4, "merge_request_commits": 11}
"""Requests by REST: 130 notes are two pages, notes that GitLab counts and does not list are asked twice, one merge request in each project has more than 100 commits."""


@pytest.mark.parametrize("served", ["full"], indirect=True)
@pytest.mark.parametrize("name", KINDS)
def test_the_whole_company_is_told_the_same_by_both_ways(sandbox, opened, name):
    everything = requests_in(sandbox.gitlab)
    one_way, other_way = opened(), opened(is_graphql_on=False)
    first = told(one_way, name, everything)
    ways = asked_of(sandbox)
    assert len(first) == len(everything) > 300
    assert ways["graphql"] <= len(everything) / 50 + len(sandbox.gitlab.projects)
    assert ways["rest"] == _FURTHER[name]
    second = told(other_way, name, everything)
    for ref, records in second.items():
        assert first[ref] == records, ref
    assert not any(isinstance(one, Skipped) for one in second.values())


def test_the_odd_ones_are_what_they_were_made_for(sandbox, opened):
    project_id = next(iter(sandbox.gitlab.merge_requests))
    rows = requests_in(sandbox.gitlab, len(ODD))
    odd = [one for one in rows if one.project_id == str(project_id)]
    notes = told(opened(), "notes", odd)
    kept: list[MergeRequestNotes] = [notes[str(one.ref)][0] for one in odd]
    assert [len(one.notes) for one in kept] == [2, 2, 4, 1, 130, 0]
    assert [n.author_id for n in kept[0].notes] == ["ghost", None]
    assert [(n.is_system, n.is_author_bot) for n in kept[1].notes] == [(True, False), (False, True)]
    assert [n.is_resolved for n in kept[2].notes] == [True, False, False, True]
    assert {n.created_at.microsecond for one in kept for n in one.notes} == {0}
    approvals = told(opened(), "approvals", odd)
    counted: list[Approval] = [approvals[str(one.ref)][0] for one in odd]
    assert [(one.required_count, one.missing_count) for one in counted] == [
        (0, 0),
        (1, 1),
        (0, 0),
        (3, 1),
        (0, 0),
        (5, 1),
    ]


BROKEN = [
    Fault(pattern="graphql", status=500),
    Fault(pattern="graphql", status=503),
    Fault(pattern="graphql", status=429, headers={"Retry-After": "0.01"}),
    Fault(pattern="graphql", status=429, headers={"Retry-After": "3600"}),
    Fault(pattern="graphql", status=401, body='{"errors": [{"message": "Invalid token"}]}'),
    Fault(pattern="graphql", status=403, body='{"error": "insufficient_scope", "scope": "api"}'),
    Fault(pattern="graphql", status=404, body='{"errors": [{"message": "Not found!"}]}'),
    Fault(pattern="graphql", status=404, body="<html>no such page</html>"),
    Fault(pattern="graphql", status=422, body='{"errors": [{"message": "Query too large"}]}'),
    Fault(pattern="graphql", status=301, headers={"Location": "/api/v4/version"}),
    Fault(pattern="graphql", status=302, headers={"Location": "https://elsewhere.example/"}),
    Fault(pattern="graphql", status=200, body="[]"),
    Fault(pattern="graphql", status=200, body="{}"),
    Fault(pattern="graphql", status=200, body='{"data": null}'),
    Fault(pattern="graphql", status=200, body='{"errors": [{"message": "Field \'notes\' doesn\'t exist"}]}'),
    Fault(pattern="graphql", kind="html"),
    Fault(pattern="graphql", kind="empty"),
    Fault(pattern="graphql", kind="truncate"),
    Fault(pattern="graphql", kind="cut_json"),
    Fault(pattern="graphql", kind="short_length"),
    Fault(pattern="graphql", kind="bad_gzip"),
    Fault(pattern="graphql", kind="reset_before"),
    Fault(pattern="graphql", kind="reset_after"),
    Fault(pattern="graphql", kind="reset_during"),
]


def name_of(fault: Fault) -> str:
    return f"{fault.kind} {fault.status} {fault.body or fault.headers or ''} after {fault.skip}"


@pytest.mark.parametrize(
    "fault", [*BROKEN, *(dataclasses.replace(fault, skip=2) for fault in BROKEN)], ids=name_of
)
def test_whatever_the_endpoint_does_nothing_is_lost_and_nothing_invented(sandbox, opened, by_rest, fault):
    some = requests_in(sandbox.gitlab, 2)
    sandbox.faults.append(dataclasses.replace(fault, times=1_000))
    connector = opened()
    for name in ("approvals", "notes"):
        assert told(connector, name, some) == {str(one.ref): by_rest[name][str(one.ref)] for one in some}
    assert connector.details()[-1].notice
    assert (
        asked_of(sandbox)["graphql"] <= fault.skip + 2
    )  # a transient failure is tried once more, then REST alone


@pytest.mark.parametrize(
    "fault",
    [
        f
        for f in BROKEN
        if f.kind != "status" or f.status in {500, 503} or "0.01" in f.headers.get("Retry-After", "")
    ],
    ids=name_of,
)
def test_a_passing_failure_costs_one_more_query_alone(sandbox, opened, by_rest, fault):
    sandbox.faults.append(dataclasses.replace(fault, times=1))
    connector = opened()
    assert told(connector, "approvals", requests_in(sandbox.gitlab, 8)) == by_rest["approvals"]
    assert asked_of(sandbox) == {"graphql": len(sandbox.gitlab.projects) + 1}
    assert not connector.details()[-1].notice


def test_without_the_endpoint_one_query_is_made_in_a_run_and_one_in_the_next(sandbox, opened, by_rest):
    sandbox.gitlab.has_graphql = False
    connector, some = opened(), requests_in(sandbox.gitlab, 8)
    for _ in range(2):
        connector.connect()
        assert {name: told(connector, name, some) for name in KINDS} == by_rest
        assert "404" in connector.details()[-1].notice
    assert asked_of(sandbox)["graphql"] == 2


def test_an_edition_that_lacks_the_fields_of_one_kind_is_asked_for_the_others(sandbox, opened, by_rest):
    lacking = '{"errors": [{"message": "Field \'approvalsLeft\' doesn\'t exist on type \'MergeRequest\'"}]}'
    sandbox.faults.append(Fault(pattern="graphql", status=200, body=lacking))
    connector, some = opened(), requests_in(sandbox.gitlab, 8)
    assert {name: told(connector, name, some) for name in ("approvals", "notes")} == {
        name: by_rest[name] for name in ("approvals", "notes")
    }
    projects = len(sandbox.gitlab.projects)
    assert asked_of(sandbox)["graphql"] == 1 + projects
    assert ["approvalsLeft" in one.notice for one in connector.details()] == [False, False, True, False]


def test_several_threads_find_out_together_that_there_is_no_endpoint(sandbox, opened, by_rest):
    sandbox.gitlab.has_graphql = False
    connector, some = opened(), requests_in(sandbox.gitlab, 8)
    kind = connector.details()[-1]
    groups = tuple(kind.groups(some))
    with ThreadPoolExecutor(len(groups)) as pool:
        answers = list(pool.map(lambda group: tuple(kind.fetch(group, as_they_are)), groups))
    assert [one for told in answers for one in told] == list(by_rest["notes"].values())
    assert len(groups) > 1
    assert asked_of(sandbox)["graphql"] == 1


def test_switched_off_no_query_is_made_and_nothing_is_said(sandbox, opened, by_rest):
    connector = opened(is_graphql_on=False)
    assert told(connector, "notes", requests_in(sandbox.gitlab, 8)) == by_rest["notes"]
    assert asked_of(sandbox)["graphql"] == 0
    assert not connector.details()[-1].notice


def test_a_query_that_is_too_complex_is_halved_until_none_is_made(sandbox, opened, by_rest):
    """By iids the points do not depend on the number, so halving ends at one, and REST is asked."""
    sandbox.gitlab.graphql_points = 30
    connector = opened()
    assert told(connector, "notes", requests_in(sandbox.gitlab, 8)) == by_rest["notes"]
    assert asked_of(sandbox)["graphql"] == 4  # 8, 4, 2 and 1 at once
    assert "complexity of 36, which exceeds max complexity of 30" in connector.details()[-1].notice


def test_a_site_that_takes_fewer_at_once_is_asked_in_smaller_batches(sandbox, opened, by_rest):
    too_slow = '{"data": null, "errors": [{"message": "Timeout on MergeRequest.notes"}]}'
    sandbox.faults.append(Fault(pattern="graphql", status=200, body=too_slow, times=2))
    connector = opened()
    assert told(connector, "notes", requests_in(sandbox.gitlab, 8)) == by_rest["notes"]
    queries = asked_of(sandbox)["graphql"]
    assert queries == 2 + 4 * len(sandbox.gitlab.projects)  # 8 and 4 were too many: 2 at a time from now on
    assert not connector.details()[-1].notice


def beside(state: GitlabState, *, path: list[object]) -> str:
    """An answer with one good node, and an error that touches the other."""
    rows = list(next(iter(state.merge_requests.values())).values())[-2:]
    users = '{"pageInfo": {"hasNextPage": false}, "nodes": [{"username": "invented"}]}'
    nodes = ",".join(
        f'{{"id": "gid://gitlab/MergeRequest/{row["id"]}", "approvalsRequired": 0, "approvalsLeft": 0, "approvedBy": {users}}}'
        for row in rows
    )
    return (
        f'{{"data": {{"project": {{"mergeRequests": {{"nodes": [{nodes}]}}}}}}, '
        f'"errors": [{{"message": "no", "path": {str(path).replace(chr(39), chr(34))}}}]}}'
    )


def test_of_a_partial_answer_the_rest_is_asked_by_rest(sandbox, opened, by_rest):
    project_id = next(iter(sandbox.gitlab.merge_requests))
    two = [one for one in requests_in(sandbox.gitlab, 2) if one.project_id == str(project_id)]
    body = beside(sandbox.gitlab, path=["project", "mergeRequests", "nodes", 1, "approvedBy"])
    sandbox.faults.append(Fault(pattern="graphql", status=200, body=body))
    found = told(opened(), "approvals", two)
    (first,), second = found[str(two[0].ref)], found[str(two[1].ref)]
    assert first.approver_ids == ("invented",)  # what no error touches is believed
    assert second == by_rest["approvals"][str(two[1].ref)]
    assert asked_of(sandbox) == {"graphql": 1, "rest": 1}


def test_a_project_that_is_renamed_meanwhile_is_asked_by_its_id(sandbox, opened, by_rest):
    connector = opened()
    project = next(iter(sandbox.gitlab.projects.values()))
    path = project["path_with_namespace"]
    project["path_with_namespace"] = f"{path}-renamed"
    try:
        assert told(connector, "approvals", requests_in(sandbox.gitlab, 8)) == by_rest["approvals"]
    finally:
        project["path_with_namespace"] = path
    assert asked_of(sandbox)["rest"] == 8


def test_another_project_at_the_old_path_tells_nothing_of_ours(sandbox, opened, by_rest):
    connector = opened()
    first, second = list(sandbox.gitlab.projects.values())[:2]
    paths = first["path_with_namespace"], second["path_with_namespace"]
    second["path_with_namespace"], first["path_with_namespace"] = paths
    try:
        assert told(connector, "approvals", requests_in(sandbox.gitlab, 8)) == by_rest["approvals"]
    finally:
        first["path_with_namespace"], second["path_with_namespace"] = paths
    assert asked_of(sandbox)["rest"] == 16


def test_a_merge_request_that_vanished_tells_nothing_by_either_way(sandbox, opened):
    gone = replace(requests_in(sandbox.gitlab, 1)[0], id="999", reference="!99999")
    for is_graphql_on in (True, False):
        assert told(opened(is_graphql_on=is_graphql_on), "notes", [gone]) == {str(gone.ref): ()}


def test_notes_that_are_fewer_than_were_counted_are_asked_by_rest(sandbox, opened):
    one = replace(requests_in(sandbox.gitlab, 1)[0], comment_count=50)
    ways = [told(opened(is_graphql_on=is_on), "notes", [one]) for is_on in (True, False)]
    assert ways[0] == ways[1]
    assert asked_of(sandbox) == {"graphql": 1, "rest": 4}


def test_an_address_that_is_blocked_is_left_alone(sandbox, opened):
    connector = opened()
    sandbox.gitlab.blocked = True
    with pytest.raises(BlockedError):
        told(connector, "notes", requests_in(sandbox.gitlab, 1))
    assert asked_of(sandbox) == {"graphql": 1}


def line_of(connector: GitlabConnector) -> tuple[Level, str]:
    check = next(c for c in connector.checks(write_test=False) if c.subject == "GraphQL")
    return check.level, check.message


def test_doctor_tells_what_a_query_costs(sandbox, opened):
    assert line_of(opened()) == (Level.OK, "answers, for 54 of 250 points")


def test_doctor_tells_where_graphql_is_of_no_use(sandbox, opened):
    sandbox.gitlab.graphql_points = 50
    assert line_of(opened())[0] is Level.WARN
    sandbox.gitlab.has_graphql = False
    level, message = line_of(opened())
    assert level is Level.WARN
    assert "404" in message
    assert "one by one" in message
    assert line_of(opened(is_graphql_on=False))[0] is Level.OK
