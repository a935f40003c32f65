"""The client: whole lists or errors, one site only, and refusals in words."""

from __future__ import annotations

import json

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


def paged(script):
    """A callback that answers page N with ``script[N - 1]``: rows, and the page that the link names (None: the last)."""

    def answer(request):
        rows, following = script[int(request.params.get("page", 1)) - 1]
        headers = next_link(following) if following else {"Link": f'<{API}/projects/1/x?page=1>; rel="first"'}
        return 200, headers, json.dumps([{"id": n} for n in rows])

    return answer


def test_a_page_seen_before_the_last_one_is_an_error(web, client):
    web.add_callback(
        responses.GET, f"{API}/projects/1/x", callback=paged([([1], 2), ([2], 3), ([1], 4), ([4], None)])
    )
    with pytest.raises(RetryableError, match="twice"):
        listed(client)
    assert len(web.calls) == 3


def test_a_next_link_back_to_an_earlier_page_is_an_error_before_it_is_asked(web, client):
    web.add_callback(responses.GET, f"{API}/projects/1/x", callback=paged([([1], 2), ([2], 3), ([3], 2)]))
    with pytest.raises(RetryableError, match="twice"):
        listed(client)
    assert len(web.calls) == 3


def test_a_page_is_not_yielded_before_it_is_known_to_be_new(web, client):
    web.add_callback(responses.GET, f"{API}/projects/1/x", callback=paged([([1], 2), ([1], None)]))
    found = client.pages("/projects/1/x")
    assert next(found) == (({"id": 1},), False)
    with pytest.raises(RetryableError):
        next(found)


def test_an_empty_answer_without_the_paging_headers_of_the_former_pages_is_asked_once_more(web, client):
    web.get(f"{API}/projects/1/x", json=[{"id": 1}], headers=next_link(2))
    second = {"match": [responses.matchers.query_param_matcher({"per_page": 100, "page": 2})]}
    web.get(f"{API}/projects/1/x", json=[], **second)
    web.get(f"{API}/projects/1/x", json=[{"id": 2}], headers={"X-Next-Page": ""}, **second)
    assert listed(client) == [1, 2]


def test_an_empty_answer_that_comes_twice_is_believed(web, client):
    web.get(
        f"{API}/projects/1/x",
        json=[{"id": 1}],
        headers=next_link(2),
        match=[responses.matchers.query_param_matcher({"per_page": 100})],
    )
    web.get(
        f"{API}/projects/1/x",
        json=[],
        match=[responses.matchers.query_param_matcher({"per_page": 100, "page": 2})],
    )
    assert listed(client) == [1]
    assert len(web.calls) == 3


def test_a_bare_empty_first_page_is_doubted_where_other_listings_were_paged(web, client):
    web.get(f"{API}/projects/2/y", json=[{"id": 9}], headers={"X-Next-Page": "", "X-Page": "1"})
    web.get(f"{API}/projects/1/x", json=[])
    web.get(f"{API}/projects/1/x", json=[{"id": 1}], headers={"X-Next-Page": ""})
    assert list(client.rows("/projects/2/y")) == [{"id": 9}]
    assert listed(client) == [1]


def test_an_empty_answer_with_paging_headers_is_believed_at_once(web, client):
    web.get(f"{API}/projects/1/x", json=[], headers={"X-Next-Page": "", "X-Page": "1"})
    assert (listed(client), listed(client)) == ([], [])
    assert len(web.calls) == 2


def test_a_secret_in_a_next_link_is_not_sent_on(web, client):
    link = f'<{API}/projects/1/x?page=2&private_token=other&access_token=a&job_token=b>; rel="next"'
    web.get(f"{API}/projects/1/x", json=[{"id": 1}], headers={"Link": link})
    web.get(f"{API}/projects/1/x", json=[{"id": 2}], headers={"X-Next-Page": ""})
    assert listed(client) == [1, 2]
    assert "token" not in web.calls[1].request.url


def test_the_same_site_in_another_spelling_is_followed(web, client):
    web.get(
        f"{API}/projects/old",
        status=301,
        headers={"Location": "https://GIT.example.com:443/api/v4/projects/7"},
    )
    web.get("https://git.example.com:443/api/v4/projects/7", json={"id": 7})
    assert client.get("/projects/old") == {"id": 7}


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
