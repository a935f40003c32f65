"""Which issues marks in files name."""

from __future__ import annotations

import pytest
from record_builders import gitlab_issue, issue, project
from record_builders import todos as marks_of

from connectors.records import KeyAlias
from mappings.observed import Observed
from mappings.todos import Todos

pytestmark = pytest.mark.pure


def index(*records, text="", aliases=()):
    observed = Observed.of((project(), *records, *marks_of("src/a.py", text)), aliases=aliases)
    return Todos(observed, frozenset({"PAY", "RISK"}))


def named(found):
    return {key: [todo.line for todo in todos] for key, todos in found.items()}


def test_a_key_is_found_in_the_parentheses_and_in_the_text_and_counts_once_for_each_mark():
    pay, risk = issue("PAY-1"), issue("RISK-2")
    found = index(pay, risk, text="# TODO(PAY-1): after RISK-2 and PAY-1\n# FIXME RISK-2\n")
    assert named(found.by_issue) == {pay.ref: [1], risk.ref: [1, 2]}
    assert found.keys_of(found.all[0]) == ("PAY-1", "RISK-2")


def test_a_former_key_names_the_issue_as_it_is_called_now():
    pay = issue("PAY-1")
    alias = KeyAlias(source="jira", key="RISK-7", issue_id=pay.id)
    found = index(pay, text="# TODO(RISK-7): x", aliases=[alias])
    assert named(found.by_issue) == {pay.ref: [1]}
    assert found.by_unknown_key == {}


def test_a_key_that_no_issue_has_is_unknown_unless_its_project_is_foreign():
    found = index(text="# TODO(PAY-99): x\n# TODO UTF-8, WEB-1\n# HACK PAY-99\n")
    assert named(found.by_unknown_key) == {"PAY-99": [1, 3]}


@pytest.mark.parametrize(
    "text", ["# TODO(#3): x", "# TODO: see #3.", "# TODO Acme/Pay#3", "# TODO (acme/pay#3)"]
)
def test_a_gitlab_reference_names_the_issue_of_its_project(text):
    ours = gitlab_issue(3)
    assert named(index(ours, gitlab_issue(4), text=text).by_issue) == {ours.ref: [1]}


@pytest.mark.parametrize(
    "text",
    [
        "# TODO(acme/other#3): x",
        "# TODO color#3",
        "# TODO &#3;",
        "# TODO item #3b",
        "# TODO since PR #3",
        "# TODO undo pull request #3",
    ],
)
def test_what_is_no_reference_to_it_names_no_issue(text):
    assert index(gitlab_issue(3), text=text).by_issue == {}


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("# TODO tidy", False),
        ("# TODO(li.wei): tidy", False),
        ("# TODO(PAY-99): tidy", True),
        ("# TODO(#9999): tidy", True),
        ("# TODO https://github.com/a/b/issues/7", True),
        ("# TODO see https://jira.example/browse/X-1", True),
        ("# TODO see https://docs.example/page", False),
    ],
)
def test_a_mark_names_an_issue_wherever_that_is_tracked(text, is_named):
    found = index(text=text)
    assert found.names_an_issue(found.all[0]) is is_named


def test_marks_are_in_the_order_of_their_places():
    observed = Observed.of(
        [
            *marks_of("b.py", "# TODO 3\n"),
            *marks_of("a.py", "\n" * 9 + "# TODO 2\n"),
            *marks_of("a.py", "# TODO 1\n"),
        ]
    )
    assert [(t.path, t.text) for t in Todos(observed, frozenset()).all] == [
        ("a.py", "1"),
        ("a.py", "2"),
        ("b.py", "3"),
    ]
