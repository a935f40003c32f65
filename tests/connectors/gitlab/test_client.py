"""The client: whole lists or errors, one site only, and refusals in words."""

from __future__ import annotations

import pytest
import responses

from connectors.errors import (
    AuthenticationError,
    FatalError,
    ForbiddenError,
    NotFoundError,
    RetryableError,
)
from connectors.gitlab.client import GitlabClient, path_of
from connectors.port import Policy, Site

API = "https://git.example.com/api/v4"


@pytest.fixture
def web():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def client():
    opened = GitlabClient(
        Site(source="gitlab", url="https://git.example.com", token="secret", policy=Policy(attempts=1))
    )
    yield opened
    opened.close()


def listed(client):
    return [row["id"] for rows, _ in client.pages("/projects/1/x") for row in rows]


def next_link(page):
    return {"Link": f'<{API}/projects/1/x?page={page}>; rel="next"'}


def test_an_empty_page_with_a_next_link_is_not_the_end(web, client):
    web.get(
        f"{API}/projects/1/x",
        json=[{"id": 1}],
        headers=next_link(2),
        match=[responses.matchers.query_param_matcher({"per_page": 100})],
    )
    web.get(
        f"{API}/projects/1/x",
        json=[],
        headers=next_link(3),
        match=[responses.matchers.query_param_matcher({"per_page": 100, "page": 2})],
    )
    web.get(
        f"{API}/projects/1/x",
        json=[{"id": 3}],
        match=[responses.matchers.query_param_matcher({"per_page": 100, "page": 3})],
    )
    assert listed(client) == [1, 3]


def test_a_page_that_repeats_is_an_error(web, client):
    web.get(f"{API}/projects/1/x", json=[{"id": 1}], headers=next_link(2))
    with pytest.raises(RetryableError, match="twice"):
        listed(client)


def test_rows_that_repeat_under_another_page_number_are_an_error(web, client):
    def answer(request):
        page = int(request.params.get("page", 1))
        return 200, next_link(page + 1), '[{"id": 1}]'

    web.add_callback(responses.GET, f"{API}/projects/1/x", callback=answer)
    with pytest.raises(RetryableError, match="twice"):
        listed(client)
    assert len(web.calls) == 2


def test_a_next_link_to_the_same_page_is_an_error(web, client):
    web.get(f"{API}/projects/1/x", json=[], headers=next_link(2))
    with pytest.raises(RetryableError, match="twice"):
        listed(client)


def test_empty_pages_without_end_are_an_error(web, client):
    def answer(request):
        page = int(request.params.get("page", 1))
        return 200, next_link(page + 1), "[]"

    web.add_callback(responses.GET, f"{API}/projects/1/x", callback=answer)
    with pytest.raises(RetryableError, match="empty"):
        listed(client)


def test_a_full_page_is_followed_where_a_proxy_dropped_the_link(web, client):
    web.get(
        f"{API}/projects/1/x",
        json=[{"id": n} for n in range(100)],
        match=[responses.matchers.query_param_matcher({"per_page": 100})],
    )
    web.get(
        f"{API}/projects/1/x",
        json=[{"id": 100}],
        match=[responses.matchers.query_param_matcher({"per_page": 100, "page": 2})],
    )
    assert listed(client) == list(range(101))


def test_the_address_in_a_next_link_is_never_followed(web, client):
    web.get(
        f"{API}/projects/1/x",
        json=[{"id": 1}],
        headers={"Link": '<https://evil.example/api/v4/y?page=2&token=z>; rel="next"'},
        match=[responses.matchers.query_param_matcher({"per_page": 100})],
    )
    web.get(
        f"{API}/projects/1/x",
        json=[{"id": 2}],
        match=[responses.matchers.query_param_matcher({"page": 2}, strict_match=False)],
    )
    assert listed(client) == [1, 2]


def test_a_renamed_project_is_found_through_the_redirect(web, client):
    web.get(f"{API}/projects/old%2Fname", status=301, headers={"Location": f"{API}/projects/7"})
    web.get(f"{API}/projects/7", json={"id": 7})
    assert client.get(path_of("projects", "old/name")) == {"id": 7}
    assert web.calls[1].request.headers["Authorization"] == "Bearer secret"


def test_a_redirect_to_another_host_is_refused_before_anything_is_sent_there(web, client):
    web.get(f"{API}/user", status=302, headers={"Location": "https://evil.example/login"})
    with pytest.raises(FatalError, match=r"redirects to https://evil\.example"):
        client.get("/user")
    assert len(web.calls) == 1


def test_the_token_goes_as_bearer_and_netrc_is_not_asked(web, client, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine git.example.com login other password wrong\n")
    monkeypatch.setenv("NETRC", str(netrc))
    web.get(f"{API}/projects/old", status=301, headers={"Location": f"{API}/projects/7"})
    web.get(f"{API}/projects/7", json={"id": 7})
    client.get("/projects/old")
    assert {call.request.headers["Authorization"] for call in web.calls} == {"Bearer secret"}
    assert all("PRIVATE-TOKEN" not in call.request.headers for call in web.calls)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"message": "401 Unauthorized"}, AuthenticationError),
        (403, {"message": "403 Forbidden"}, ForbiddenError),
        (404, {"message": "404 Project Not Found"}, NotFoundError),
        (429, "Retry later", RetryableError),
        (502, "bad gateway", RetryableError),
        (400, {"error": "page is invalid"}, FatalError),
        (200, "<html>log in</html>", RetryableError),
        (200, {"no": "list"}, FatalError),
    ],
)
def test_each_refusal_has_its_class(web, client, status, body, error):  # noqa: PLR0917
    given = {"body": body, "content_type": "text/html"} if isinstance(body, str) else {"json": body}
    web.get(f"{API}/projects/1/x", status=status, **given)
    with pytest.raises(error):
        listed(client)


def test_a_token_without_the_scope_is_told_which_one_it_lacks(web, client):
    web.get(f"{API}/user", status=403, json={"error": "insufficient_scope", "scope": "api read_api"})
    with pytest.raises(AuthenticationError, match="needs one of: api read_api"):
        client.get("/user")


def test_a_name_cannot_leave_its_place_in_the_path():
    assert (
        path_of("projects", "a/../../user?x=1#y", "branches")
        == "/projects/a%2F..%2F..%2Fuser%3Fx%3D1%23y/branches"
    )


def test_the_word_all_reaches_the_server(web, client):
    web.get(
        f"{API}/projects/1/x",
        json=[],
        match=[responses.matchers.query_param_matcher({"per_page": 100, "all": "true"})],
    )
    assert list(client.pages("/projects/1/x", all="true")) == [((), True)]
