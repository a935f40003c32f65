"""What stands before both tools: events in mid-run, a host whose clock disagrees, a firewall, limits, and errors that must surface."""

from __future__ import annotations

import copy
import threading
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from connectors.sandbox.front import Stage
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Event, Fault, Sandbox
from tests.connectors.sandbox.sites import GITLAB, JIRA, NOW, small


def jira(server: SandboxServer, path: str) -> requests.Response:
    return requests.get(f"{server.jira_url}/rest/api/2/{path}", headers=JIRA, timeout=5)


def gitlab(server: SandboxServer, path: str) -> requests.Response:
    return requests.get(f"{server.gitlab_url}/api/v4/{path}", headers=GITLAB, timeout=5)


def test_an_event_plays_once_before_the_request_with_its_number_is_answered() -> None:
    sandbox, played = small(), []
    sandbox.events.append(Event(at_request=1, play=lambda: played.append(len(sandbox.requests))))
    with SandboxServer(sandbox) as server:
        jira(server, "myself")
        assert played == []
        for _ in range(3):
            gitlab(server, "user")
    assert played == [2]
    assert sandbox.events == []


def test_the_request_that_an_event_precedes_sees_what_it_changed() -> None:
    sandbox = small()
    sandbox.events.append(Event(at_request=0, play=lambda: sandbox.jira.issues.pop("1")))
    with SandboxServer(sandbox) as server:
        assert jira(server, "issue/A-1").status_code == 404


def test_events_play_in_the_order_of_their_numbers_and_an_overdue_one_plays_at_once() -> None:
    stage, played = Stage(small()), []
    for number in (2, 0, 1):
        stage.sandbox.events.append(Event(at_request=number, play=lambda n=number: played.append(n)))
    stage.sandbox.requests += ["GET /a", "GET /b"]
    stage.enter("GET /c")
    assert played == [0, 1, 2]


def test_while_an_event_plays_nobody_else_is_answered() -> None:
    sandbox, order = small(), []
    begun, done = threading.Event(), threading.Event()

    def play() -> None:
        begun.set()
        done.wait(0.3)
        order.append("played")

    sandbox.events.append(Event(at_request=0, play=play))
    with SandboxServer(sandbox) as server:
        first = threading.Thread(target=lambda: jira(server, "myself"))
        first.start()
        begun.wait(5)
        gitlab(server, "user")
        order.append("answered")
        first.join()
    assert order == ["played", "answered"]


