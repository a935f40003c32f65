"""A whole answer has a deadline: status line, headers, body and chunk sizes alike. Over real sockets."""

from __future__ import annotations

import pytest

from connectors.errors import RetryableError, UnknownOutcomeError
from connectors.transport.answers import json_of
from tests.connectors.transport.scripted_http import Script, answer, calling, silent, trickle

OK = "HTTP/1.1 200 OK\r\n"
TRICKLES = {
    "status line": trickle(head="HTTP/1.1 200 ", each="O"),
    "headers": trickle(head=OK, each="X-A: 1\r\n", gap_s=0.04),
    "one header": trickle(head=OK + "X-A: ", each="1"),
    "body with a length": trickle(head=OK + "Content-Length: 9000\r\n\r\n", each=" "),
    "body without a length": trickle(head=OK + "Connection: close\r\n\r\n", each=" "),
    "small chunks": trickle(head=OK + "Transfer-Encoding: chunked\r\n\r\n", each="1\r\n \r\n"),
    "one large chunk": trickle(head=OK + "Transfer-Encoding: chunked\r\n\r\n2000\r\n", each=" "),
    "a chunk's size": trickle(head=OK + "Transfer-Encoding: chunked\r\n\r\n", each="0"),
    "a trailer": trickle(head=OK + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", each="a"),
}


@pytest.mark.parametrize("slow", TRICKLES.values(), ids=TRICKLES)
def test_an_answer_that_trickles_is_a_failed_attempt(slow):
    script = Script(slow, answer(200, b'{"at": "last"}'))
    with calling(script, answer_timeout_s=0.15) as call:
        assert json_of(call()) == {"at": "last"}
    assert len(script.seen) == 2


def test_an_answer_that_always_trickles_says_how_long_was_waited():
    with (
        calling(Script(TRICKLES["small chunks"]), answer_timeout_s=0.15, attempts=1) as call,
        pytest.raises(RetryableError, match=r"not whole within 0\.15 s"),
    ):
        call()


def test_a_silence_that_outlasts_the_deadline_ends_at_the_deadline():
    with (
        calling(Script(silent), answer_timeout_s=0.1, read_timeout_s=5.0, attempts=1) as call,
        pytest.raises(RetryableError, match="not whole within"),
    ):
        call()


def test_a_flood_without_end_ends_too():
    head = OK + "Content-Length: 999999999999\r\n\r\n"
    flood = trickle(head=head, each=" " * 256, gap_s=0.0, times=10_000_000)
    with (
        calling(Script(flood), answer_timeout_s=0.1, attempts=1) as call,
        pytest.raises(RetryableError, match="not whole within"),
    ):
        call()


def test_a_write_whose_answer_trickles_is_of_unknown_outcome():
    script = Script(TRICKLES["body with a length"])
    with calling(script, answer_timeout_s=0.15) as call, pytest.raises(UnknownOutcomeError):
        call("POST")
    assert script.seen == ["POST"]


def test_a_silence_within_the_answer_ends_by_the_read_timeout():
    quiet = trickle(head=OK + "Content-Length: 9000\r\n\r\n", each=" ", gap_s=0.5)
    with (
        calling(Script(quiet), read_timeout_s=0.05, attempts=1) as call,
        pytest.raises(RetryableError, match="ConnectionError"),
    ):
        call()


def test_each_answer_on_one_connection_has_the_whole_time():
    with calling(Script(answer(200, b'{"x": "' + b"y" * 100_000 + b'"}')), answer_timeout_s=5.0) as call:
        assert all(len(json_of(call())["x"]) == 100_000 for _ in range(5))
        assert call.adapter.requests_made == 5
