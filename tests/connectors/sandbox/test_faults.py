"""Every kind of fault is, to a plain HTTP client, exactly the misbehaviour that it says."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass

import pytest
import requests

from connectors.sandbox.faults import taken
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Fault, Sandbox
from tests.connectors.sandbox.sites import GITLAB, JIRA, small

COMMENT = "/rest/api/2/issue/A-1/comment"


@dataclass
class Seen:
    """What a client saw of one write: the answer or the error, and whether the comment is there."""

    answer: requests.Response | None
    error: requests.RequestException | None
    is_written: bool


def wrote(fault: Fault, *, timeout: float = 5) -> Seen:
    """One comment written under a fault."""
    sandbox, answer, caught = small(), None, None
    sandbox.faults.append(fault)
    with SandboxServer(sandbox) as server:
        try:
            answer = requests.post(
                server.jira_url + COMMENT, json={"body": "x" * 90}, headers=JIRA, timeout=timeout
            )
        except requests.RequestException as error:
            caught = error
        is_written = len(sandbox.jira.comments["1"]) == 1
    return Seen(answer=answer, error=caught, is_written=is_written)


@pytest.mark.parametrize(
    ("kind", "error", "is_written"),
    [
        ("reset_before", requests.ConnectionError, False),
        ("reset_after", requests.ConnectionError, True),
        ("reset_during", requests.exceptions.ChunkedEncodingError, True),
        ("truncate", requests.exceptions.ChunkedEncodingError, True),
        ("long_length", requests.exceptions.ChunkedEncodingError, True),
        ("bad_gzip", requests.exceptions.ContentDecodingError, True),
    ],
)
def test_a_broken_answer_is_an_error_and_only_the_late_ones_are_carried_out(
    kind: str, error: type[requests.RequestException], is_written: bool
) -> None:
    seen = wrote(Fault(pattern="POST .*/comment$", kind=kind))
    assert type(seen.error) is error
    assert seen.is_written is is_written


def test_a_reset_is_a_reset_and_a_truncation_is_an_end() -> None:
    assert "ConnectionResetError" in repr(wrote(Fault(pattern="POST", kind="reset_after")).error)
    assert "ConnectionResetError" in repr(wrote(Fault(pattern="POST", kind="reset_during")).error)
    assert "IncompleteRead" in repr(wrote(Fault(pattern="POST", kind="truncate")).error)


@pytest.mark.parametrize(
    ("fault", "status", "text", "is_written"),
    [
        (Fault(pattern="POST", status=503, body="Down"), 503, "Down", False),
        (Fault(pattern="POST", status=599), 599, "", False),
        (Fault(pattern="POST", kind="empty"), 200, "", False),
        (Fault(pattern="POST", kind="html", body="<html>"), 200, "<html>", False),
    ],
)
def test_some_faults_take_the_place_of_the_answer(
    fault: Fault, status: int, text: str, is_written: bool
) -> None:
    seen = wrote(fault)
    assert seen.answer is not None
    assert (seen.answer.status_code, seen.answer.text, seen.is_written) == (status, text, is_written)


def test_a_status_carries_its_headers_and_a_log_in_page_is_html() -> None:
    limited = wrote(Fault(pattern="POST", status=429, headers={"Retry-After": "3"})).answer
    page = wrote(Fault(pattern="POST", kind="html")).answer
    assert limited is not None
    assert page is not None
    assert limited.headers["Retry-After"] == "3"
    assert page.headers["Content-Type"] == "text/html;charset=UTF-8"


@pytest.mark.parametrize("kind", ["cut_json", "short_length"])
def test_half_a_body_may_come_with_a_length_that_agrees(kind: str) -> None:
    seen, whole = wrote(Fault(pattern="POST", kind=kind)), wrote(Fault(pattern="nothing"))
    assert seen.answer is not None
    assert whole.answer is not None
    assert seen.answer.status_code == 201
    assert len(seen.answer.content) == len(whole.answer.content) // 2
    with pytest.raises(requests.exceptions.JSONDecodeError):
        seen.answer.json()
    assert seen.is_written


def test_what_exceeds_a_short_length_is_sent_all_the_same() -> None:
    sandbox = small()
    sandbox.faults.append(Fault(pattern="GET", kind="short_length"))
    with SandboxServer(sandbox) as server, _connected(server) as client:
        client.sendall(b"GET /rest/api/2/serverInfo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = b"".join(iter(lambda: client.recv(4096), b"")).partition(b"\r\n\r\n")
    assert json.loads(body)["serverTitle"] == "Sandbox Jira"
    assert head.endswith(f"Content-Length: {len(body) // 2}".encode())


def _connected(server: SandboxServer) -> socket.socket:
    host, _, port = server.jira_url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=5)


def test_after_a_short_length_a_pooled_client_takes_a_fresh_connection() -> None:
    sandbox = small()
    sandbox.faults.append(Fault(pattern="GET .*/myself$", kind="short_length"))
    with SandboxServer(sandbox) as server, requests.Session() as session:
        url = f"{server.jira_url}/rest/api/2/myself"
        session.get(url, headers=JIRA, timeout=5)
        assert session.get(url, headers=JIRA, timeout=5).json()["accountId"] == "a"


def test_a_long_length_may_stay_silent_before_it_ends() -> None:
    seen = wrote(Fault(pattern="POST", kind="long_length", delay_s=30), timeout=0.2)
    assert type(seen.error) is requests.ConnectionError
    assert "Read timed out" in str(seen.error)
    assert seen.is_written


def test_a_hanging_request_is_carried_out_though_its_client_gave_up() -> None:
    seen = wrote(Fault(pattern="POST", kind="hang", delay_s=30), timeout=0.2)
    assert type(seen.error) is requests.ReadTimeout
    assert seen.is_written


def test_a_hanging_request_is_answered_in_the_end() -> None:
    seen = wrote(Fault(pattern="POST", kind="hang", delay_s=0.2))
    assert seen.answer is not None
    assert (seen.answer.status_code, seen.is_written) == (201, True)


def test_a_slow_request_is_carried_out_after_its_client_gave_up_and_never_once_the_server_stopped() -> None:
    sandbox = small()
    sandbox.faults += [Fault(pattern="POST .*A-1", kind="slow", delay_s=0.4)]
    sandbox.faults += [Fault(pattern="POST .*A-2", kind="slow", delay_s=60)]
    with SandboxServer(sandbox) as server:
        for key in ("A-1", "A-2"):
            url = f"{server.jira_url}/rest/api/2/issue/{key}/comment"
            with pytest.raises(requests.ReadTimeout):
                requests.post(url, json={"body": "x"}, headers=JIRA, timeout=0.1)
        assert not sandbox.jira.comments["1"]
        late = threading.Event()
        while not sandbox.jira.comments["1"]:
            late.wait(0.02)
    assert not sandbox.jira.comments["2"]


def test_a_trickle_never_times_out_between_two_bytes_and_arrives_whole() -> None:
    seen = wrote(Fault(pattern="POST", kind="trickle", delay_s=0.001), timeout=0.5)
    assert seen.answer is not None
    assert seen.answer.json()["body"] == "x" * 90


def test_a_trickle_that_its_client_gave_up_blocks_neither_other_requests_nor_the_stop() -> None:
    sandbox = small()
    sandbox.faults.append(Fault(pattern="GET .*/myself$", kind="trickle", delay_s=60))
    with SandboxServer(sandbox) as server:
        url = f"{server.jira_url}/rest/api/2/"
        with requests.get(url + "myself", headers=JIRA, timeout=5, stream=True) as answer:
            assert next(answer.iter_content(1)) == b"{"
        assert requests.get(url + "myself", headers=JIRA, timeout=5).json()["accountId"] == "a"
        assert requests.get(f"{server.gitlab_url}/api/v4/user", headers=GITLAB, timeout=5).status_code == 200


def test_stopping_ends_a_connection_that_still_trickles() -> None:
    sandbox = small()
    sandbox.faults.append(Fault(pattern="GET", kind="trickle", delay_s=60))
    server, before = SandboxServer(sandbox), set(threading.enumerate())
    server.start()
    with _connected(server) as client:
        client.sendall(b"GET /rest/api/2/serverInfo HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"
        server.stop()
        while client.recv(65_536):
            pass
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(5)
    assert not [thread for thread in left if thread.is_alive()]


def test_a_fault_spares_the_first_requests_and_ends_after_its_turns() -> None:
    faults = [Fault(pattern="GET /a", skip=2, times=2)]
    hits = [taken(faults, "GET /a") is not None for _ in range(6)]
    assert hits == [False, False, True, True, False, False]
    assert taken([Fault(pattern="GET /a")], "POST /a") is None


def test_while_one_fault_spares_a_request_another_may_hit_it() -> None:
    faults = [Fault(pattern="/a", skip=1, status=500), Fault(pattern="/a", status=502, times=5)]
    hits = [taken(faults, "GET /a") for _ in range(2)]
    assert [hit.status for hit in hits if hit] == [502, 500]


def test_a_kind_that_does_not_exist_is_no_silent_success() -> None:
    sandbox = small()
    sandbox.faults.append(Fault(pattern="GET", kind="no_such_kind"))
    server = SandboxServer(sandbox)
    server.start()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{server.jira_url}/rest/api/2/serverInfo", timeout=5)
    with pytest.raises(ExceptionGroup) as caught:
        server.stop()
    assert "no_such_kind" in repr(caught.value.exceptions)


def test_text_that_is_no_json_is_refused() -> None:
    sandbox: Sandbox = small()
    with SandboxServer(sandbox) as server:
        answer = requests.post(server.jira_url + COMMENT, data=b"{no", headers=JIRA, timeout=5)
    assert (answer.status_code, sandbox.jira.comments["1"]) == (400, [])
