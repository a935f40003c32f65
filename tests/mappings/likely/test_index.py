from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.likely.index import TextIndex
from mappings.likely.terms import terms_of

pytestmark = pytest.mark.pure

TEXTS = (
    ("Retry the payment gateway", "It times out under load"),
    ("Colour of the login button", "It should be blue"),
    ("Payment history", "A page with the gateway's answers"),
    ("", ""),
)


def places(text: str, *, most: int = 5) -> list[int]:
    return [close.place for close in TextIndex(TEXTS).closest(terms_of(text), most=most)]


def test_the_text_that_shares_the_rarest_words_comes_first():
    assert places("retry when the gateway times out") == [0, 2]
    assert places("blue button") == [1]


def test_a_title_says_more_than_a_description():
    assert places("gateway payment history")[0] == 2
    assert places("payment") == [2, 0]


def test_nothing_shared_is_nothing_close():
    assert places("unrelated words") == []
    assert places("") == []


def test_as_many_as_asked_for():
    assert places("payment gateway", most=1) == places("payment gateway")[:1]
    assert len(places("payment gateway", most=2)) == 2


def test_one_word_is_never_as_close_as_the_whole_title():
    index = TextIndex(TEXTS)
    (word, *_) = index.closest(terms_of("login"), most=1)
    (title, *_) = index.closest(terms_of("Colour of the login button"), most=1)
    assert 0 < word.likeness < title.likeness <= 1


def test_foreign_words_make_a_text_less_close():
    index = TextIndex(TEXTS)
    (plain, *_) = index.closest(terms_of("blue login button"), most=1)
    (mixed, *_) = index.closest(terms_of("blue login button with zebra and giraffe"), most=1)
    assert mixed.likeness < plain.likeness
    assert mixed.shared == plain.shared


def test_common_words_are_not_followed_through_a_large_index():
    """Every text has the common word, two have the rare one: only those two are found, however many there are."""
    many = TextIndex(tuple((f"common word{'s zebra' * (n < 2)}", "") for n in range(45_000)))
    found = many.closest(("zebra", *terms_of("common words")), most=5)
    assert {close.place for close in found} == {0, 1}


@given(
    st.lists(st.text(alphabet="ab 支付", max_size=12), max_size=6), st.text(alphabet="ab 支付", max_size=12)
)
def test_likeness_lies_between_nothing_and_all(titles, text):
    found = TextIndex(tuple((title, "") for title in titles)).closest(terms_of(text), most=10)
    assert all(0 < close.likeness <= 1 and close.shared for close in found)
    assert [c.likeness for c in found] == sorted((c.likeness for c in found), reverse=True)
