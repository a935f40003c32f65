"""The sandbox's GraphQL executes what it is asked, counts as GitLab counts, and refuses what GitLab refuses."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from connectors.sandbox.gitlab_routes import answer_gitlab
from connectors.sandbox.http import Request
from connectors.sandbox.state import GitlabState
from connectors.sandbox.world import company

ANCHOR = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TOKEN = "sandbox-gitlab-token"


@pytest.fixture(scope="module")
def whole() -> GitlabState:
    return company(ANCHOR, size="small").sandbox.gitlab


@pytest.fixture
def state(whole):
    yield whole
    whole.has_graphql, whole.graphql_points, whole.tokens[TOKEN]["scopes"] = True, 250, ["read_api"]
    for project in whole.projects.values():
        project.pop("_hidden", None)


def path_in(state):
    return next(iter(state.projects.values()))["path_with_namespace"]


def ask(state, query, *, status=200, method="POST", **variables):
    body = {"query": query, "variables": variables}
    headers = {"authorization": f"Bearer {TOKEN}"}
    answer = answer_gitlab(state, Request(method=method, path="/api/graphql", headers=headers, body=body))
    assert answer.status == status
    return answer.body


LISTED = """query($path: ID!, $first: Int, $after: String) { project(fullPath: $path) {
  mergeRequests(first: $first, after: $after) { nodes { ...one } pageInfo { hasNextPage endCursor } } } }
fragment one on MergeRequest { iid approvedBy { nodes { username } } }"""


def test_a_listing_is_walked_to_its_end_by_cursors(state):
    path, after, seen = path_in(state), None, []
    while True:
        page = ask(state, LISTED, path=path, first=7, after=after)["data"]["project"]["mergeRequests"]
        seen += [one["iid"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    rows = state.merge_requests[next(iter(state.projects))]
    assert (len(seen), set(seen)) == (len(rows), {str(iid) for iid in rows})


@pytest.mark.parametrize(("given", "named"), [(["1", "3", "99999"], 2), ([], 0)])
def test_merge_requests_are_looked_up_by_iids(state, given, named):
    query = "query($path: ID!, $iids: [String!]) { project(fullPath: $path) { mergeRequests(iids: $iids) { nodes { iid } } } }"
    assert (
        len(ask(state, query, path=path_in(state), iids=given)["data"]["project"]["mergeRequests"]["nodes"])
        == named
    )


def test_the_last_rows_and_the_kinds_of_notes_can_be_asked(state):
    fields = "notes(filter: {}, last: 2) {{ nodes {{ system }} pageInfo {{ hasPreviousPage hasNextPage }} }}"
    query = "query($path: ID!) {{ project(fullPath: $path) {{ mergeRequests {{ nodes {{ {} }} }} }} }}"
    for which, expected in (("ONLY_ACTIVITY", {True}), ("ONLY_COMMENTS", {False})):
        found = ask(state, query.format(fields.format(which)), path=path_in(state))["data"]["project"]
        notes = [one["notes"] for one in found["mergeRequests"]["nodes"]]
        assert {note["system"] for one in notes for note in one["nodes"]} == expected
        assert max(len(one["nodes"]) for one in notes) <= 2
        assert not any(one["pageInfo"]["hasNextPage"] for one in notes)


def test_a_project_that_is_hidden_or_is_not_there_is_null(state):
    query = "query($path: ID!) { project(fullPath: $path) { name } }"
    assert ask(state, query, path=path_in(state))["data"]["project"]["name"]
    assert ask(state, query, path="nobody/nothing") == {"data": {"project": None}}
    state.projects[next(iter(state.projects))]["_hidden"] = True
    assert ask(state, query, path=path_in(state)) == {"data": {"project": None}}


@pytest.mark.parametrize(
    ("query", "points"),
    [
        ('{ queryComplexity { score limit } project(fullPath: "a") { name } }', 5),
        (
            '{ queryComplexity { score } project(fullPath: "a") { mergeRequests(iids: ["1"], first: 100) { nodes { iid } } } }',
            6,
        ),
        (
            '{ queryComplexity { score } project(fullPath: "a") { mergeRequests(first: 100) { nodes { iid } } } }',
            9,
        ),
        (
            '{ queryComplexity { score } project(fullPath: "a") { mergeRequests(first: 50) { nodes { iid } } } }',
            7,
        ),
        (
            '{ queryComplexity { score } project(fullPath: "a") { mergeRequests { nodes { commits { nodes { sha } } } } } }',
            15,
        ),
        ('{ queryComplexity { score } ... on Query { project(fullPath: "a") { name __typename } } }', 4),
    ],
)
def test_points_are_counted_as_gitlab_counts(state, query, points):
    assert ask(state, query)["data"]["queryComplexity"]["score"] == points
    state.graphql_points = points - 1
    said = f"Query has complexity of {points}, which exceeds max complexity of {points - 1}"
    assert ask(state, query) == {"errors": [{"message": said}]}


@pytest.mark.parametrize(
    "query", ["{ project(fullPath: 7) ", "{ nothing }", '{ project(fullPath: "a") { nothing } }', ""]
)
def test_a_query_that_does_not_fit_the_schema_gets_errors_and_no_data(state, query):
    body = ask(state, query)
    assert set(body) == {"errors"}
    assert body["errors"][0]["message"]


def test_what_gitlab_refuses_is_refused(state):
    assert ask(state, f"{{ a{' ' * 10_000} }}", status=422) == {"errors": [{"message": "Query too large"}]}
    ask(state, "{ queryComplexity { score } }", status=404, method="GET")
    state.tokens[TOKEN]["scopes"] = ["read_user"]
    ask(state, "{ queryComplexity { score } }", status=403)


def test_without_the_endpoint_or_the_library_the_answer_is_404(state, monkeypatch):
    monkeypatch.setitem(sys.modules, "graphql", None)
    ask(state, "{ queryComplexity { score } }", status=404)
    monkeypatch.undo()
    ask(state, "{ queryComplexity { score } }")
    state.has_graphql = False
    ask(state, "{ queryComplexity { score } }", status=404)
