"""The one policy: what is repeated, how long it waits, and what an unusable answer means. Against a real server on loopback."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from connectors.errors import (
    AuthenticationError,
    FatalError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.port import Policy
from connectors.transport import PolicyAdapter, error_for, json_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Script:
    """A server that plays ``answers`` in order, the last one again and again; ``seen`` holds the methods it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.seen = []

    @contextmanager
    def serving(self):
        script = self

        class Answering(BaseHTTPRequestHandler):
            def answer(self):
                script.seen.append(self.command)
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                play = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
                play(self)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  # names that the base class looks for

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def status(code, body=b"{}", **headers):
    def play(handler):
        handler.send_response(code)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            handler.send_header(name, headers.pop(name, value))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return play


def cut(handler):
    """The request arrived; the connection ends without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def truncated(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"half":')
    cut(handler)


def silent(handler):
    handler.connection.settimeout(5)
    threading.Event().wait(0.4)
    cut(handler)


@pytest.fixture
def ask():
    """``ask(script, method, path)`` gives (answer, seconds waited, adapter)."""

    def asking(script, method="GET", path="/x", **policy):
        waits = []
        adapter = PolicyAdapter(
            Policy(**({"attempts": 3, "read_timeout_s": 5.0} | policy)), sleep=waits.append, now=lambda: NOW
        )
        with script.serving() as base, closing(requests.Session()) as session:
            session.trust_env = False
            session.mount("http://", adapter)
            answer = session.request(method, base + path, json={} if method != "GET" else None)
        return answer, waits, adapter

    return asking


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_read_is_repeated_until_the_tool_is_back(ask, code):
    script = Script(status(code), status(code), status(200))
    answer, waits, adapter = ask(script)
    assert (answer.status_code, len(waits), adapter.requests_made) == (200, 2, 3)


@pytest.mark.parametrize("failure", [cut, truncated], ids=["cut", "truncated"])
def test_a_read_whose_answer_broke_is_repeated(ask, failure):
    answer, waits, _ = ask(Script(failure, status(200)))
    assert (answer.status_code, len(waits)) == (200, 1)


@pytest.mark.parametrize("failure", [cut, truncated], ids=["cut", "truncated"])
def test_a_read_that_never_gets_an_answer_is_retryable(ask, failure):
    script = Script(failure)
    with pytest.raises(RetryableError) as caught:
        ask(script)
    assert not isinstance(caught.value, UnknownOutcomeError)
    assert len(script.seen) == 3


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("failure", [cut, truncated], ids=["cut", "truncated"])
def test_a_write_whose_answer_broke_is_sent_once_and_of_unknown_outcome(ask, method, failure):
    script = Script(failure)
    with pytest.raises(UnknownOutcomeError):
        ask(script, method)
    assert script.seen == [method]


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_write_that_a_gateway_lost_is_sent_once_and_of_unknown_outcome(ask, code):
    script = Script(status(code))
    answer, _, _ = ask(script, "POST")
    assert isinstance(error_for(answer), UnknownOutcomeError)
    assert script.seen == ["POST"]


def test_a_write_that_was_refused_for_now_is_repeated(ask):
    script = Script(status(429), status(503, Retry_After="1"), status(201))
    answer, _, _ = ask(script, "POST")
    assert (answer.status_code, len(script.seen)) == (201, 3)


def test_a_read_in_disguise_is_repeated(ask):
    script = Script(cut, status(500), status(200))
    answer, _, _ = ask(script, "POST", "/rest/api/2/search/jql")
    assert (answer.status_code, len(script.seen)) == (200, 3)


def test_a_read_times_out(ask):
    with pytest.raises(RetryableError, match="ReadTimeout"):
        ask(Script(silent), attempts=1, read_timeout_s=0.05)


def test_a_write_that_times_out_is_of_unknown_outcome(ask):
    with pytest.raises(UnknownOutcomeError):
        ask(Script(silent), "POST", read_timeout_s=0.05)


def test_a_write_that_was_never_sent_is_merely_retryable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with closing(requests.Session()) as session:
        session.trust_env = False
        session.mount("http://", PolicyAdapter(Policy(), sleep=lambda s: None))
        with pytest.raises(RetryableError) as caught:
            session.post(f"http://127.0.0.1:{port}/x?secret=1", json={})
    assert not isinstance(caught.value, UnknownOutcomeError)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("asked", "least"), [("7", 7), ("1.5", 1.5), ("Fri, 20 Nov 2026 12:00:09 GMT", 9)])
def test_retry_after_is_a_minimum(ask, asked, least):
    _, waits, _ = ask(Script(status(429, Retry_After=asked), status(200)))
    assert least <= waits[0] <= least + 1


def test_a_wait_beyond_the_budget_is_not_slept_but_told(ask):
    script = Script(status(429, Retry_After="3600"))
    answer, waits, _ = ask(script)
    assert (waits, len(script.seen)) == ([], 1)
    assert error_for(answer).retry_after_s == 3600


def test_waits_add_up_to_the_budget_at_most(ask):
    _, waits, _ = ask(Script(status(429, Retry_After="50")), attempts=9, wait_budget_s=120.0)
    assert len(waits) == 2


def test_the_tools_clock_is_read_from_its_answers(ask):
    def dated(handler):
        handler.send_response_only(200)
        handler.send_header("Date", "Fri, 20 Nov 2026 12:00:30 GMT")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    _, _, adapter = ask(Script(dated))
    assert adapter.server_at == datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
    assert adapter.skew_s == 30.0


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (400, FatalError),
        (401, AuthenticationError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (410, GoneError),
    ],
)
def test_a_status_has_its_class_and_says_what_was_tried_without_the_query(ask, code, error):
    script = Script(status(code, b"because"))
    answer, _, _ = ask(script, path="/rest/thing?token=secret")
    with pytest.raises(error) as caught:
        json_of(answer)
    assert type(caught.value) is error
    assert f"/rest/thing -> {code}" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert len(script.seen) == 1


def test_credentials_in_an_address_are_not_shown(ask):
    answer, _, _ = ask(Script(status(404)))
    answer.request.url = "http://bot:hunter2@127.0.0.1/x"
    assert "hunter2" not in str(error_for(answer))


def test_html_with_status_200_is_not_an_answer(ask):
    answer, _, _ = ask(Script(status(200, b"<html>", **{"Content-Type": "text/html"})))
    with pytest.raises(RetryableError, match="text/html"):
        json_of(answer)
