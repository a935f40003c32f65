from __future__ import annotations

import pytest

from mappings.changes import in_message
from mappings.roles import Confidence, Place
from mappings.sightings import in_branch, in_text
from mappings.titles import in_title, quoted_title, unwrapped_title
from tests.mappings.link_builders import PROJECTS

pytestmark = pytest.mark.pure


def said(sightings) -> set[str]:
    return {f"{s.key} {s.role} {s.confidence}" for s in sightings}


def title(text: str) -> set[str]:
    return said(in_title(text, PROJECTS, elsewhere=Confidence.LIKELY))


def text(words: str, *, is_sole: bool = False) -> set[str]:
    return said(in_text(words, PROJECTS, place=Place.DESCRIPTION, is_sole=is_sole))


@pytest.mark.parametrize(
    "words",
    [
        "PAY-1 title",
        "[PAY-1] title",
        "Draft: PAY-1 title",
        "feat(api)!: PAY-1 title",
        "fix: PAY-1 title",
        "(master) [web] PAY-1",
        "【PAY-1】标题",
    ],
)
def test_a_key_at_the_start_of_a_title_is_implemented_for_certain(words):
    assert title(words) == {"PAY-1 implements certain"}


def test_a_list_of_keys_at_the_start_is_implemented_as_a_whole():
    assert title("[PAY-1] & [PAY-2], PAY-3: title") == {f"PAY-{n} implements certain" for n in (1, 2, 3)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("add retries (PAY-1)", {"PAY-1 implements likely"}),
        ("Fixes PAY-1 and PAY-2", {"PAY-1 closes certain", "PAY-2 closes certain"}),
        ("Resolve PAY-1 retries", {"PAY-1 closes certain"}),
        ("修复PAY-1的问题", {"PAY-1 closes certain"}),
        ("tidy up after PAY-1", {"PAY-1 mentions likely"}),
        ("does not fix PAY-1", {"PAY-1 mentions likely"}),
        ("PAY-1 adjust the test of RISK-2", {"PAY-1 implements certain", "RISK-2 mentions likely"}),
        ("PAY-1 retries, RISK-2", {"PAY-1 implements certain", "RISK-2 implements likely"}),
        (
            "PAY-1 work around RISK-2 & RISK-3",
            {"PAY-1 implements certain", "RISK-2 mentions likely", "RISK-3 mentions likely"},
        ),
        ('Revert "PAY-1 title"', {"PAY-1 reverts certain"}),
        ('PAY-2: Revert "PAY-1 title"', {"PAY-2 implements certain", "PAY-1 reverts certain"}),
        ('Revert "Revert "PAY-1 title""', {"PAY-1 implements likely"}),
        ('Reapply "PAY-1 title"', {"PAY-1 implements likely"}),
    ],
)
def test_the_words_of_a_title_decide(words, expected):
    assert title(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Closes PAY-1, PAY-2 and https://jira.example/browse/PAY-3", "closes certain"),
        ("Closes: PAY-1", "closes certain"),
        ("this fixes the issue #PAY-1.", "closes certain"),
        ("解决了 PAY-1", "closes certain"),
        ("implements PAY-1", "implements likely"),
        ("Part of [PAY-1](https://jira.example/browse/PAY-1)", "implements likely"),
        ("实现 PAY-1", "implements likely"),
        ("**Issue**: PAY-1", "implements likely"),
        ("需求：PAY-1", "implements likely"),
        ("Jira: https://jira.example/browse/PAY-1", "implements certain"),
        ("see PAY-1", "mentions likely"),
        ("Related to PAY-1", "mentions likely"),
        ("follow-up of PAY-1", "mentions likely"),
        ("参见 PAY-1", "mentions likely"),
        ("this doesn't close PAY-1", "mentions likely"),
        ("没有修复 PAY-1", "mentions likely"),
        ("we met it in PAY-1 too", "mentions likely"),
        ("> closes PAY-1", "mentions weak"),
    ],
)
def test_the_words_before_a_key_decide(words, expected):
    assert {said.partition(" ")[2] for said in text(words)} == {expected}


