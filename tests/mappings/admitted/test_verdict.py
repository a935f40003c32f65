"""Whether a text admits debt, of which kind and by which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.admitted import DebtKind, admission_of
from mappings.admitted.model import Linear, Model

MODEL = Model(
    debt=Linear(
        biases=(-3.0, -4.0),
        weights={
            "+cleanup": (8.0, 8.0),
            "clean": (2.0, 2.0),
            "+flaky": (6.0, 6.0),
            "flaky": (3.0, 3.0),
            "the": (1.0, 1.0),
            "login": (-1.0, -1.0),
        },
    ),
    thresholds=(0.5, 0.6),
    kind=Linear(biases=(0.5, 0.0), weights={"+flaky": (-2.0, 2.0), "+cleanup": (1.0, 0.0)}),
    kinds=(DebtKind.CODE, DebtKind.TEST),
)

TEXTS = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="`<!->@#/\\()[]{}_.-+ \n\taA1清\u202e\ud800\x00", max_size=300).map(lambda s: s * 40),
    st.lists(
        st.sampled_from(["TODO", "clean up", "```", "<!--", "a@b", "PAY-1", "\n", "skip the"]), max_size=60
    ).map("".join),
)


@pytest.mark.pure
@pytest.mark.parametrize(
    "text",
    [
        "Remove dead code",
        "PAY-12 Clean up unused imports",
        "fix typo in javadoc",
        "Disable flaky test",
        "临时方案，后续需要重构",
    ],
)
def test_a_message_that_speaks_of_debt_admits_it(text):
    assert admission_of(text, about="commit") is not None


@pytest.mark.pure
@pytest.mark.parametrize(
    "text", ["", "   \n", "🎉", "Add login page", "Merge branch 'main' into dev", "添加登录页面"]
)
@pytest.mark.parametrize("about", ["commit", "merge_request"])
def test_a_message_about_ordinary_work_admits_nothing(text, about):
    assert admission_of(text, about=about) is None


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("fix typo in javadoc", DebtKind.DOCUMENTATION),
        ("Disable flaky test", DebtKind.TEST),
        ("Remove dead code", DebtKind.CODE),
    ],
)
def test_the_kind_is_what_is_owed(text, kind):
    found = admission_of(text, about="commit")
    assert found
    assert found.kind is kind


@pytest.mark.pure
def test_because_names_the_weightiest_words_first_as_they_stand_without_repetition_or_fillers():
    found = admission_of("The login: Clean Up the Flaky tests", about="commit", model=MODEL)
    assert found
    assert found.because == ("flaky", "clean up")


@pytest.mark.pure
def test_each_sort_of_text_has_its_own_bar():
    weak = Model(
        debt=Linear(biases=(0.2, 0.2), weights={}), thresholds=(0.5, 0.6), kind=MODEL.kind, kinds=MODEL.kinds
    )
    assert admission_of("words", about="commit", model=weak)
    assert admission_of("words", about="merge_request", model=weak) is None


@pytest.mark.pure
def test_a_bar_that_is_given_replaces_the_learned_one():
    assert admission_of("Add login page", about="commit", at_least=0.0)
    assert admission_of("Remove dead code", about="commit", at_least=1.01) is None


@pytest.mark.pure
def test_keys_names_numbers_and_addresses_of_a_project_say_nothing():
    plain = admission_of("PAY-1 Remove unused FooBar, see https://a.example/x @li 1.2", about="commit")
    other = admission_of(
        "WEB-9 Remove unused BarBaz, see https://b.example/cleanup @hack 3.4", about="commit"
    )
    assert plain
    assert other
    assert plain.probability == other.probability


@pytest.mark.pure
def test_what_stands_behind_the_limit_is_not_read():
    assert admission_of("word " * 1200 + "Remove dead code", about="commit") == admission_of(
        "word " * 1200, about="commit"
    )


@given(text=TEXTS, about=st.sampled_from(["commit", "merge_request"]))
def test_no_text_crashes_it_and_what_it_says_is_well_formed(text, about):
    found = admission_of(text, about=about, at_least=0.0)
    if found:
        assert 0.0 <= found.probability <= 1.0
        assert len(found.because) <= 5
        assert all(words.isprintable() and words for words in found.because)


@pytest.mark.pure
@pytest.mark.parametrize(
    "unit",
    ["a@", "`", "```a", "<!--", "(a ", "re-", "skip the ", "https://", "_", "a.", " \t", "\n", "-1", "no "],
)
def test_a_huge_text_of_one_repeated_piece_is_judged(unit):
    assert admission_of(unit * 500_000, about="commit") == admission_of(unit * 50_000, about="commit")
