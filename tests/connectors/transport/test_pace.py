"""How fast a site may be asked, decided without a clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.gitlab.limits import FAMILIES as GITLAB
from connectors.jira.limits import FAMILIES as JIRA
from connectors.transport.pace import Family, Pace, Window, endpoint_of
from connectors.transport.signals import Quota

pytestmark = pytest.mark.pure

NOTES = Family(name="notes", pattern=r"^POST .*/notes$", limit=3)
NOTE = "POST /api/v4/projects/7/merge_requests/1/notes"
OTHER = "GET /api/v4/projects/7/issues"
NEAR = Quota(remaining=10.0, left_s=20.0, is_near=True)


def spent(pace, line, count, *, at=0.0):
    for _ in range(count):
        pace.sent(line, at=at)
    return pace


def test_a_budget_costs_nothing_until_it_is_spent():
    assert spent(Pace((NOTES,)), NOTE, 2).wait_s(NOTE, at=1.0) == 0.0


def test_a_spent_budget_waits_until_its_oldest_request_leaves_the_window():
    pace = spent(Pace((NOTES,)), NOTE, 3, at=10.0)
    assert (pace.wait_s(NOTE, at=25.0), pace.wait_s(NOTE, at=70.0)) == (45.0, 0.0)


def test_other_families_do_not_wait_for_it():
    assert spent(Pace((NOTES,)), NOTE, 3).wait_s(OTHER, at=0.0) == 0.0


@given(st.lists(st.floats(0, 30), max_size=60))
def test_waiting_as_told_never_exceeds_the_limit_in_any_window(gaps):
    family, window, at, sent = Family(name="f", pattern="", limit=4, window_s=10.0), Window(), 0.0, []
    for gap in gaps:
        at += gap
        at += window.wait_s(family, at)
        window = window.after(family, at)
        sent.append(at)
    for first, fifth in zip(sent, sent[4:], strict=False):
        assert fifth - first >= 10.0 - 1e-6
    assert len(window.sent) <= 4


def test_a_key_in_the_path_has_a_budget_of_its_own():
    pace = spent(Pace(JIRA), "POST /rest/api/2/issue/10/comment", 20)
    assert pace.wait_s("PUT /rest/api/2/issue/10/properties/tandem", at=0.5) == 1.5
    assert pace.wait_s("PUT /rest/api/2/issue/11/properties/tandem", at=0.5) == 0.0


def test_twenty_writes_to_one_issue_and_forty_to_many_wait_for_nothing():
    pace = Pace(JIRA)
    lines = [f"{method} /rest/api/2/issue/{n}/comment" for n in range(40) for method in ("POST", "PUT")]
    for line in lines:
        assert pace.wait_s(line, at=0.0) == 0.0
        pace.sent(line, at=0.0)


def test_reads_in_bulk_are_no_writes_to_an_issue():
    bulk = "POST /rest/api/3/issue/bulkfetch"
    assert spent(Pace(JIRA), bulk, 40).wait_s(bulk, at=0.0) == 0.0


@pytest.mark.parametrize(("method", "limit"), [("GET", 100), ("POST", 100), ("PUT", 50), ("DELETE", 50)])
def test_a_burst_is_counted_per_endpoint_and_method(method, limit):
    pace = Pace(JIRA)
    for n in range(limit):
        pace.sent(f"{method} /rest/api/2/project/P{n}/versions", at=0.0)
    assert pace.wait_s(f"{method} /rest/api/2/project/P0/versions", at=0.25) == 0.75
    assert pace.wait_s(f"{method} /rest/api/2/project/P0/role", at=0.25) == 0.0


@pytest.mark.parametrize(
    ("line", "limit", "window_s"),
    [
        ("POST /api/v4/projects/7/issues/3/notes", 60, 60.0),
        ("GET /api/v4/projects/7/pipelines/9/jobs", 600, 60.0),
        ("GET /api/v4/projects/7/jobs", 600, 60.0),
        ("GET /gitlab/api/v4/projects", 2_000, 600.0),
        ("GET /api/v4/projects/team%2Fpay", 400, 60.0),
        ("GET /api/v4/groups/team/projects", 600, 60.0),
        ("GET /api/v4/projects/7/repository/files/a%2Fb", 500, 60.0),
        ("GET /api/v4/projects/7/repository/blobs/1a2b", 500, 60.0),
        ("GET /api/v4/projects/7/repository/tree", None, None),
        ("GET /api/v4/search", 10, 60.0),
        ("GET /api/v4/projects/7/issues/3/notes", None, None),
        ("GET /api/v4/projects/7/merge_requests", None, None),
    ],
)
def test_gitlabs_endpoints_have_their_limits(line, limit, window_s):
    found = [(f.limit, f.window_s) for f in GITLAB if f.key_of(line) is not None]
    assert found == ([(limit, window_s)] if limit else [])


def test_a_hold_is_for_its_family_alone():
    pace = Pace((NOTES,))
    pace.hold(pace.refused(NOTE), until=30.0)
    assert pace.wait_s(NOTE.replace("/7/", "/8/"), at=10.0) == 20.0
    assert pace.wait_s(OTHER, at=10.0) == 0.0
    assert pace.wait_s(NOTE, at=31.0) == 0.0


def test_without_a_family_the_endpoint_is_held():
    pace = Pace()
    pace.hold(pace.refused("GET /api/v4/projects/7/issues"), until=30.0)
    assert pace.wait_s("GET /api/v4/projects/8/issues", at=0.0) == 30.0
    assert pace.wait_s("GET /api/v4/projects/8/milestones", at=0.0) == 0.0
    assert pace.wait_s("POST /api/v4/projects/8/issues", at=0.0) == 0.0


def test_a_hold_is_never_shortened():
    pace = Pace()
    pace.hold(pace.refused(OTHER), until=30.0)
    pace.hold(pace.refused(OTHER), until=5.0)
    assert pace.wait_s(OTHER, at=0.0) == 30.0


def test_a_limit_that_the_tool_names_is_the_only_one_held():
    pace = Pace(JIRA)
    pace.hold(pace.refused("POST /rest/api/2/issue/10/comment", reason="jira-per-issue-on-write"), until=30.0)
    assert pace.wait_s("PUT /rest/api/2/issue/10/comment/5", at=0.0) == 30.0
    assert pace.wait_s("POST /rest/api/2/issue/11/comment", at=0.0) == 0.0


def test_near_the_limit_each_request_pauses_until_the_window_ends():
    pace = Pace()
    pace.told(NEAR, at=100.0)
    assert (pace.wait_s(OTHER, at=101.0), pace.near_s(at=101.0)) == (2.0, 19.0)
    assert (pace.wait_s(OTHER, at=120.0), pace.near_s(at=120.0)) == (0.0, 0.0)


def test_an_answer_that_tells_nothing_leaves_the_last_word_standing():
    pace = Pace()
    pace.told(NEAR, at=100.0)
    pace.told(None, at=101.0)
    assert pace.near_s(at=102.0) == 18.0
    pace.told(Quota(remaining=900.0, left_s=20.0, is_near=False), at=103.0)
    assert pace.near_s(at=104.0) == 0.0


@pytest.mark.parametrize(
    ("line", "endpoint"),
    [
        ("GET /rest/agile/sprints", "GET /rest/agile/sprints"),
        ("GET /projects/12/issues/3/notes", "GET /projects/*/issues/*/notes"),
        ("GET /projects/team%2Fpay/issues", "GET /projects/*/issues"),
        ("PUT /issue/PAY-12/properties/x", "PUT /issue/*/properties/x"),
    ],
)
def test_an_endpoint_is_the_path_without_what_names_one_thing(line, endpoint):
    assert endpoint_of(line) == endpoint


def test_the_least_of_all_bounds_is_how_large_an_answer_may_be():
    small, wide = (Family(name=str(n), pattern="/files/", limit=1, largest_mib=n) for n in (2, 900))
    pace = Pace((NOTES, wide, small))
    assert pace.largest_mib("GET /files/a", most=256) == 2
    assert pace.largest_mib(NOTE, most=256) == 256
    assert Pace((wide,)).largest_mib("GET /files/a", most=256) == 256
