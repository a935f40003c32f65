"""Doctor's lines for Jira: never an exception, always what to do next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.check import Level
from connectors.jira.checks import DOCTOR

ALL = ("BROWSE_PROJECTS", "ADD_COMMENTS", "EDIT_OWN_COMMENTS", "DELETE_OWN_COMMENTS", "EDIT_ISSUES")


@pytest.fixture
def site(cloud):
    def prepared(granted=ALL):
        cloud.login()
        cloud.on("GET", "api/2/status", [{"name": "Done"}, {"name": "待办"}])
        cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
        permissions = {name: {"havePermission": name in granted} for name in ALL}
        cloud.on("GET", "api/2/mypermissions", {"permissions": permissions})
        return cloud

    return prepared


def _lines(scripted, write_test=False):
    return {check.subject: check for check in scripted.open().checks(write_test=write_test)}


def test_a_healthy_site_is_all_ok_except_for_the_clock_of_the_test(site):
    lines = _lines(site())
    assert [subject for subject, check in lines.items() if check.level is not Level.OK] == ["clock"]
    assert "Cloud 10.3.24, user Sync Bot, zone Asia/Shanghai" in lines["log-in"].message
    assert "customfield_10020" in lines["fields"].message
    assert lines["statuses"].message == "2: Done, 待办"


def test_a_missing_permission_says_which_and_what_to_do(site):
    line = _lines(site(granted=ALL[:1] + ALL[2:]))["project PAY"]
    assert (line.level, line.is_access, line.message) == (Level.WARN, True, "no permission: Add Comments")
    assert "drop PAY from the slots" in line.advice


def test_a_failed_login_is_one_failing_line(cloud):
    cloud.on("GET", "api/2/serverInfo", {}, status=401)
    (check,) = cloud.open().checks(write_test=False)
    assert (check.level, check.is_access) == (Level.FAIL, True)


def test_a_hidden_project_fails_and_the_others_are_still_looked_at(site):
    scripted = site()
    scripted.selection = {"name": "jira", "projects": ("GONE", "PAY")}
    scripted.on("GET", "api/2/project/GONE", {}, status=404)
    lines = _lines(scripted)
    assert (lines["project GONE"].level, lines["project PAY"].level) == (Level.FAIL, Level.OK)


def test_fields_that_cannot_be_told_fail_with_advice(site):
    scripted = site()
    scripted.selection |= {"fields": {"others": ("Nowhere",)}}
    line = _lines(scripted)["fields"]
    assert line.level is Level.FAIL
    assert "sources.jira[].fields" in line.advice


def test_nothing_is_written_unless_asked_for(site):
    scripted = site()
    _lines(scripted)
    assert {method.split()[0] for method in scripted.methods} == {"GET"}


def test_the_write_test_puts_and_removes_one_property_per_project(site):
    scripted = site()
    scripted.on("POST", "api/2/search/jql", {"issues": [{"id": "10"}], "nextPageToken": "t"})
    for method in ("PUT", "DELETE"):
        scripted.on(method, f"api/2/issue/10/properties/{DOCTOR}", {})
    assert _lines(scripted, write_test=True)["project PAY, write"].level is Level.OK
    writes = [method for method in scripted.methods if method.startswith(("PUT", "DELETE"))]
    assert [write.split()[0] for write in writes] == ["PUT", "DELETE"]


def test_a_failing_write_test_is_a_line(site):
    scripted = site()
    scripted.on("POST", "api/2/search/jql", {"issues": [{"id": "10"}]})
    scripted.on("PUT", f"api/2/issue/10/properties/{DOCTOR}", {}, status=403)
    line = _lines(scripted, write_test=True)["project PAY, write"]
    assert (line.level, line.is_access) == (Level.FAIL, True)


def in_days(days):
    return datetime.now(UTC).date() + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "level"), [(15, Level.OK), (14, Level.OK), (13, Level.WARN), (0, Level.WARN), (-1, Level.WARN)]
)
def test_a_token_is_warned_of_below_14_days(site, days, level):
    (line,) = (
        check
        for check in site().open(token_expires_on=in_days(days)).checks(write_test=False)
        if check.subject == "token"
    )
    assert (line.level, in_days(days).isoformat() in line.message) == (level, True)


def test_a_token_of_unknown_end_says_how_to_tell(site):
    line = _lines(site())["token"]
    assert (line.level, line.message) == (Level.OK, "its last day is not known")
    assert "sources.jira.token_expires_on" in line.advice


@pytest.mark.parametrize("body", ["Forbidden", "<html>blocked</html>"])
def test_a_blocked_address_is_one_failing_line_that_says_so(cloud, body):
    cloud.on("GET", "api/2/serverInfo", body, status=403, content_type="text/html")
    (check,) = cloud.open().checks(write_test=False)
    assert (check.level, check.is_access) == (Level.FAIL, True)
    assert "refuses this address" in check.message
    assert "administrators" in check.advice
    assert len(cloud.mock.calls) == 1


def test_a_locked_log_in_asks_for_the_browser(server):
    locked = {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://jira.test/login.jsp"}
    server.on("GET", "api/2/serverInfo", "<html>", status=403, headers=locked)
    (check,) = server.open().checks(write_test=False)
    assert (check.level, check.is_access) == (Level.FAIL, True)
    assert "browser" in check.message
