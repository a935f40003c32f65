"""Projects: missing, closed, moved, renamed or single ones, and features that are switched off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import ForbiddenError, NotFoundError, RetryableError
from tests.connectors.gitlab.fake_gitlab import NOW
from tests.connectors.gitlab.rows import request_row


def test_a_project_that_was_deleted_fails_alone(company, connector, store):
    store.pull(connector())
    del company.projects[4]
    company.at = NOW + timedelta(hours=1)
    company.log.clear()
    failed = store.pull(connector(), now=company.at)
    assert {partition for _, partition in failed} == {"4"}
    assert {type(error) for error in failed.values()} == {NotFoundError}
    assert len(company.asked("projects/4")) == 1
    assert store.cursors["commits", "5"].read_to == company.at


def test_a_project_that_was_closed_to_us_is_forbidden_alone(company, connector, store):
    store.pull(connector())
    company.answers["projects/4"] = (403, {"message": "403 Forbidden"})
    del company.projects[4]
    failed = store.pull(connector(), now=NOW + timedelta(hours=1))
    assert {type(error) for error in failed.values()} == {ForbiddenError}


def test_a_project_that_moved_out_of_the_group_is_read_on_under_its_id(company, connector, store):
    store.pull(connector())
    company.projects[4]["path_with_namespace"] = "elsewhere/p4"
    repo = company.repos[4]
    repo.heads["main"] = repo.commit("moved-on", "4-2")
    company.lists["projects/4/merge_requests"] = [request_row(99, project=4, path="elsewhere/p4")]
    assert store.pull(connector(), now=NOW + timedelta(hours=1)) == {}
    assert "4/moved-on" in store.of("commit")
    assert store.of("project")["4"].path == "elsewhere/p4"
    assert store.of("merge_request")["1099"].project_id == "4"


def test_a_renamed_project_keeps_its_id_and_takes_the_new_path(company, connector, store):
    store.pull(connector())
    company.projects[4]["path_with_namespace"] = "team/renamed"
    assert store.pull(connector(), now=NOW + timedelta(hours=1)) == {}
    assert store.of("project")["4"].path == "team/renamed"


def test_a_configured_project_that_does_not_exist_fails_alone_and_by_its_name(company, connector, store):
    failed = store.pull(connector(projects=("team/nowhere",)))
    assert {partition for _, partition in failed} == {"team/nowhere"}
    assert [s.what for s in store.skipped] == ["group or project team/nowhere"]
    assert len(store.of("project")) == 6


def test_a_single_project_is_its_own_partition_and_one_in_a_group_is_not_read_twice(
    company, connector, store
):
    company.project(50, "other/solo")
    assert store.pull(connector(projects=("other/solo", "team/p1"))) == {}
    assert {p for s, p in store.cursors if s == "merge_requests"} == {"team", "50"}


def test_a_group_that_does_not_exist_is_missing_in_its_own_scopes(company, connector, store):
    company.answers |= {
        f"groups/ghost/{what}": (404, {}) for what in ("projects", "merge_requests", "issues", "milestones")
    }
    failed = store.pull(connector(groups=("team", "ghost")))
    assert set(failed) == {("merge_requests", "ghost"), ("gitlab_issues", "ghost"), ("milestones", "ghost")}


def test_a_group_given_by_number_is_read_under_its_path(company, connector, store):
    company.answers["groups/900/projects"] = (200, list(company.projects.values()))
    assert store.pull(connector(groups=(900,))) == {}
    assert ("merge_requests", "team") in store.cursors


def test_a_listing_that_fails_is_asked_once_and_ends_every_stream(company, connector, store):
    company.answers["groups/team/projects"] = (502, "bad gateway")
    opened = connector()
    opened.connect()
    for stream in opened.streams()[1:]:
        with pytest.raises(RetryableError):
            tuple(stream.partitions(frozenset({"1"})))
    assert len(company.asked("groups/team/projects")) == 1


def test_a_feature_that_is_switched_off_is_not_asked_for(company, connector, store):
    company.projects[2] |= {
        "builds_access_level": "disabled",
        "releases_access_level": "disabled",
        "repository_access_level": "disabled",
    }
    company.answers |= {
        f"projects/2/{what}": (403, {})
        for what in ("pipelines", "deployments", "releases", "repository/branches")
    }
    assert store.pull(connector()) == {}
    assert store.cursors["pipelines", "2"].read_to == NOW
