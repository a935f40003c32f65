"""Log-in, what goes over the wire, and how errors are told."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime

import pytest

from connectors.errors import (
    AuthenticationError,
    ConfigError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    RetryableError,
)
from connectors.jira.client import MovedError, RefusedError, path_of
from connectors.jira.connector import CONNECTOR, open_site
from connectors.port import Connector, Site, Vitals
from mappings.schema import JiraSource

SITE = Site(source="jira", url="https://jira.test", token="secret-token", user="bot@example.test")


def _sent_header(scripted, name):
    return scripted.mock.calls[0].request.headers[name]


def test_cloud_logs_in_with_user_and_token(cloud):
    cloud.connected()
    expected = base64.b64encode(b"bot@example.test:secret-token").decode()
    assert _sent_header(cloud, "Authorization") == f"Basic {expected}"


def test_without_a_user_the_token_is_sent_as_bearer(server):
    server.connected()
    assert _sent_header(server, "Authorization") == "Bearer secret-token"


def test_the_sites_own_authority_wins_over_the_environments(cloud, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "environment.pem"))
    cloud.login()
    cloud.open(ca_file="/etc/own.pem").connect()
    assert {call.request.req_kwargs["verify"] for call in cloud.mock.calls} == {"/etc/own.pem"}


def test_vitals_tell_the_clock_of_the_answers_and_the_last_day_of_the_settings(cloud):
    cloud.login()
    connector = cloud.open(token_expires_on=date(2027, 3, 1))
    assert connector.vitals() == Vitals(token_expires_on=date(2027, 3, 1))
    connector.connect()
    expected = (datetime(2026, 11, 20, 12, 0, 5, tzinfo=UTC) - datetime.now(UTC)).total_seconds()
    assert connector.vitals().skew_s == pytest.approx(expected, abs=60)


def test_the_clock_is_compared_with_the_one_that_is_given(cloud, now):
    cloud.login()
    connector = cloud.open(now=lambda: now)
    connector.connect()
    assert connector.vitals().skew_s == 5.0


def test_the_connection_takes_three_requests(cloud):
    assert cloud.connected().requests_made == 3


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_name_the_tool_the_user_and_the_token(cloud, status):
    cloud.on("GET", "api/2/serverInfo", {"deploymentType": "Cloud"})
    cloud.on("GET", "api/2/myself", {}, status=status)
    with pytest.raises(AuthenticationError) as caught:
        cloud.open().connect()
    assert "Jira jira" in str(caught.value)
    assert "bot@example.test" in str(caught.value)
    assert "API token" in str(caught.value)
    assert "secret-token" not in str(caught.value)


def test_an_anonymous_answer_is_no_log_in(cloud):
    cloud.on("GET", "api/2/serverInfo", {"deploymentType": "Cloud"})
    cloud.on("GET", "api/2/myself", {"displayName": "Anonymous"})
    with pytest.raises(AuthenticationError, match="no account"):
        cloud.open().connect()


def test_a_login_page_with_status_200_is_not_taken_for_an_answer(cloud):
    cloud.on("GET", "api/2/serverInfo", "<html>log in</html>", content_type="text/html")
    with pytest.raises(RetryableError, match="no JSON but text/html"):
        cloud.open().connect()


def test_a_redirect_is_not_followed(cloud):
    cloud.on("GET", "api/2/serverInfo", "", status=302, headers={"Location": "https://evil.test/"})
    with pytest.raises(MovedError, match="final address"):
        cloud.open().connect()
    assert len(cloud.mock.calls) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RefusedError),
        (401, AuthenticationError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (410, GoneError),
        (429, RetryableError),
        (500, RetryableError),
        (503, RetryableError),
    ],
)
def test_a_status_has_its_class(cloud, pull, status, error):
    connector = cloud.connected()
    cloud.on("GET", "api/2/project/PAY/versions", {"errorMessages": ["no"]}, status=status)
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    with pytest.raises(error):
        pull(connector, "versions", "PAY")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"errorMessages": ["no such value"], "errors": {"jql": "bad"}}', "no such value bad"),
        ('{"errorMessages": []}', '{"errorMessages": []}'),
        ("[1]", "[1]"),
        ('{"errors": ["odd"]}', '{"errors": ["odd"]}'),
        ("plain\n text", "plain text"),
        ("", "no reason given"),
    ],
)
def test_a_refusal_says_what_jira_said(cloud, pull, body, said):
    connector = cloud.connected()
    cloud.on("GET", "api/2/project/PAY/versions", body, status=400)
    with pytest.raises(RefusedError) as caught:
        pull(connector, "versions", "PAY")
    assert str(caught.value) == f"GET /rest/api/2/project/PAY/versions -> 400: {said}"


def test_an_ambiguous_field_stops_the_connection(cloud):
    cloud.selection |= {"fields": {"story_points": "Points"}}
    twins = [{"id": f"customfield_{n}", "name": "Points"} for n in (1, 2)]
    with pytest.raises(ConfigError, match="customfield_1, customfield_2"):
        cloud.connected(fields=twins)


def test_a_wrong_selection_lists_every_problem():
    with pytest.raises(ConfigError) as caught:
        open_site(SITE, {"name": "jira", "projects": ("pay",), "colour": "red"})
    assert {problem.partition(":")[0] for problem in caught.value.problems} >= {
        "jira.projects.0",
        "jira.colour",
    }


def test_the_mappings_own_values_are_a_valid_selection(mock):
    fields = {"story_points": "Story Points", "others": ("Reason",)}
    source = JiraSource.model_validate({"projects": ["PAY", "RISK"], "fields": fields})
    assert open_site(SITE, source.model_dump()).source == "jira"


def test_opening_makes_no_request_and_gives_a_connector(mock):
    connector: Connector = CONNECTOR.open(SITE, {"name": "jira", "projects": ("PAY",)})
    assert (connector.source, connector.requests_made) == ("jira", 0)
    assert connector.details() == ()
    with pytest.raises(RuntimeError, match="connect"):
        connector.streams()
    connector.close()


def test_a_part_of_a_path_cannot_leave_its_place():
    assert path_of("api/2", "issue", "../../x?y#z", 7) == "api/2/issue/..%2F..%2Fx%3Fy%23z/7"