def test_what_an_event_raises_is_raised_when_the_server_stops_and_only_once() -> None:
    sandbox = small()
    sandbox.events += [Event(at_request=0, play=lambda: 1 // 0), Event(at_request=1, play=lambda: int("x"))]
    server = SandboxServer(sandbox)
    server.start()
    assert jira(server, "myself").status_code == 200
    assert jira(server, "myself").status_code == 200
    with pytest.raises(ExceptionGroup) as caught:
        server.stop()
    assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError, ValueError]
    server.stop()


def test_an_event_may_add_a_fault_or_another_event() -> None:
    sandbox = small()
    later = Event(at_request=1, play=lambda: sandbox.faults.append(Fault(pattern="GET", status=500)))
    sandbox.events.append(Event(at_request=0, play=lambda: sandbox.events.append(later)))
    with SandboxServer(sandbox) as server:
        assert [jira(server, "myself").status_code for _ in range(3)] == [200, 500, 200]


def _lose_jira_token(sandbox: Sandbox) -> None:
    sandbox.jira.tokens.clear()


def _lose_gitlab_token(sandbox: Sandbox) -> None:
    sandbox.gitlab.tokens.clear()


def _lose_jira_project(sandbox: Sandbox) -> None:
    sandbox.jira.permissions["A"].clear()


def _lose_gitlab_project(sandbox: Sandbox) -> None:
    sandbox.gitlab.projects[1]["_forbidden"] = True


@pytest.mark.parametrize(
    ("lose", "statuses"),
    [
        (_lose_jira_token, [401, 200]),
        (_lose_gitlab_token, [200, 401]),
        (_lose_jira_project, [404, 200]),
        (_lose_gitlab_project, [200, 403]),
    ],
)
def test_a_login_or_a_permission_can_be_lost_in_mid_run(lose: object, statuses: list[int]) -> None:
    sandbox = small()
    sandbox.events.append(Event(at_request=2, play=lambda: lose(sandbox)))
    with SandboxServer(sandbox) as server:
        asked = [(jira(server, "issue/A-1"), gitlab(server, "projects/1")) for _ in range(2)]
    assert [[one.status_code for one in pair] for pair in asked] == [[200, 200], statuses]


def test_a_host_whose_clock_disagrees_shows_it_in_the_date_header_alone() -> None:
    sandbox = small()
    sandbox.date_shift = timedelta(minutes=-9)
    with SandboxServer(sandbox) as server:
        answer = jira(server, "serverInfo")
        assert parsedate_to_datetime(answer.headers["Date"]) == NOW - timedelta(minutes=9)
        assert answer.json()["serverTime"] == "2026-03-02T12:00:30.000+0000"
        assert parsedate_to_datetime(gitlab(server, "user").headers["Date"]) == NOW - timedelta(minutes=9)


def test_a_blocked_host_answers_every_request_with_a_plain_403_while_the_other_works() -> None:
    sandbox = small()
    sandbox.gitlab.blocked = True
    with SandboxServer(sandbox) as server:
        for path in ("user", "projects", "no/such/path"):
            answer = gitlab(server, path)
            assert (answer.status_code, answer.text) == (403, "Forbidden")
            assert answer.headers["Content-Type"] == "text/plain"
        assert jira(server, "myself").status_code == 200
        sandbox.gitlab.blocked, sandbox.jira.blocked = False, True
        assert (jira(server, "serverInfo").text, gitlab(server, "user").status_code) == ("Forbidden", 200)


def test_a_blocked_host_carries_nothing_out() -> None:
    sandbox = small()
    sandbox.jira.blocked = True
    with SandboxServer(sandbox) as server:
        url = f"{server.jira_url}/rest/api/2/issue/A-1/comment"
        requests.post(url, json={"body": "x"}, headers=JIRA, timeout=5)
    assert not sandbox.jira.comments["1"]


def test_headers_about_limits_come_with_every_answer_once_they_are_set() -> None:
    sandbox = small()
    with SandboxServer(sandbox) as server:
        assert not [name for name in jira(server, "myself").headers if "ratelimit" in name.lower()]
        assert gitlab(server, "user").headers["RateLimit-Remaining"] == "1999"
        sandbox.jira.rate_headers["X-RateLimit-NearLimit"] = "true"
        sandbox.gitlab.rate_headers["RateLimit-Remaining"] = "0"
        for path in ("myself", "issue/A-999"):
            assert jira(server, path).headers["X-RateLimit-NearLimit"] == "true"
        assert gitlab(server, "projects/999").headers["RateLimit-Remaining"] == "0"


def test_what_breaks_in_the_sandbox_itself_surfaces_when_the_server_stops() -> None:
    sandbox = small()
    sandbox.jira.issues["1"]["fields"] = None
    server = SandboxServer(sandbox)
    server.start()
    with pytest.raises(requests.ConnectionError):
        jira(server, "issue/A-1")
    with pytest.raises(ExceptionGroup) as caught:
        server.stop()
    assert [type(error) for error in caught.value.exceptions] == [AttributeError]


def test_a_sandbox_can_be_copied_and_served_again_after_a_run() -> None:
    sandbox = small()
    sandbox.faults.append(Fault(pattern="POST", kind="repeat_page"))
    with SandboxServer(sandbox) as server:
        jira(server, "myself")
    twin = copy.deepcopy(sandbox)
    for one in (sandbox, twin):
        with SandboxServer(one) as server:
            assert jira(server, "myself").status_code == 200
    assert (len(sandbox.requests), len(twin.requests)) == (2, 2)
    assert twin.jira.issues == sandbox.jira.issues
    assert twin.jira.issues["1"] is not sandbox.jira.issues["1"]
