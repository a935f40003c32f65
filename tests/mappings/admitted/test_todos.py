"""From marks in files to candidates for the debt register."""

from __future__ import annotations

import pytest
from record_builders import todos as marks_of

from mappings.admitted import DebtKind, todo_candidates_of
from mappings.observed import Observed
from mappings.todos import Todos

pytestmark = pytest.mark.pure


def candidates(text, path="src/a.py"):
    observed = Observed.of(marks_of(path, text))
    return todo_candidates_of(Todos(observed, frozenset({"PAY"})))


def test_every_mark_is_a_candidate_with_the_keys_that_it_names():
    one, two = candidates("# TODO(PAY-1): drop the old table\n# HACK\n")
    assert (one.todo.line, one.because, one.issue_keys) == (1, ("TODO", "drop"), ("PAY-1",))
    assert (two.todo.mark, two.because, two.issue_keys) == ("HACK", ("HACK",), ())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("# TODO: add unit tests for the empty frame", DebtKind.TEST),
        ("# TODO: document the retry", DebtKind.DOCUMENTATION),
        ("# FIXME: remove dead code", DebtKind.CODE),
        ("# TODO：文档过期", DebtKind.DOCUMENTATION),
    ],
)
def test_its_words_tell_of_which_kind_it_is(text, kind):
    (one,) = candidates(text)
    assert one.kind is kind


def test_each_word_is_said_once_and_at_most_four():
    (one,) = candidates("# TODO clean up, refactor, rename, document, add tests, remove dead code")
    assert len(one.because) == 5
    assert len(set(one.because)) == 5
