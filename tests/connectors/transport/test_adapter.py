"""The one policy: what is repeated, how long it waits, and when it gives up. Against a real server on loopback."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest
import requests

from connectors.errors import ConfigError, RetryableError, UnknownOutcomeError
from connectors.port import Policy, Site
from connectors.transport.adapter import PolicyAdapter, adapter_for
from connectors.transport.answers import error_for, json_of
from tests.connectors.transport.scripted_http import (
    Script,
    answer,
    bad_chunk,
    calling,
    cut,
    free_port,
    half,
    half_chunk,
    page,
    raw,
    reset,
    silent,
)

JSON = b'[{"id": 1}]'
BROKEN = {
    "ended before the answer": cut,
    "reset before the answer": reset,
    "Content-Length too long": half,
    "chunk cut": half_chunk,
    "chunk size unreadable": bad_chunk,
    "two lengths": answer(200, Content_Length=["2", "3"]),
    "no HTTP": raw("* OK IMAP4rev1 ready", ""),
    "gzip that is none": answer(200, b"no gzip", Content_Encoding="gzip"),
}
UNUSABLE = {
    "gzip cut": answer(200, gzip.compress(JSON)[:-12], Content_Encoding="gzip"),
    "a log-in page": page(),
    "an empty body": answer(200, b""),
    "JSON cut": answer(200, b'[{"id": 1}'),
    "Content-Length too short": answer(200, JSON, Content_Length="5"),
}


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504, 522])
def test_a_read_is_repeated_until_the_tool_is_back(code):
    with calling(Script(answer(code), answer(code), answer(200))) as call:
        assert call().status_code == 200
        assert (len(call.waits), call.adapter.requests_made) == (2, 3)


@pytest.mark.parametrize("failure", [*BROKEN.values(), *UNUSABLE.values()], ids=[*BROKEN, *UNUSABLE])
def test_a_read_without_a_good_answer_is_repeated(failure):
    script = Script(failure, answer(200, JSON))
    with calling(script) as call:
        assert json_of(call()) == [{"id": 1}]
        assert len(call.waits) == 1


@pytest.mark.parametrize("failure", BROKEN.values(), ids=BROKEN)
def test_a_read_that_never_gets_an_answer_is_retryable(failure):
    script = Script(failure)
    with calling(script) as call, pytest.raises(RetryableError, match="no usable answer") as caught:
        call()
    assert not isinstance(caught.value, UnknownOutcomeError)
    assert len(script.seen) == 3


@pytest.mark.parametrize("failure", UNUSABLE.values(), ids=UNUSABLE)
def test_a_read_that_only_gets_what_is_no_json_is_retryable(failure):
    script = Script(failure)
    with calling(script) as call, pytest.raises(RetryableError, match="no JSON"):
        json_of(call())
    assert len(script.seen) == 3


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("failure", BROKEN.values(), ids=BROKEN)
def test_a_write_whose_answer_broke_is_sent_once_and_of_unknown_outcome(method, failure):
    script = Script(failure)
    with calling(script) as call, pytest.raises(UnknownOutcomeError):
        call(method)
    assert script.seen == [method]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "failure", [answer(500), answer(502), answer(503), answer(503, Retry_After="0"), answer(504), page()]
)
def test_a_write_that_got_no_word_of_the_tool_is_sent_once(method, failure):
    script = Script(failure)
    with calling(script) as call:
        call(method)
        assert (script.seen, call.waits) == ([method], [])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_that_was_refused_for_now_is_repeated(method):
    script = Script(answer(429), answer(503, Retry_After="1"), answer(201))
    with calling(script) as call:
        assert call(method).status_code == 201
    assert len(script.seen) == 3


def test_a_read_in_disguise_is_repeated():
    script = Script(cut, answer(500), page(), answer(200))
    with calling(script, attempts=4) as call:
        assert call("POST", "/rest/api/2/search/jql").status_code == 200
    assert len(script.seen) == 4


def test_a_read_times_out():
    with (
        calling(Script(silent), attempts=1, read_timeout_s=0.05) as call,
        pytest.raises(RetryableError, match="ReadTimeout"),
    ):
        call()


def test_a_write_that_times_out_is_of_unknown_outcome():
    with calling(Script(silent), read_timeout_s=0.05) as call, pytest.raises(UnknownOutcomeError):
        call("POST")


def test_a_write_that_was_never_sent_is_merely_retryable():
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", PolicyAdapter(Policy(attempts=1)))
        with pytest.raises(RetryableError) as caught:
            session.post(f"http://127.0.0.1:{free_port()}/x?secret=1", json={})
    assert not isinstance(caught.value, UnknownOutcomeError)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "least"),
    [("7", 7), ("1.5", 1.5), ("Fri, 20 Nov 2026 12:00:09 GMT", 9), (["2", "6"], 6)],
)
def test_retry_after_is_a_minimum_with_chance_added(asked, least):
    with calling(Script(answer(429, Retry_After=asked), answer(200))) as call:
        call.hands.chance = 0.25
        call()
        assert call.waits == [least + 0.25 * 0.5]


@pytest.mark.parametrize("asked", ["soon", "0", "-4"])
def test_a_retry_after_that_asks_for_nothing_is_as_good_as_none(asked):
    with calling(Script(answer(429, Retry_After=asked), answer(200))) as call:
        call()
        assert call.waits == [0.75]


def test_without_a_word_the_waits_double_up_to_the_longest():
    with calling(Script(answer(500)), attempts=8, longest_wait_s=5.0) as call:
        call.hands.chance = 0.0
        call()
        assert call.waits == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize("asked", ["3600", "99999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wait_beyond_the_budget_is_not_slept_but_told(asked):
    script = Script(answer(429, Retry_After=asked))
    with calling(script) as call:
        error = error_for(call())
        assert (call.waits, len(script.seen)) == ([], 1)
    assert isinstance(error, RetryableError)
    assert error.retry_after_s in {3_600.0, 86_400.0}


def test_the_waits_of_one_request_add_up_to_its_budget_at_most():
    with calling(Script(answer(503, Retry_After="50")), attempts=9, wait_budget_s=120.0) as call:
        call()
        assert len(call.waits) == 2


def test_the_waits_of_a_run_add_up_to_ten_budgets_at_most():
    with calling(Script(answer(503, Retry_After="9")), attempts=2, wait_budget_s=10.0) as call:
        for _ in range(50):
            call()
        assert 90.0 < sum(call.waits) <= 100.0
        assert call.adapter.requests_made == 50 + len(call.waits)


def test_the_tools_clock_is_read_from_its_answers():
    dated = answer(200, Date="Fri, 20 Nov 2026 12:00:30 GMT")
    with calling(Script(dated)) as call:
        call()
        assert call.adapter.server_at == datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
        assert call.adapter.skew_s == 30.0


@pytest.mark.parametrize("text", ["two\nlines", "tab\t", "令牌"])
@pytest.mark.parametrize("field", ["token", "user"])
def test_what_no_header_can_carry_is_told_without_showing_it(field, text):
    given = {"source": "jira", "url": "https://jira.test", "token": "t"} | {field: text}
    with pytest.raises(ConfigError, match=f"jira: the {field}") as caught:
        adapter_for(Site(**given))
    assert text not in str(caught.value)
