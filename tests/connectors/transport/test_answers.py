"""What an answer is worth, decided without a network."""

from __future__ import annotations

import json

import pytest
import requests

from connectors.errors import (
    AuthenticationError,
    BlockedError,
    FatalError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.transport.answers import (
    Answer,
    error_for,
    is_blocking,
    is_read,
    is_usable,
    json_of,
    require_done,
    was_refused,
)

pytestmark = pytest.mark.pure

PAGE = b"<!DOCTYPE html><html>log in</html>"


def answer(status=200, body=b"{}", *, method="GET", url="https://jira.test/rest/x?token=secret", **headers):
    made = Answer()
    made.status_code = status
    made.url = url
    made.request = requests.Request(method, url).prepare()
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    vars(made).update(_content=body, _content_consumed=True)
    return made


@pytest.mark.parametrize(
    ("method", "path", "reads"),
    [
        ("GET", "/x", True),
        ("POST", "/rest/api/2/search/jql", True),
        ("POST", "/rest/api/3/changelog/bulkfetch", True),
        ("POST", "/rest/api/3/issue/bulkfetch", True),
        ("POST", "/rest/api/2/worklog/list", True),
        ("POST", "/api/graphql", True),
        ("POST", "/rest/api/2/issue/1/comment", False),
        ("POST", "/rest/api/2/issue/search/jql/x", False),
        ("PUT", "/rest/api/2/issue/1/comment/2", False),
        ("DELETE", "/rest/api/2/issue/1/comment/2", False),
    ],
)
def test_what_counts_as_a_read(method, path, reads):
    assert is_read(method, path) is reads


@pytest.mark.parametrize(
    ("status", "body", "usable"),
    [
        (200, b"[]", True),
        (200, b"null", True),
        (204, b"", True),
        (200, b"", False),
        (200, PAGE, False),
        (200, b'[{"id": 1}', False),
        (200, b"[" * 100_000, False),
        (201, PAGE, False),
        (302, b"", True),
        (400, PAGE, True),
        (404, PAGE, False),
        (404, b'{"message": "404 ', False),
        (404, b"{}", True),
        (410, PAGE, False),
        *((code, b"{}", False) for code in (408, 429, 500, 502, 503, 504, 520, 524, 530)),
        (501, b"{}", True),
    ],
)
def test_what_a_read_may_take_as_an_answer(status, body, usable):
    assert is_usable(answer(status, body)) is usable


def test_json_is_decoded_once():
    made = answer(body=b'{"a": []}')
    assert json_of(made) is json_of(made)


@pytest.mark.parametrize(
    ("status", "headers", "refused"),
    [
        (429, {}, True),
        (503, {"Retry_After": "3"}, True),
        (503, {"Retry_After": "0"}, False),
        (503, {"Retry_After": "soon"}, False),
        (503, {}, False),
        (502, {"Retry_After": "3"}, False),
    ],
)
def test_what_counts_as_refused_before_it_was_taken_on(status, headers, refused):
    assert was_refused(answer(status, **headers)) is refused


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (302, FatalError),
        (400, FatalError),
        (401, AuthenticationError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (407, AuthenticationError),
        (410, GoneError),
        (429, RetryableError),
        (500, RetryableError),
        (522, RetryableError),
        (501, FatalError),
    ],
)
def test_a_status_has_its_class_and_says_what_was_tried_without_the_query(code, error):
    with pytest.raises(error) as caught:
        json_of(answer(code, b'{"message": "because"}'))
    assert type(caught.value) is error
    assert f"GET https://jira.test/rest/x -> {code}" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_credentials_in_an_address_are_not_shown():
    made = answer(404)
    made.request.url = "http://bot:hunter2@127.0.0.1/x"
    assert "hunter2" not in str(error_for(made))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("code", [408, 500, 501, 502, 503, 504, 507, 520, 599])
def test_a_write_that_something_behind_the_tool_lost_has_an_unknown_outcome(method, code):
    assert isinstance(error_for(answer(code, PAGE, method=method)), UnknownOutcomeError)


@pytest.mark.parametrize(("code", "headers"), [(429, {}), (503, {"Retry_After": "9"})])
def test_a_refused_write_is_merely_retryable(code, headers):
    error = error_for(answer(code, method="POST", **headers))
    assert type(error) is RetryableError


def test_the_wait_that_the_tool_asks_for_is_told():
    error = error_for(answer(429, Retry_After="3600"))
    assert isinstance(error, RetryableError)
    assert error.retry_after_s == 3600.0


@pytest.mark.parametrize("body", [b"Forbidden\n", PAGE, b"", b'"Forbidden"', b'{"message": "403'])
def test_a_403_that_is_not_the_apis_is_a_blocked_address(body):
    assert is_blocking(answer(403, body))
    assert type(error_for(answer(403, body))) is BlockedError


def test_a_403_of_the_api_is_not():
    made = answer(403, b'{"message": "403 Forbidden"}')
    assert not is_blocking(made)
    assert type(error_for(made)) is ForbiddenError


@pytest.mark.parametrize("status", [401, 403])
def test_a_locked_log_in_asks_for_the_browser(status):
    said = "CAPTCHA_CHALLENGE; login-url=https://evil.test/login.jsp"
    made = answer(status, PAGE, X_Authentication_Denied_Reason=said)
    error = error_for(made)
    assert type(error) is AuthenticationError
    assert "browser" in str(error)
    assert "evil" not in str(error)
    assert not is_blocking(made)


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("body", [PAGE, b"default backend - 404"])
def test_a_gateways_404_says_nothing_about_what_the_tool_holds(status, body):
    error = error_for(answer(status, body, Content_Type="text/html"))
    assert type(error) is RetryableError
    assert "text/html" in str(error)


@pytest.mark.parametrize("status", [404, 410])
def test_a_404_without_a_word_is_the_tools(status):
    assert isinstance(error_for(answer(status, b"")), NotFoundError | GoneError)


def test_a_page_with_status_200_is_a_failed_read():
    with pytest.raises(RetryableError, match="no JSON but text/html; is a proxy") as caught:
        json_of(answer(200, PAGE, Content_Type="text/html"))
    assert not isinstance(caught.value, UnknownOutcomeError)


@pytest.mark.parametrize("body", [PAGE, b""])
def test_a_write_that_should_tell_something_and_got_a_page_has_an_unknown_outcome(body):
    with pytest.raises(UnknownOutcomeError):
        json_of(answer(201, body, method="POST"))


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_answered_by_a_page_has_an_unknown_outcome(method):
    with pytest.raises(UnknownOutcomeError):
        require_done(answer(200, PAGE, method=method))


@pytest.mark.parametrize(
    ("status", "body"), [(204, b""), (200, b""), (201, b"{}"), (200, json.dumps({"id": 1}).encode())]
)
def test_a_change_is_done_with_or_without_words_of_the_tool(status, body):
    require_done(answer(status, body, method="PUT"))


def test_a_change_that_was_refused_is_not_done():
    with pytest.raises(ForbiddenError):
        require_done(answer(403, b"{}", method="PUT"))