@pytest.mark.parametrize(
    "words",
    [
        "PAY-1 retries",
        "\n\nPAY-1",
        "some words\nhttps://jira.example/browse/PAY-1\n",
        "intro\n* PAY-1 retries",
    ],
)
def test_a_description_that_is_the_only_source_may_name_the_issue_first(words):
    assert text(words, is_sole=True) == {"PAY-1 implements likely"}
    assert text(words, is_sole=False) == {"PAY-1 mentions likely"}


def test_comments_of_templates_are_not_read():
    assert text("<!-- Closes PAY-1 -->\nCloses PAY-2\n<!-- PAY-3") == {"PAY-2 closes certain"}


def test_a_branch_that_reverts_takes_its_key_back():
    assert said(in_branch("revert-12-PAY-1", PROJECTS, lower_case=True)) == {"PAY-1 reverts certain"}


def message(words: str, **more) -> set[str]:
    return said(in_message(words, PROJECTS, **more))


def test_trailers_of_a_message_are_read_from_text_and_from_the_vendor():
    body = "title\n\nbody\n\nFixes: PAY-1\nJira: PAY-2\nRefs: PAY-3\nSigned-off-by: PAY-9 <x>"
    assert message(body) >= {"PAY-1 closes certain", "PAY-2 implements certain", "PAY-3 mentions likely"}
    assert message("title", trailers=(("Closes", "PAY-4"), ("Reviewed-by", "PAY-5"))) == {
        "PAY-4 closes certain"
    }


def test_a_trailer_that_names_the_commit_it_fixes_only_quotes_its_title():
    assert message('PAY-1 x\n\nFixes: 1a2b3c4d5e ("PAY-2 y")') == {
        "PAY-1 implements certain",
        "PAY-2 mentions likely",
    }


def test_squashed_titles_in_a_body_are_work_and_wrapped_prose_is_not():
    squashed = "PAY-1 one\n\n* PAY-2 two\n[PAY-3] three\nit came up in\nPAY-4 before"
    assert message(squashed) == {
        "PAY-1 implements certain",
        "PAY-2 implements likely",
        "PAY-3 implements likely",
        "PAY-4 mentions likely",
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Merge branch 'feature/pay-1' into 'main'", {"PAY-1 implements certain"}),
        ("Merge branch 'main' into feature/PAY-1", {"PAY-1 mentions weak"}),
        ("Merge branch 'main' into 'PAY-1'\n\n* PAY-2 foreign\n* Closes PAY-3", {"PAY-1 mentions weak"}),
        ("Merge pull request #3 from me/patch\n\n[PAY-1] title", {"PAY-1 implements likely"}),
        (
            "Merge branch 'x' into 'main'\n\nPAY-1 title\n\nCloses PAY-2\n\nSee merge request a/b!3",
            {"PAY-1 implements likely", "PAY-2 closes certain"},
        ),
        ("Merge tag 'v1'\n\nPAY-1 in it", set()),
        ("Merge 0123456789abcdef into 0123456789abcdef\n\nPAY-1", set()),
    ],
)
def test_a_merge_commit_speaks_of_its_own_branch_only(words, expected):
    assert message(words) == expected


def test_quoted_titles_are_unwrapped():
    assert quoted_title('Revert "Revert "x""') == (2, "x")
    assert quoted_title("x") is None
    assert unwrapped_title('Revert "x"') == "x"
    assert unwrapped_title('Reapply "x"') == 'Revert "x"'
    assert unwrapped_title('Revert "cut') is None
    assert unwrapped_title('Revert "x (#11)" (#12)') == "x (#11)"


@pytest.mark.parametrize(
    "unit",
    [
        "[a:]",
        "PAY-1 ",
        "closes PAY-1, ",
        'Revert "',
        "((((",
        "<!-- ",
        "https://",
        "reverts commit ",
        "jira id ",
        "reviewed by a for ",
        "revert the ",
        "revert: [revert] ",
        "merge to ",
        "bump a to ",
        "pay-1 ",
        "see ",
        "Merge branches 'a', ",
        "Pull request #1: ",
        "(PAY-1",
        "a\n",
    ],
)
def test_hostile_texts_are_read_to_their_end(unit):
    """A pattern that goes back and forth would hang here for hours."""
    assert unwrapped_title("x" + " " * 100_000 + "x") is None
    hostile = unit * (30_000 // len(unit))
    named = {
        str(found) for found in (*title(hostile), *text(hostile, is_sole=True), *message("x\n" + hostile))
    }
    assert all("PAY-1" in found for found in named)
