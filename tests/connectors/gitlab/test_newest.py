"""Newest: what several branches gained at once is told by one listing where it proves itself; else it is asked for by its range, and nothing is missed either way."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connectors.gitlab.fake_gitlab import NOW, FakeGitlab, Repo, answering
from tests.connectors.gitlab.pulled import Store, opened

LATER = NOW + timedelta(hours=1)
BRANCHES = tuple(f"feature/{number}" for number in range(9))


@pytest.fixture
def repo(gitlab):
    """A project with a default branch and nine others, two commits long."""
    repo = gitlab.project(7, "team/pay")
    repo.heads["main"] = repo.line("m", 250)
    for number, name in enumerate(BRANCHES):
        repo.heads[name] = repo.line(f"f{number}-", 2, after=f"m{number}")
    return repo


def widen(repo: Repo) -> None:
    """Sixteen branches more."""
    for number in range(16):
        repo.heads[f"work/{number}"] = repo.commit(f"w{number}", "m249")


def push_everywhere(repo: Repo, *, at=NOW) -> None:
    for name, sha in repo.heads.items():
        first = repo.commit(f"{name}+1", sha, at=at)
        repo.heads[name] = repo.commit(f"{name}+2", first, at=at)


def reachable(store: Store) -> set[str]:
    return {c.sha for c in store.of("commit").values() if c.is_reachable}


def held(repo: Repo) -> set[str]:
    return {sha for head in repo.heads.values() for sha in repo.reach(head)}


def test_a_first_pull_asks_for_the_default_branch_and_one_page_more(gitlab, connector, store, repo):
    assert store.pull(connector(), only=("commits",)) == {}
    assert reachable(store) == held(repo)
    asked = gitlab.asked("repository/commits")
    assert len([line for line in asked if "all=true" in line]) == 1
    assert len(asked) == 4, asked  # three pages of the default branch


def test_pushes_to_many_branches_cost_the_branches_and_one_page(gitlab, connector, store, repo):
    store.pull(connector())
    push_everywhere(repo)
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert reachable(store) == held(repo)
    assert len(gitlab.asked("repository/")) == 2, gitlab.log
    assert store.of("commit")["7/main+2"].trailers == (("Refs", "PAY-1"),)
    assert dict(store.cursors["commits", "7"].tips) == repo.heads


def test_pushes_to_few_branches_are_asked_for_by_their_ranges(gitlab, connector, store, repo):
    store.pull(connector())
    for name in BRANCHES[:3]:
        repo.heads[name] = repo.commit(f"{name}+1", repo.heads[name])
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert len(gitlab.asked("ref_name=")) == 3
    assert gitlab.asked("all=true") == []


def test_what_the_page_does_not_prove_is_asked_for_by_its_range(gitlab, connector, store, repo):
    store.pull(connector())
    push_everywhere(repo)
    old = NOW - timedelta(days=400)
    late = repo.line("late", 2, after=repo.commit("early", repo.heads["feature/2"], at=old))
    repo.commits["late0"]["committed_date"] = repo.commits["early"]["committed_date"]
    for number in range(200):  # of what no branch holds, which comes before the old ones
        repo.commit(f"kept{number}", "m3", at=NOW - timedelta(days=1))
    repo.heads["feature/2"] = late
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert reachable(store) == held(repo)
    assert len(gitlab.asked("ref_name=")) == 1
    assert not {f"7/kept{number}" for number in range(200)} & store.of("commit").keys()


def test_a_branch_that_was_rewritten_among_many_leaves_its_commits_behind(gitlab, connector, store, repo):
    store.pull(connector())
    push_everywhere(repo)
    repo.heads["feature/3"] = repo.commit("anew", "m3")
    store.pull(connector(), now=LATER, only=("commits",))
    assert reachable(store) == held(repo)
    assert not store.of("commit")["7/f3-1"].is_reachable


def test_what_only_a_deleted_branch_held_is_listed_where_another_has_it_now(gitlab, connector, store, repo):
    store.pull(connector())
    push_everywhere(repo)
    repo.heads["feature/1"] = repo.commit("taken over", repo.heads.pop("feature/0"), "feature/1+2")
    store.pull(connector(), now=LATER, only=("commits",))
    assert reachable(store) == held(repo)


@pytest.mark.parametrize("is_deleted", [False, True])
def test_what_was_merged_while_branches_were_listed_comes_with_the_default_branch(  # noqa: PLR0917
    gitlab, connector, store, repo, is_deleted
):
    store.pull(connector())
    rows = gitlab._in_repo(repo, "branches", {})
    repo.heads["topic"] = repo.line("topic", 2, after="m249")
    repo.heads["main"] = repo.commit("merge", "m249", "topic1")
    merged = next(row for row in gitlab._in_repo(repo, "branches", {}) if row["name"] == "topic")
    assert merged["merged"]
    gitlab.answers_once["projects/7/repository/branches"] = iter([[*rows, merged]])
    store.pull(connector(), now=LATER, only=("commits",))
    assert "topic1" not in reachable(store)
    push_everywhere(repo)
    if is_deleted:
        del repo.heads["topic"]
    gitlab.log.clear()
    store.pull(connector(), now=LATER + timedelta(hours=1), only=("commits",))
    assert gitlab.asked("all=true")
    assert reachable(store) == held(repo)


def test_a_malformed_row_proves_nothing(gitlab, connector, store, repo):
    store.pull(connector())
    push_everywhere(repo)
    whole = repo.newest(until="9")[:100]
    broken = [row | {"parent_ids": None} if row["id"] == "feature/4+1" else row for row in whole]
    gitlab.answers_once["projects/7/repository/commits"] = iter([[None, {"id": "x"}, *broken]])
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert reachable(store) == held(repo)
    assert len(gitlab.asked("ref_name=")) == 1


def test_a_new_branch_that_left_a_stored_one_behind_its_tip_is_told_too(gitlab, connector, store, repo):
    store.pull(connector())
    push_everywhere(repo)
    repo.heads["new"] = repo.commit("begun", "m247")
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert reachable(store) == held(repo)
    assert gitlab.asked("ref_name=") == []


def test_what_a_branch_took_over_from_another_lands_once(connector, store, stream_of, repo):
    store.pull(connector())
    push_everywhere(repo)
    repo.heads["feature/5"] = repo.commit("merge", "feature/5+2", "main+2")
    site = connector()
    site.connect()
    pages = store.pages(stream_of(site, "commits"), "7", now=LATER)
    shas = [one.sha for page in pages for one in page.records if one.kind == "commit"]
    assert sorted(shas) == sorted({*shas})
    assert {"merge", "main+1", "main+2"} <= {*shas}


def test_pages_are_read_on_while_they_bring_what_is_looked_for(gitlab, connector, store, repo):
    widen(repo)
    store.pull(connector())
    for number in range(10):  # by turns, so that no branch's gain is within one page
        for name, sha in repo.heads.items():
            repo.heads[name] = repo.commit(f"{name}+{number}", sha)
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert reachable(store) == held(repo)
    assert len(gitlab.asked("all=true")) == 3
    assert gitlab.asked("ref_name=") == []


def test_pages_are_given_up_once_one_brings_nothing_that_is_looked_for(gitlab, connector, store, repo):
    widen(repo)
    store.pull(connector())
    old = NOW - timedelta(days=30)
    for number in range(600):
        repo.commit(f"kept{number}", "m3", at=NOW - timedelta(days=1))
    for name, sha in repo.heads.items():
        repo.heads[name] = repo.commit(f"{name}+2", repo.commit(f"{name}+1", sha, at=old))
    gitlab.log.clear()
    store.pull(connector(), now=LATER, only=("commits",))
    assert reachable(store) == held(repo)
    assert len(gitlab.asked("all=true")) == 2


class History:
    """A project in which whatever can happen to branches happens."""

    def __init__(self, chance: Random, repo: Repo) -> None:
        self.chance = chance
        self.repo = repo
        self.count = 0
        repo.heads["main"] = repo.line("m", chance.choice((3, 120)))

    def go_on(self) -> None:
        """Some moves at once."""
        for _ in range(self.chance.choice((1, 3, 12))):
            self.chance.choice(
                (self._push, self._push, self._push, self._begin, self._merge, self._rewrite)
            )()
            if self.chance.random() < 0.1:
                self._end()

    def _push(self, name: str | None = None) -> None:
        name = name or self.chance.choice([*self.repo.heads])
        for _ in range(self.chance.choice((1, 2, 2, 40))):
            self.repo.heads[name] = self._commit(self.repo.heads[name])

    def _commit(self, *parents: str) -> str:
        self.count += 1
        ago = self.chance.choice((0, 0, 0, 1, 30, 90))
        return self.repo.commit(f"c{self.count}", *parents, at=NOW - timedelta(days=ago, minutes=-self.count))

    def _begin(self) -> None:
        self.count += 1
        name = f"b{self.count}"
        self.repo.heads[name] = self.chance.choice(self.repo.reach(self.repo.heads["main"])[:60])
        if self.chance.random() < 0.8:
            self._push(name)

    def _merge(self) -> None:
        into, other = (self.chance.choice([*self.repo.heads]) for _ in range(2))
        if self.chance.random() < 0.3:
            self.repo.heads[into] = self.repo.heads[other]
        else:
            self.repo.heads[into] = self._commit(self.repo.heads[into], self.repo.heads[other])

    def _rewrite(self) -> None:
        name = self.chance.choice([*self.repo.heads])
        self.repo.heads[name] = self.chance.choice(self.repo.reach(self.repo.heads[name])[:20])
        if self.chance.random() < 0.7:
            self._push(name)

    def _end(self) -> None:
        if others := [name for name in self.repo.heads if name != "main"]:
            del self.repo.heads[self.chance.choice(others)]


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(min_value=0))
def test_whatever_happens_to_branches_the_store_holds_what_they_hold(seed: int):
    chance, fake, store = Random(seed), FakeGitlab(), Store()
    history = History(chance, fake.project(7, "team/pay"))
    with answering(fake):
        connector = opened()
        for hour in range(8):
            assert store.pull(connector, now=NOW + timedelta(hours=hour), only=("commits",)) == {}
            assert reachable(store) == held(history.repo)
            history.go_on()


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(min_value=0))
def test_whatever_happens_after_a_walk_that_broke_off_nothing_is_missing(seed: int):
    chance, fake, store = Random(seed), FakeGitlab(), Store()
    history = History(chance, fake.project(7, "team/pay"))
    with answering(fake):
        connector = opened()
        for hour in range(4):
            store.break_off(connector, now=NOW + timedelta(hours=2 * hour), after=chance.randrange(12))
            history.go_on()
            assert store.pull(connector, now=NOW + timedelta(hours=2 * hour + 1), only=("commits",)) == {}
            assert held(history.repo) <= reachable(store)
            history.go_on()
