"""Details, deletions, log-in and the connector's part of doctor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from connectors.check import Level
from connectors.errors import AuthenticationError, ConfigError, ForbiddenError, RetryableError
from connectors.gitlab.connector import CONNECTOR
from connectors.gitlab.parse import Place
from connectors.gitlab.parse_runs import parse_pipeline
from connectors.gitlab.parse_work import parse_merge_request
from connectors.port import Site, Skipped, as_they_are

AT = "2026-11-20T12:00:00.000Z"
PLACE = Place(source="gitlab", browse_url="https://git.example.com", paths={"7": "team/pay"})


def request_row(n, project=7):
    return {
        "id": 1000 + n,
        "iid": n,
        "project_id": project,
        "title": "t",
        "state": "opened",
        "source_branch": "s",
        "target_branch": "main",
        "created_at": AT,
        "updated_at": AT,
        "sha": "f2",
    }


REQUEST = parse_merge_request(request_row(12), PLACE)
PIPELINE = parse_pipeline({"id": 5, "sha": "m4", "status": "failed", "created_at": AT}, PLACE, project_id="7")


def told(opened, name, *parents):
    """What a kind of detail tells of each parent."""
    kind = next(d for d in opened.details() if d.name == name)
    return [one for group in kind.groups(parents) for one in kind.fetch(group, as_they_are)]


def job(id_, name, status):
    return {
        "id": id_,
        "name": name,
        "stage": "test",
        "status": status,
        "allow_failure": False,
        "created_at": AT,
    }


def test_jobs_come_with_retried_ones_marked(gitlab, connector):
    rows = [job(3, "unit", "success"), job(1, "unit", "failed"), job(2, "lint", "failed"), {"id": 4}]
    gitlab.lists["projects/7/pipelines/5/jobs"] = rows
    gitlab.project(7, "team/pay")
    opened = connector()
    opened.connect()
    (jobs,) = told(opened, "jobs", PIPELINE)
    assert {(j.id, j.is_retried) for j in jobs} == {("3", False), ("1", True), ("2", False)}
    assert "include_retried=true" in gitlab.asked("jobs")[0]
    assert jobs[0].url == "https://git.example.com/team/pay/-/jobs/3"


def test_jobs_live_where_their_project_lives_now(gitlab, connector):
    gitlab.lists["projects/7/pipelines/5/jobs"] = [job(3, "unit", "failed")]
    gitlab.project(7, "team/billing")
    opened = connector()
    opened.connect()
    ((found,),) = told(opened, "jobs", PIPELINE)
    assert found.url == "https://git.example.com/team/billing/-/jobs/3"


def test_jobs_are_not_asked_while_nobody_knows_where_the_projects_live(gitlab, connector):
    gitlab.lists["projects/7/pipelines/5/jobs"] = [job(3, "unit", "failed")]
    gitlab.answers["groups/team/projects"] = (503, {})
    opened = connector()
    opened.connect()
    with pytest.raises(RetryableError):
        told(opened, "jobs", PIPELINE)
    assert gitlab.asked("jobs") == []


def test_commits_and_approvals_are_addressed_by_project_id_and_iid(gitlab, connector):
    gitlab.answers["projects/7/merge_requests/12/commits"] = (
        200,
        [{"id": "f2", "message": "PAY-2"}, {"id": "f1", "title": "PAY-1"}],
    )
    gitlab.answers["projects/7/merge_requests/12/approvals"] = (
        200,
        {"approved": True, "approved_by": [{"user": {"username": "zhang"}}]},
    )
    opened = connector()
    ((commits,),) = told(opened, "merge_request_commits", REQUEST)
    ((approval,),) = told(opened, "approvals", REQUEST)
    assert commits.commits == (("f2", "PAY-2"), ("f1", "PAY-1"))
    assert (commits.id, commits.head_sha) == ("1012", "f2")
    assert (approval.id, approval.approver_ids, approval.updated_at) == (
        "1012",
        ("zhang",),
        REQUEST.updated_at,
    )


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ({"approved": True}, (0, 0)),
        ({"approved": True, "approvals_required": 0, "approvals_left": 0}, (0, 0)),
        ({"approved": False, "approvals_required": 2, "approvals_left": 1}, (2, 1)),
    ],
)
def test_approvals_are_required_and_missing_where_gitlab_counts_them(gitlab, connector, given, counts):
    gitlab.answers["projects/7/merge_requests/12/approvals"] = (200, {"approved_by": []} | given)
    ((approval,),) = told(connector(), "approvals", REQUEST)
    assert (approval.required_count, approval.missing_count) == counts


def said(id_, at=AT, **more):
    author = {"username": "zhang", "name": "Zhang"}
    fixed = {"id": id_, "body": "secret words", "author": author, "created_at": at, "updated_at": at}
    return fixed | {"system": False, "resolvable": False} | more


def test_notes_come_with_their_threads_and_without_their_words(gitlab, connector):
    later = "2026-11-20T13:00:00.000Z"
    thread = [said(3, resolvable=True, resolved=False), said(5, later, resolvable=True, resolved=True)]
    bot = said(4, later, author={"username": "project_7_bot"}, resolvable=True)
    gitlab.lists["projects/7/merge_requests/12/discussions"] = [
        {"id": "d1", "notes": thread},
        {"id": "d2", "notes": [said(2, system=True)]},
        {"id": "d3", "notes": [bot]},
    ]
    ((found,),) = told(connector(), "notes", REQUEST)
    assert (found.id, found.updated_at) == ("1012", REQUEST.updated_at)
    assert [(n.id, n.thread_id) for n in found.notes] == [("2", "d2"), ("3", "d1"), ("4", "d3"), ("5", "d1")]
    assert [(n.is_system, n.is_resolvable, n.is_resolved, n.is_author_bot) for n in found.notes] == [
        (True, False, False, False),
        (False, True, False, False),
        (False, True, False, True),
        (False, True, True, False),
    ]
    assert (found.notes[0].author_id, found.notes[0].author_name) == ("zhang", "Zhang")
    assert "secret" not in repr(found)


def test_all_notes_of_a_long_discussion_are_read(gitlab, connector):
    rows = [{"id": f"d{n}", "notes": [said(n)]} for n in range(250)]
    gitlab.lists["projects/7/merge_requests/12/discussions"] = rows
    ((found,),) = told(connector(), "notes", REQUEST)
    assert len(found.notes) == 250


@pytest.mark.parametrize(("count", "asked"), [(1, 1), (2, 2)])
def test_a_list_of_notes_that_lacks_some_of_those_counted_is_asked_once_more(gitlab, connector, count, asked):
    rows = [{"id": "d1", "notes": [said(1), said(2, system=True)]}]
    gitlab.lists["projects/7/merge_requests/12/discussions"] = rows
    request = replace(REQUEST, comment_count=count)
    ((found,),) = told(connector(), "notes", request)
    assert (len(found.notes), found.comment_count) == (2, 1)
    assert len(gitlab.asked("discussions")) == asked


def test_details_of_a_vanished_parent_are_missing_and_malformed_ones_skippable(gitlab, connector):
    for name in ("approvals", "notes"):
        assert told(connector(), name, REQUEST) == [()]
    gitlab.answers["projects/7/merge_requests/12/commits"] = (200, ["nonsense"])
    gitlab.answers["projects/7/merge_requests/12/approvals"] = (200, {"message": "no approvals here"})
    gitlab.answers["projects/7/merge_requests/12/discussions"] = (200, [{"id": "d1", "notes": [{"id": 3}]}])
    for name in ("merge_request_commits", "approvals", "notes"):
        (skipped,) = told(connector(), name, REQUEST)
        assert isinstance(skipped, Skipped)
        assert skipped.reason == f"{name} of merge request !12: not in the expected form"


@pytest.mark.parametrize(("name", "path"), [("approvals", "approvals"), ("notes", "discussions")])
def test_what_the_account_may_not_see_of_one_merge_request_costs_no_other(gitlab, connector, name, path):
    gitlab.answers[f"projects/7/merge_requests/12/{path}"] = (403, {})
    skipped, other = told(connector(), name, REQUEST, replace(REQUEST, id="1013", reference="!13"))
    assert isinstance(skipped, Skipped)
    assert "403" in skipped.reason
    assert other == ()


@pytest.fixture
def census(gitlab, connector):
    gitlab.project(7, "team/pay")
    gitlab.project(8, "team/risk")
    rows = [request_row(n, 7 + n % 2) for n in range(250)]
    gitlab.lists["groups/team/merge_requests"] = rows
    for id_ in (7, 8):
        gitlab.lists[f"projects/{id_}/merge_requests"] = [r for r in rows if r["project_id"] == id_]
    opened = connector()
    opened.connect()
    return next(c for c in opened.censuses() if c.kind == "merge_request")


def test_a_census_holds_every_id(census):
    assert tuple(census.partitions()) == ("team",)
    assert census.ids("team") == {str(1000 + n) for n in range(250)}


def test_only_what_no_project_holds_any_more_is_gone(census):
    assert census.settled("team", frozenset({"1001", "9999"})).gone == {"9999"}


def test_a_project_that_was_closed_to_us_makes_deletions_unknowable(gitlab, census):
    gitlab.answers["projects/8/merge_requests"] = (403, {})
    with pytest.raises(ForbiddenError):
        census.settled("team", frozenset({"9999"}))


def test_a_project_that_vanished_makes_deletions_unknowable(gitlab, connector, store):
    gitlab.project(7, "team/pay")
    gitlab.project(8, "team/risk")
    store.pull(connector())
    del gitlab.projects[8]
    opened = connector()
    store.pull(opened)
    census = opened.censuses()[0]
    with pytest.raises(ForbiddenError):
        census.settled("team", frozenset({"9999"}))


def test_merge_requests_that_are_switched_off_are_not_taken_for_deleted(gitlab, connector):
    gitlab.project(7, "team/pay")
    gitlab.projects[7]["merge_requests_access_level"] = "disabled"
    opened = connector()
    opened.connect()
    with pytest.raises(ForbiddenError, match="switched off"):
        opened.censuses()[0].settled("team", frozenset({"1001"}))


def test_a_wrong_token_is_an_authentication_error_that_names_tool_and_scope(gitlab, connector):
    gitlab.answers |= dict.fromkeys(("user", "groups/team/projects"), (401, {"message": "401 Unauthorized"}))
    with pytest.raises(AuthenticationError, match=r"GitLab gitlab .*read_api"):
        connector().connect()


def test_a_selection_of_nothing_asks_for_the_account_alone(gitlab, connector):
    gitlab.answers["user"] = (401, {"message": "401 Unauthorized"})
    with pytest.raises(AuthenticationError):
        connector(groups=()).connect()


def test_a_listing_that_fails_although_the_account_answers_is_left_to_who_needs_it(gitlab, connector):
    gitlab.answers["groups/team/projects"] = (500, {})
    opened = connector()
    opened.connect()
    assert [line.partition("?")[0] for line in gitlab.log] == ["groups/team/projects", "user"]
    with pytest.raises(RetryableError):
        tuple(opened.streams()[2].partitions(frozenset()))


def test_a_token_that_may_not_read_the_api_stops_the_log_in(gitlab, connector):
    gitlab.answers["groups/team/projects"] = (403, {"error": "insufficient_scope", "scope": "api read_api"})
    with pytest.raises(AuthenticationError, match="api read_api"):
        connector().connect()


def test_a_selection_that_is_not_valid_tells_every_problem():
    with pytest.raises(ConfigError) as raised:
        CONNECTOR.open(
            Site(source="gitlab", url="https://git.example.com", token="t"), {"groups": 5, "colour": "red"}
        )
    assert len(raised.value.problems) == 2


def test_opening_makes_no_request_and_the_token_is_not_in_any_repr(gitlab, connector):
    opened = connector()
    assert (opened.requests_made, opened.sink()) == (0, None)
    assert "secret" not in repr(opened) + repr(vars(opened))


def levels(opened):
    return [(c.level, c.message) for c in opened.checks(write_test=False)]


def test_checks_tell_version_token_scope_and_clock(gitlab, connector):
    gitlab.project(7, "team/pay")
    gitlab.at = datetime.now(UTC)
    expires = (datetime.now(UTC) + timedelta(days=212)).date().isoformat()
    gitlab.answers["personal_access_tokens/self"] = (200, {"scopes": ["read_api"], "expires_at": expires})
    found = levels(connector(projects=("team/pay", "team/none")))
    assert [level for level, _ in found] == [*[Level.OK] * 4, Level.FAIL, *[Level.OK] * 2]
    assert found[0][1].endswith(": version 19.2.0, user tandem-bot")
    assert found[1][1] == f"read_api, expires on {expires}, in 212 days"
    assert found[2][1] == "1 projects"


def test_checks_tell_whether_files_can_be_listed_where_they_may_be_read(gitlab, connector):
    gitlab.project(7, "team/pay").write("src/a.py", "", tip="m0")
    gitlab.answers["projects/team/lib/repository/tree"] = (403, {"message": "403 Forbidden"})
    places = ("team/pay", "team/pay", "team/lib")
    found = connector(todos=[{"project": name} for name in places]).checks(write_test=False)
    checks = [(c.subject, c.level) for c in found if c.subject.startswith("files")]
    assert checks == [("files of team/pay", Level.OK), ("files of team/lib", Level.FAIL)]


@pytest.mark.parametrize(
    ("token", "level", "words"),
    [
        ((200, {"scopes": ["api"], "expires_at": None}), Level.WARN, "never expires"),
        ((200, {"scopes": ["read_user"]}), Level.FAIL, "read_user"),
        ((200, {"scopes": ["read_api"], "expires_at": "2020-01-01"}), Level.WARN, "expired on 2020-01-01"),
        ((404, {}), Level.WARN, "does not tell"),
        ((403, {}), Level.WARN, "does not tell"),
        ((200, {"scopes": ["read_api"], "expires_at": "soon"}), Level.WARN, "does not tell"),
        ((200, ["nonsense"]), Level.WARN, "does not tell"),
    ],
)
def test_the_token_is_judged(gitlab, connector, token, level, words):  # noqa: PLR0917
    gitlab.answers["personal_access_tokens/self"] = token
    found = levels(connector())[1]
    assert found[0] is level
    assert words in found[1]


def test_a_clock_that_is_off_is_told(gitlab, connector):
    gitlab.at = datetime.now(UTC) - timedelta(minutes=5)
    assert levels(connector())[-1][0] is Level.WARN


def test_a_failing_log_in_is_one_failing_check(gitlab, connector):
    gitlab.answers["user"] = (401, {})
    (check,) = connector().checks(write_test=False)
    assert (check.level, check.is_access) == (Level.FAIL, True)
