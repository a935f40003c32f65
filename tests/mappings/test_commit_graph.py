"""A commit graph says of parents and ancestors what a dictionary of shas would."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.commit_graph import NO_COMMITS, CommitGraph, OfCommits, Reached, Walk
from mappings.parents import Parents

SHAS = tuple("abcdefghij")

Said = list[tuple[str, tuple[str, ...] | None]]


@st.composite
def histories(draw: st.DrawFn) -> Said:
    """What is said of commits one after the other. Parents come later in the alphabet, so nothing is its own ancestor; some were never pulled, some are gone."""
    said: Said = []
    for sha in draw(st.lists(st.sampled_from(SHAS), max_size=20)):
        older = SHAS[SHAS.index(sha) + 1 :]
        parents = st.lists(st.sampled_from(older), max_size=3, unique=True) if older else st.just([])
        said.append((sha, draw(st.none() | parents.map(tuple))))
    return said


@pytest.fixture(params=[0, len(SHAS)], ids=["looked for by halving", "in a dictionary"], scope="module")
def few(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def graph_of(said: Said, few: int) -> CommitGraph:
    """The graph with what was said in pieces of three."""
    pieces = [Parents.of(said[start : start + 3]) for start in range(0, len(said), 3)]
    return CommitGraph([sha for sha, _ in said], pieces, few=few)


def known(said: Said) -> dict[str, tuple[str, ...]]:
    return {sha: parents for sha, parents in dict(said).items() if parents is not None}


def ancestors(graph: dict[str, tuple[str, ...]], tip: str) -> set[str]:
    return {tip}.union(*(ancestors(graph, parent) for parent in graph.get(tip, ())))


@pytest.mark.law
@given(histories())
def test_it_holds_what_was_said_last(few: int, said: Said) -> None:
    graph, model = graph_of(said, few), known(said)
    assert dict(graph) == model
    assert len(graph) == len(model)
    assert [sha in graph for sha in SHAS] == [sha in model for sha in SHAS]
    assert all(graph.held(sha) == sha for sha in SHAS)


@pytest.mark.law
@given(histories())
def test_parents_tell_what_they_were_told(said: Said) -> None:
    kept = msgspec.json.decode(msgspec.json.encode(Parents.of(said)), type=Parents)
    assert dict(kept.said()) == dict(said)
    assert kept.shas == [*dict(said)]


@pytest.mark.law
@given(histories(), st.lists(st.sampled_from(SHAS)))
def test_reached_are_the_pulled_ancestors_of_the_tips(few: int, said: Said, tips: list[str]) -> None:
    model = known(said)
    through_pulled = {sha for tip in tips if tip in model for sha in ancestors(model, tip)}
    reached = Reached(graph_of(said, few), tips)
    assert set(reached) == through_pulled & model.keys()
    assert len(reached) == len(set(reached))
    assert [sha in reached for sha in SHAS] == [sha in set(reached) for sha in SHAS]


@pytest.mark.law
@given(histories(), st.lists(st.sampled_from(SHAS)))
def test_a_walk_goes_on_where_it_was_not_before_and_names_what_was_never_pulled(
    few: int, said: Said, tips: list[str]
) -> None:
    model, walk, before = known(said), Walk(graph_of(said, few)), set[str]()
    for tip in tips:
        news = list(walk.on_from(tip))
        assert sorted(news) == sorted(ancestors(model, tip) - before)
        before.update(news)


def test_of_no_commits_nothing_is_known() -> None:
    assert "a" not in NO_COMMITS
    assert len(NO_COMMITS) == 0
    assert list(Walk(NO_COMMITS).on_from("a")) == ["a"]
    with pytest.raises(KeyError):
        NO_COMMITS["a"]


@pytest.mark.law
@given(histories(), st.lists(st.tuples(st.lists(st.sampled_from(SHAS)), st.integers())))
def test_commits_keep_the_first_value_that_they_were_given(
    few: int, said: Said, given: list[tuple[list[str], int]]
) -> None:
    values, model = OfCommits[int](graph_of(said, few)), dict[str, int]()
    for shas, value in given:
        values.give(shas, value)
        model = dict.fromkeys(shas, value) | model
    assert dict(values) == model
    assert len(values) == len(model)
    assert [values.get(sha) for sha in SHAS] == [model.get(sha) for sha in SHAS]
