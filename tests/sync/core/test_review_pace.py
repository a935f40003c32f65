"""Review pace: the first word and the rounds, by a definition that others use as well."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.review_pace import first_comment_at, first_foreign_comment_at, review_rounds
from tests.builders import NOW, commit, mr, note

pytestmark = pytest.mark.pure


def at(hour: int):
    return NOW + timedelta(hours=hour)


def rounds_of(story: str) -> int:
    """The rounds of a review told hour by hour: ``c`` a commit, ``n`` a note, ``s`` a line of GitLab's own."""
    commits = [commit(f"c{n}", at=at(n)) for n, letter in enumerate(story) if letter == "c"]
    said = [note(at(n), is_system=letter == "s") for n, letter in enumerate(story) if letter in "ns"]
    return review_rounds(commits, said)


@pytest.mark.parametrize(
    ("story", "rounds"),
    [
        ("", 1),
        ("c", 1),
        ("cc", 1),
        ("ccn", 1),
        ("cn", 1),
        ("nc", 2),
        ("cnnc", 2),
        ("cncn", 2),
        ("cncncnc", 4),
        ("cscn", 1),
        ("ccnncc", 2),
        ("n", 0),
        ("s", 1),
    ],
)
def test_a_round_ends_with_the_commit_that_follows_a_remark(story: str, rounds: int) -> None:
    assert rounds_of(story) == rounds


def test_a_remark_at_the_instant_of_a_commit_comes_before_it() -> None:
    assert review_rounds([commit(at=at(0))], [note(at(0))]) == 2


@pytest.mark.law
@given(st.text("cns", max_size=20), st.randoms())
def test_the_order_in_which_commits_and_notes_are_given_does_not_matter(story: str, chance) -> None:
    commits = [commit(f"c{n}", at=at(n)) for n, letter in enumerate(story) if letter == "c"]
    said = [note(at(n), is_system=letter == "s") for n, letter in enumerate(story) if letter in "ns"]
    expected = review_rounds(commits, said)
    chance.shuffle(commits)
    chance.shuffle(said)
    assert review_rounds(commits, said) == expected


def test_the_first_comment_is_the_first_thread_that_a_person_began() -> None:
    assert first_comment_at(()) is None
    single, system = note(at(1), is_resolvable=False), note(at(2), is_system=True)
    assert first_comment_at((single, system)) is None
    assert first_comment_at((note(at(5)), single, system, note(at(4)))) == at(4)


def test_the_first_foreign_comment_is_anybodys_but_the_authors_in_whatever_form() -> None:
    request = mr(author_id="liwei")
    own, system = note(at(1), author_id="liwei"), note(at(2), author_id="zmin", is_system=True)
    assert first_foreign_comment_at(request, (own, system)) is None
    single = note(at(3), author_id="zmin", is_resolvable=False)
    assert first_foreign_comment_at(request, (note(at(4), author_id="chen"), own, single)) == at(3)
