"""Vanished projects and branches, and lists that lie: nothing is buried that a read of the thing itself, or of what holds it, does not confirm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import NotFoundError, RetryableError
from tests.connectors.gitlab.fake_gitlab import NOW

MEMBER = {"id": 1, "username": "tandem-bot", "access_level": 20, "state": "active"}
MEMBERSHIP = "groups/team/members/all/1"


@pytest.fixture
def without_fourth(company, connector, store):
    """The company after project 4 left it, once all was read."""
    store.pull(connector())
    del company.projects[4]
    company.at = NOW + timedelta(hours=1)
    return company


def test_a_project_that_left_a_group_of_which_we_are_a_member_was_deleted(without_fourth, connector, store):
    without_fourth.answers[MEMBERSHIP] = (200, MEMBER)
    store.pull(connector(), only=("projects",), now=without_fourth.at)
    assert set(store.of("project")) == {"1", "2", "3", "5", "6"}
    assert "4" not in dict(store.cursors["projects", "*"].tips)


def test_once_it_is_known_as_deleted_its_requests_and_issues_are_not_asked_for(
    without_fourth, connector, store
):
    without_fourth.answers[MEMBERSHIP] = (200, MEMBER)
    opened = connector()
    store.cursors = {scope: cursor for scope, cursor in store.cursors.items() if scope[1] != "4"}
    assert store.pull(opened, now=without_fourth.at) == {}
    assert next(c for c in opened.censuses()).settled("team", frozenset({"9999"})).gone == {"9999"}


@pytest.mark.parametrize(
    "answer",
    [
        (404, {}),
        (403, {}),
        (200, MEMBER | {"access_level": 5}),
        (200, MEMBER | {"state": "awaiting"}),
        (200, MEMBER | {"id": 2}),
        (200, {}),
    ],
)
def test_without_proof_of_membership_a_project_that_left_is_missing_as_before(
    without_fourth, connector, store, answer
):
    without_fourth.answers[MEMBERSHIP] = answer
    failed = store.pull(connector(), now=without_fourth.at)
    assert {type(error) for error in failed.values()} == {NotFoundError}
    assert "4" in store.of("project")
    assert "4" in dict(store.cursors["projects", "*"].tips)


def test_a_project_that_the_list_left_out_but_answers_is_still_there(company, connector, store):
    store.pull(connector())
    company.answers[MEMBERSHIP] = (200, MEMBER)
    rows = [row for row in company.projects.values() if row["id"] != 4]
    company.answers["groups/team/projects"] = (200, rows)
    assert store.pull(connector(), now=NOW + timedelta(hours=1)) == {}
    assert "4" in store.of("project")


def test_a_project_that_is_marked_for_deletion_is_still_there(company, connector, store):
    store.pull(connector())
    company.projects[4] |= {"marked_for_deletion_on": "2026-11-27"}
    company.answers[MEMBERSHIP] = (200, MEMBER)
    rows = [row for row in company.projects.values() if row["id"] != 4]
    company.answers["groups/team/projects"] = (200, rows)
    assert store.pull(connector(), now=NOW + timedelta(hours=1)) == {}
    assert "4" in store.of("project")


def test_a_project_whose_answer_is_malformed_is_not_taken_for_deleted(without_fourth, connector, store):
    without_fourth.answers |= {MEMBERSHIP: (200, MEMBER), "projects/4": (200, {"error": "made up"})}
    failed = store.pull(connector(), now=without_fourth.at)
    assert {type(error) for error in failed.values()} == {RetryableError}
    assert "4" in store.of("project")


def test_an_empty_list_of_branches_buries_nothing(company, connector, store):
    store.pull(connector())
    company.answers["projects/4/repository/branches"] = (200, [])
    failed = store.pull(connector(), now=NOW + timedelta(hours=1))
    assert {(scope, type(error)) for scope, error in failed.items()} == {(("commits", "4"), RetryableError)}
    assert "4/main" in store.of("branch")


def test_a_shortened_list_of_branches_buries_nothing(company, connector, store):
    repo = company.repos[4]
    repo.heads["feature"] = repo.commit("f1", "4-2")
    store.pull(connector())
    rows = [company._branch(repo, "main")]
    company.answers["projects/4/repository/branches"] = (200, rows)
    failed = store.pull(connector(), now=NOW + timedelta(hours=1))
    assert set(failed) == {("commits", "4")}
    assert {"4/main", "4/feature"} <= set(store.of("branch"))


def test_a_list_without_the_default_branch_is_not_trusted_in_the_first_run_either(company, connector, store):
    company.answers["projects/4/repository/branches"] = (200, [])
    failed = store.pull(connector())
    assert set(failed) == {("commits", "4")}
    assert store.cursors.get(("commits", "4")) is None


def test_a_project_that_says_it_is_not_empty_has_branches(company, connector, store):
    company.repos[4].heads.clear()
    company.projects[4]["empty_repo"] = False
    assert set(store.pull(connector())) == {("commits", "4")}


def test_an_empty_project_has_no_branches_and_is_complete(company, connector, store):
    company.repos[4].heads.clear()
    company.projects[4]["empty_repo"] = True
    assert store.pull(connector()) == {}


def test_a_branch_that_is_deleted_and_comes_back_is_there_again(company, connector, store):
    repo = company.repos[4]
    repo.heads["feature"] = repo.commit("f1", "4-2")
    store.pull(connector())
    sha = repo.heads.pop("feature")
    store.pull(connector(), now=NOW + timedelta(hours=1))
    assert "4/feature" not in store.of("branch")
    repo.heads["feature"] = sha
    store.pull(connector(), now=NOW + timedelta(hours=2))
    assert "4/feature" in store.of("branch")
    assert store.of("commit")["4/f1"].is_reachable


def test_the_projects_alone_tell_the_other_streams_what_left_the_list(without_fourth, connector, store):
    opened = connector()
    store.pull(opened, only=("projects",), now=without_fourth.at)
    requests = next(stream for stream in opened.streams() if stream.name == "merge_requests")
    assert requests.partitions(frozenset()) == ("team", "4")
