from __future__ import annotations

import random

import pytest

from connectors.records import MergeRequestCommits
from mappings.graph import carried_commits, default_branch_shas, landed_shas, unresolved
from tests.mappings.link_builders import PROJECTS, branch, commit, observed, request

pytestmark = pytest.mark.pure


def carried(*records, number: int = 1):
    return carried_commits(observed(*records))["gitlab", str(100 + number)]


MAIN = (commit("a"), commit("b", "a", minute=1), commit("x", "a", minute=2), commit("y", "x", minute=3))


def test_a_merged_request_carries_what_its_merge_commit_brought_in():
    merge = commit("m", "b y", minute=4)
    one = request(1, merged=4, sha="y", merge_commit_sha="m")
    assert carried(*MAIN, merge, branch("main", "m"), one) == ("y", "x")


def test_commits_of_the_target_that_were_merged_into_the_source_are_not_carried():
    back = commit("z", "y b", minute=4)
    merge = commit("m", "b z", minute=5)
    one = request(1, merged=5, sha="z", merge_commit_sha="m")
    assert carried(*MAIN, back, merge, branch("main", "m"), one) == ("z", "y", "x")


def test_a_squashed_request_carries_the_squash_commit():
    squash = commit("s", "b", minute=5)
    one = request(1, merged=5, sha="y", squash_commit_sha="s", merge_commit_sha="s")
    assert carried(*MAIN, squash, branch("main", "s"), one) == ("s",)


@pytest.mark.parametrize("state", ["opened", "closed", "locked"])
def test_a_request_that_did_not_land_carries_what_its_target_has_not(state):
    assert carried(*MAIN, branch("main", "b"), request(1, sha="y", state=state)) == ("y", "x")


def test_the_graph_cannot_tell_an_unknown_head_or_target():
    assert carried(*MAIN, branch("main", "b"), request(1, sha="gone")) is None
    assert carried(*MAIN, request(1, sha="y")) is None
    assert carried(*MAIN, branch("main", "b"), request(1)) is None


def test_the_graph_cannot_tell_a_fast_forward():
    assert carried(*MAIN, branch("main", "y"), request(1, merged=4, sha="y")) is None


def test_the_graph_cannot_tell_a_history_that_is_cut_inside():
    merge = commit("m", "b y", minute=4)
    one = request(1, merged=4, sha="y", merge_commit_sha="m")
    records = [r for r in MAIN if r.sha != "x"]
    assert carried(*records, merge, branch("main", "m"), one) is None


def test_the_answer_that_was_asked_counts_only_for_the_same_head():
    one = request(1, sha="gone")
    answer = MergeRequestCommits(
        source="gitlab", id="101", head_sha="gone", commits=(("q", "m2"), ("p", "m1"))
    )
    assert carried(one, answer) == ("q", "p")
    assert carried(request(1, sha="newer"), answer) is None


def test_a_release_merge_carries_all_and_the_requests_before_it_keep_their_own():
    develop = commit("d", "a x", minute=3)
    release = commit("m", "b d", minute=5)
    first = request(1, merged=3, sha="x", merge_commit_sha="d", target_branch="develop")
    second = request(2, merged=5, sha="d", merge_commit_sha="m")
    records = (*MAIN, develop, release, branch("main", "m"), branch("develop", "d"), first, second)
    assert carried(*records) == ("x",)
    assert set(carried(*records, number=2)) == {"x", "d"}


def test_a_merge_into_a_deleted_branch_is_told_from_its_own_merge_commit():
    inner = commit("i", "x n", minute=5)
    one = request(1, merged=5, sha="n", merge_commit_sha="i", target_branch="feature")
    assert carried(*MAIN, commit("n", "x", minute=4), inner, branch("main", "b"), one) == ("n",)


def test_only_silent_requests_that_the_graph_cannot_tell_are_asked_for():
    silent = request(1, sha="gone")
    told = request(2, sha="y")
    named = request(3, "PAY-3 title", sha="gone")
    view = observed(*MAIN, branch("main", "b"), silent, told, named)
    assert unresolved(view, projects=PROJECTS) == (silent,)


def test_the_default_branch_holds_what_its_tip_reaches():
    view = observed(*MAIN, branch("main", "b"), branch("other", "y"))
    assert default_branch_shas(view) == {("gitlab", "1", "a"), ("gitlab", "1", "b")}


def test_landed_shas_are_those_that_exist():
    assert landed_shas(request(1, sha="h", merge_commit_sha="m")) == ("m", "h")
    assert landed_shas(request(1)) == ()


def _reach(graph, sha):
    seen, waiting = set(), [sha]
    while waiting:
        sha = waiting.pop()
        if sha not in seen:
            seen.add(sha)
            waiting.extend(graph[sha])
    return seen


@pytest.mark.parametrize("seed", range(40))
def test_on_random_histories_a_merge_carries_exactly_the_difference_of_what_its_parents_reach(seed):
    rng = random.Random(seed)
    graph = {"0": ()}
    for n in range(1, 60):
        count = 2 if n > 3 and rng.random() < 0.4 else 1
        graph[str(n)] = tuple(rng.sample(list(graph), min(count, len(graph))))
    merges = [sha for sha, parents in graph.items() if len(parents) == 2]
    requests = [
        request(n, merged=n, sha=graph[sha][1], merge_commit_sha=sha, target_branch=rng.choice(["main", "r"]))
        for n, sha in enumerate(merges)
    ]
    tips = (branch("main", "59"), branch("r", rng.choice(list(graph))))
    commits = [commit(sha, " ".join(parents), minute=int(sha)) for sha, parents in graph.items()]
    found = carried_commits(observed(*commits, *tips, *requests))
    for n, sha in enumerate(merges):
        ours, theirs = graph[sha]
        assert set(found["gitlab", str(100 + n)]) == _reach(graph, theirs) - _reach(graph, ours)
