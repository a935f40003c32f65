"""Signs of activity: a project that nothing hints at costs nothing, and whatever the hints hide is found within the hour."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cursor import Cursor
from connectors.gitlab.signs import is_left_alone
from tests.connectors.gitlab.fake_gitlab import NOW, stamp
from tests.connectors.gitlab.rows import pipeline_row, request_row

HOUR = timedelta(hours=1)
minutes = st.integers(0, 10_000).map(lambda n: timedelta(minutes=n))


@given(minutes, minutes, minutes)
def test_a_project_is_left_alone_for_as_long_as_it_had_been_silent(silent, since, more):
    cursor = Cursor(read_to=NOW)
    is_alone = is_left_alone(cursor, NOW - silent, now=NOW + since)
    assert is_alone == (since < silent)
    assert is_alone or not is_left_alone(cursor, NOW - silent, now=NOW + since + more)


@given(minutes, minutes)
def test_a_sign_that_is_younger_than_the_cursor_is_never_left_alone(after, since):
    assert not is_left_alone(Cursor(read_to=NOW), NOW + after, now=NOW + since)


def test_what_was_never_read_is_not_left_alone():
    assert not is_left_alone(Cursor(), NOW - HOUR, now=NOW)


@pytest.fixture
def quiet(company, connector, store):
    """A function that pulls ``at`` some time after the first pull, and gives the paths that were asked."""
    assert store.pull(connector()) == {}

    def pulled(at: timedelta, **selection):
        company.at = NOW + at
        company.log.clear()
        assert store.pull(connector(**selection), now=company.at, max_age=HOUR) == {}
        return [line.partition("?")[0] for line in company.log]

    return pulled


LISTS = ["groups/team/projects", "groups/team/merge_requests"]


def test_a_quiet_world_costs_one_request_for_the_projects_and_one_for_the_merge_requests(quiet):
    assert quiet(timedelta(minutes=5)) == LISTS
    assert quiet(timedelta(minutes=59)) == LISTS


def test_after_an_hour_everything_is_asked_and_then_rests_again(quiet):
    assert len(quiet(timedelta(hours=1))) == 41
    assert quiet(timedelta(hours=1, minutes=55)) == LISTS


def test_a_scope_that_rests_keeps_its_cursor(quiet, store):
    before = dict(store.cursors)
    quiet(timedelta(minutes=30))
    moved = {scope for scope, cursor in store.cursors.items() if cursor != before[scope]}
    assert moved == {("projects", "*"), ("merge_requests", "team")}


def test_a_push_that_the_list_of_projects_shows_is_read_at_once_and_of_that_project_alone(
    company, quiet, store
):
    repo = company.repos[2]
    repo.heads["feature/late"] = repo.commit("late", "2-2", at=NOW - timedelta(days=30))
    company.projects[2]["last_activity_at"] = stamp(NOW + timedelta(minutes=3))
    asked = quiet(timedelta(minutes=5))
    assert "late" in {commit.sha for commit in store.of("commit").values()}
    assert {p.split("/")[1] for p in asked if p.startswith("projects/")} == {"2"}


def _push(repo):
    repo.heads["feature/new"] = repo.commit("new", "2-2")


def _rewrite(repo):
    repo.heads["main"] = repo.commit("new", "2-0")


def _delete(repo):
    repo.heads.pop("old")


@pytest.mark.parametrize("change", [_push, _rewrite, _delete])
def test_what_the_hint_hides_is_found_by_the_blind_round(company, connector, quiet, store, *, change):
    company.repos[2].heads["old"] = company.repos[2].commit("side", "2-1")
    store.pull(connector())
    change(company.repos[2])
    seen = dict(store.records)
    quiet(timedelta(minutes=55))
    assert store.records == seen
    quiet(HOUR)
    branches = {b.name: b.sha for b in store.of("branch").values() if b.project_id == "2"}
    assert branches == company.repos[2].heads


def test_a_pipeline_which_no_hint_tells_of_is_found_by_the_blind_round(company, quiet, store):
    company.lists["projects/1/pipelines"].append(pipeline_row(77, at=NOW + timedelta(minutes=1)))
    quiet(timedelta(minutes=59))
    assert "77" not in store.of("pipeline")
    quiet(HOUR)
    assert "77" in store.of("pipeline")


def test_a_young_sign_is_followed_up_at_growing_distances(company, quiet):
    company.projects[2]["last_activity_at"] = stamp(NOW + timedelta(minutes=2))
    looks = [m for m in range(5, 61, 5) if "projects/2/repository/branches" in quiet(timedelta(minutes=m))]
    assert looks == [5, 10, 20, 40]  # 3, 8, 18 and 38 minutes after the sign; the next one is due at 78


def test_a_merge_request_that_was_updated_has_its_project_asked(company, quiet, store):
    company.repos[4].heads["feature/PAY-3"] = company.repos[4].commit("new", "4-2")
    at = NOW + timedelta(minutes=2)
    company.lists["groups/team/merge_requests"].append(request_row(99, project=4, path="team/p4", at=at))
    asked = quiet(timedelta(minutes=5))
    assert "new" in {commit.sha for commit in store.of("commit").values()}
    assert {p.split("/")[1] for p in asked if p.startswith("projects/")} == {"4"}


def test_where_the_list_shows_no_activity_at_all_nothing_rests(company, quiet):
    company.projects[3].pop("last_activity_at")
    asked = quiet(timedelta(minutes=5))
    assert "projects/3/repository/branches" in asked
    assert "groups/team/issues" in asked  # whose projects are not all silent for certain


def test_issues_and_milestones_of_a_group_are_asked_where_any_of_its_projects_was_active(company, quiet):
    company.projects[3]["last_activity_at"] = stamp(NOW + timedelta(minutes=3))
    asked = quiet(timedelta(minutes=5))
    assert {"groups/team/issues", "groups/team/milestones"} <= set(asked)


def test_a_path_that_is_watched_from_now_on_is_walked_though_the_project_rests(quiet):
    asked = quiet(timedelta(minutes=5), paths=(("team/p2", "src"),))
    assert "projects/2/repository/branches" in asked
    assert "projects/1/repository/branches" not in asked


def test_a_scope_in_the_middle_of_a_walk_does_not_rest(company, connector, store, stream_of):
    store.pull(connector())
    store.cursors["pipelines", "1"] = store.cursors["pipelines", "1"].begun(NOW)
    company.log.clear()
    company.at = NOW + timedelta(minutes=5)
    store.pull(connector(), now=company.at, max_age=HOUR)
    assert company.asked("projects/1/pipelines")
    assert not company.asked("projects/2/pipelines")


def test_the_token_is_asked_once_an_hour(quiet):
    assert "personal_access_tokens/self" not in quiet(timedelta(minutes=59))
    assert "personal_access_tokens/self" in quiet(HOUR)
