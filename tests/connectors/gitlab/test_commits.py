"""Commits: nothing that reaches a branch is missed, whatever its date, and nothing is asked where nothing moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import RetryableError
from connectors.records import Ref

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def repo(gitlab):
    repo = gitlab.project(7, "team/pay")
    repo.heads["main"] = repo.line("m", 5)
    return repo


def reachable(store):
    return {c.sha for c in store.of("commit").values() if c.is_reachable}


def test_the_first_run_lists_the_default_branch_whole_and_the_others_beyond_it(
    gitlab, connector, store, repo
):
    repo.heads["feature/x"] = repo.line("f", 3, after="m2")
    assert store.pull(connector()) == {}
    assert reachable(store) == {f"m{n}" for n in range(5)} | {"f0", "f1", "f2"}
    assert "ref_name=m4..f2" in gitlab.asked("repository/commits")[1]
    assert store.of("branch")["7/main"].is_default
    assert store.of("commit")["7/f1"].trailers == (("Refs", "PAY-1"),)
    assert store.of("branch")["7/feature/x"].url == "https://git.example.com/team/pay/-/tree/feature/x"


def test_nothing_is_listed_for_a_branch_that_the_default_branch_holds(gitlab, connector, store, repo):
    repo.heads["old"] = "m2"
    store.pull(connector())
    assert len(gitlab.asked("repository/commits")) == 1
    assert store.of("branch")["7/old"].is_merged
    assert reachable(store) == {f"m{n}" for n in range(5)}
    assert dict(store.cursors["commits", "7"].tips) == {"main": "m4", "old": "m2"}
    repo.heads["old"] = repo.line("o", 2, after="m2")
    store.pull(connector(), now=LATER)
    assert {"o0", "o1"} <= reachable(store)


def test_unchanged_tips_cost_one_request(gitlab, connector, store, repo):
    store.pull(connector())
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert len(gitlab.asked("repository/")) == 1
    assert store.cursors["commits", "7"].read_to == NOW  # the tool's own clock did not move on


def test_a_late_push_with_an_old_date_is_found(gitlab, connector, store, repo):
    store.pull(connector())
    repo.heads["main"] = repo.commit("late", "m4", at=NOW - timedelta(days=60))
    store.pull(connector(), now=LATER)
    assert "late" in reachable(store)


def test_a_normal_push_costs_the_branches_and_one_range(gitlab, connector, store, repo):
    store.pull(connector())
    repo.heads["main"] = repo.line("n", 2, after="m4")
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert len(gitlab.asked("repository/")) == 2


def test_a_new_branch_at_a_known_commit_is_recorded_without_listing(gitlab, connector, store, repo):
    store.pull(connector())
    repo.heads["release"] = "m4"
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert store.of("branch")["7/release"].sha == "m4"
    assert gitlab.asked("repository/commits") == []


@pytest.mark.parametrize("others", [0, 6])
def test_a_force_push_marks_what_no_branch_holds(gitlab, connector, store, repo, others):  # noqa: PLR0917
    repo.heads["work"] = repo.line("w", 3, after="m4")
    repo.heads["kept"] = repo.commit("k", "w0")
    for number in range(others):
        repo.heads[f"other{number}"] = repo.commit(f"o{number}", "m1")
    store.pull(connector())
    repo.heads["work"] = repo.commit("new", "m4")
    assert store.pull(connector(), now=LATER) == {}
    lost = {c.sha for c in store.of("commit").values() if not c.is_reachable}
    assert lost == {"w1", "w2"}
    assert "new" in reachable(store)


def test_a_force_push_back_makes_commits_reachable_again(gitlab, connector, store, repo):
    repo.heads["work"] = repo.line("w", 3, after="m4")
    store.pull(connector())
    repo.heads["work"] = "w0"
    store.pull(connector(), now=LATER)
    assert not store.of("commit")["7/w2"].is_reachable
    repo.heads["work"] = "w2"
    store.pull(connector(), now=LATER)
    assert store.of("commit")["7/w2"].is_reachable


def test_a_deleted_branch_is_gone_and_its_own_commits_are_unreachable(gitlab, connector, store, repo):
    repo.heads["work"] = repo.line("w", 2, after="m1")
    store.pull(connector())
    del repo.heads["work"]
    store.pull(connector(), now=LATER)
    assert set(store.of("branch")) == {"7/main"}
    assert reachable(store) == {f"m{n}" for n in range(5)}
    assert dict(store.cursors["commits", "7"].tips) == {"main": "m4"}


def test_a_merged_and_deleted_branch_leaves_its_commits_reachable(gitlab, connector, store, repo):
    repo.heads["work"] = repo.line("w", 2, after="m4")
    store.pull(connector())
    repo.heads["main"] = repo.commit("merge", "m4", "w1")
    del repo.heads["work"]
    store.pull(connector(), now=LATER)
    assert {"w0", "w1", "merge"} <= reachable(store)


def test_a_branch_that_the_list_left_out_is_not_taken_for_deleted(gitlab, connector, store, repo):
    repo.heads["work"] = repo.line("w", 2, after="m4")
    store.pull(connector())
    gitlab.answers["projects/7/repository/branches"] = (200, [gitlab._branch(repo, "main")])
    failed = store.pull(connector(), now=LATER)
    assert isinstance(failed["commits", "7"], RetryableError)
    assert "7/work" in store.of("branch")


def test_a_range_over_a_hundred_commits_is_paged(gitlab, connector, store, repo):
    store.pull(connector())
    repo.heads["main"] = repo.line("n", 250, after="m4")
    gitlab.log.clear()
    store.pull(connector(), now=LATER)
    assert len(reachable(store)) == 255
    assert len(gitlab.asked("repository/commits")) == 3


def test_a_former_tip_that_was_cleaned_up_loses_nothing_new(gitlab, connector, store, repo):
    repo.heads["work"] = repo.line("w", 2, after="m4")
    store.pull(connector())
    repo.heads["work"] = repo.line("v", 2, after="m4")
    repo.cleaned |= {"w0", "w1"}
    store.pull(connector(), now=LATER)
    assert {"v0", "v1"} <= reachable(store)
    assert any("former tip" in s.what for s in store.skipped)


def test_touches_of_watched_prefixes_follow_the_ranges(gitlab, connector, store, repo):
    repo.commit("m4", "m3", files=("core/a.py",))
    opened = connector(paths=(("team/pay", "core"),))
    store.pull(opened)
    assert set(store.of("path_touch")) == {"7/m4/core"}
    repo.heads["main"] = repo.commit("n", "m4", files=("core/b.py", "web/c.ts"))
    store.pull(opened, now=LATER)
    assert set(store.of("path_touch")) == {"7/m4/core", "7/n/core"}


def test_a_prefix_watched_from_now_on_is_listed_from_the_beginning(gitlab, connector, store, repo):
    repo.commit("m1", "m0", files=("core/a.py",))
    repo.heads["work"] = repo.commit("w", "m4", files=("core/w.py",))
    store.pull(connector())
    gitlab.log.clear()
    store.pull(connector(paths=((7, "core"),)), now=LATER, only=("commits",))
    assert set(store.of("path_touch")) == {"7/m1/core", "7/w/core"}
    gitlab.log.clear()
    store.pull(connector(paths=((7, "core"),)), now=LATER, only=("commits",))
    assert len(gitlab.asked("repository/")) == 1


@pytest.mark.parametrize("stop_after", range(1, 14))
def test_a_crash_at_any_page_loses_nothing(gitlab, connector, store, stop_after):
    repo = gitlab.project(7, "team/pay")
    repo.heads["main"] = repo.line("m", 350)
    repo.heads["a"] = repo.line("a", 150, after="m9")
    repo.heads["b"] = repo.line("b", 250, after="a149")
    repo.commit("a3", "a2", files=("core/x",))
    store.break_off(connector(paths=((7, "core"),)), after=stop_after)
    repo.heads["a"] = repo.commit("a-later", "a149")
    store.pull(connector(paths=((7, "core"),)), now=LATER)
    assert reachable(store) == set(repo.reach("m349")) | set(repo.reach("a-later")) | set(repo.reach("b249"))
    assert set(store.of("path_touch")) == {"7/a3/core"}


def test_a_resumed_walk_does_not_list_again_what_landed(gitlab, connector, store):
    repo = gitlab.project(7, "team/pay")
    repo.heads["main"] = repo.line("m", 1000)
    store.break_off(connector(), after=9)
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert len(gitlab.asked("repository/commits")) == 2
    assert len(reachable(store)) == 1000


def test_a_crash_behind_the_last_page_of_a_range_takes_no_tip_for_cleaned_up(connector, store, repo):
    store.pull(connector())
    repo.heads["main"] = repo.line("n", 150, after="m4")
    store.break_off(connector(), after=3, now=LATER)
    store.pull(connector(), now=LATER)
    assert store.skipped == []
    assert dict(store.cursors["commits", "7"].tips) == {"main": "n149"}


def test_what_a_walk_that_broke_off_had_listed_of_a_branch_rewritten_since_is_left_behind(
    connector, store, repo
):
    repo.heads["work"] = repo.commit("w", "m4")
    store.pull(connector())
    repo.heads["work"] = repo.line("v", 150, after="w")
    store.break_off(connector(), after=2, now=LATER)
    assert "v149" in reachable(store)
    repo.heads["work"] = repo.commit("anew", "w")
    repo.heads["main"] = repo.commit("m5", "m4")
    store.pull(connector(), now=LATER)
    assert reachable(store) == {f"m{n}" for n in range(6)} | {"w", "anew"}


@pytest.mark.parametrize("stop_after", range(1, 9))
def test_a_branch_in_which_a_walk_broke_off_is_ended_before_others_are_begun(
    connector, store, repo, stop_after
):
    repo.heads["work"] = repo.commit("w", "m4")
    store.pull(connector())
    repo.heads["work"] = repo.line("v", 150, after="w")
    for after in (2, stop_after):
        store.break_off(connector(), after=after, now=LATER)
        repo.heads["main"] = repo.line("n", 150, after="m4")
    repo.heads["work"] = repo.commit("anew", "w")
    store.pull(connector(), now=LATER)
    assert reachable(store) == set(repo.reach("n149")) | {"w", "anew"}


def test_a_malformed_commit_is_skipped_and_its_page_lands(gitlab, connector, store, repo):
    repo.commits["m2"]["committed_date"] = "yesterday"
    store.pull(connector())
    assert reachable(store) == {"m0", "m1", "m3", "m4"}
    assert [s.what for s in store.skipped] == ["commit m2"]


def test_a_malformed_branch_is_neither_read_nor_taken_for_deleted(gitlab, connector, store, repo):
    repo.heads["work"] = repo.line("w", 2, after="m4")
    store.pull(connector())
    rows = [gitlab._branch(repo, "main"), {"name": "work", "commit": None}]
    gitlab.answers["projects/7/repository/branches"] = (200, rows)
    assert store.pull(connector(), now=LATER) == {}
    assert "7/work" in store.of("branch")


def test_an_empty_repository_is_read_completely(gitlab, connector, store):
    gitlab.project(7, "team/empty")
    assert store.pull(connector()) == {}
    assert store.cursors["commits", "7"].read_to == NOW


def test_a_full_walk_settles_deletions_first_and_lists_everything(gitlab, connector, store, repo):
    repo.heads["work"] = repo.line("w", 2, after="m4")
    store.pull(connector())
    del repo.heads["work"]
    store.pull(connector(), now=LATER, is_full=True)
    assert Ref(source="gitlab", kind="branch", id="7/work") not in store.records
    assert not store.of("commit")["7/w1"].is_reachable


@pytest.mark.parametrize("stop_after", range(1, 9))
def test_a_full_walk_that_breaks_off_still_notices_what_is_deleted_or_rewritten_then(
    connector, store, repo, stop_after
):
    for name in ("a", "b", "c"):
        repo.heads[name] = repo.line(name, 2, after="m4")
    store.pull(connector())
    store.break_off(connector(), after=stop_after, now=LATER, is_full=True)
    del repo.heads["b"]
    repo.heads["c"] = repo.line("d", 2, after="m4")
    store.pull(connector(), now=LATER)
    assert set(store.of("branch")) == {"7/main", "7/a", "7/c"}
    assert reachable(store) == {"a0", "a1", "d0", "d1", *(f"m{n}" for n in range(5))}
    assert dict(store.cursors["commits", "7"].tips) == {"main": "m4", "a": "a1", "c": "d1"}
