from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import KeyAlias
from mappings.keys import keys_in, known_projects
from tests.mappings.link_builders import issue, observed, spec

pytestmark = pytest.mark.pure

PROJECTS = frozenset({"PAY", "RISK", "A", "PAY_2"})


def keys(text: str, **options) -> list[str]:
    return [seen.key for seen in keys_in(text, PROJECTS, **options)]


@pytest.mark.parametrize(
    "text",
    [
        "PAY-12",
        "[PAY-12] title",
        "feature/PAY-12-title",
        "PAY-12_1_5_X",
        "bugfix_PAY-12",
        "PAY-12: PAY",
        "修复PAY-12的问题",
        "（PAY-12）",
        "ＡPAY-12，完成",
        "https://jira.example/browse/PAY-12",
        "https://jira.example/issues/?jql=key%3DPAY-12",
        "see PAY-12.",
        "PAY-12-2",
        "PAY-12b",
        "PAY-12fix",
        "PAY\u201112",
        "PAY\u201212",
        "PAY–12",
        "PAY\u221212",
        "PAY\ufe6312",
        "PAY-12.patch",
        "PAY-12.002.patch",
        "PAY-12.txt",
        "KEY-9/PAY-12",
        "PAY-12/13",
        "PAY-12\u200b",
        "PAY-12?focusedCommentId=4711",
        "PAY－12",
    ],
)
def test_a_key_on_its_own_is_found(text):
    assert keys(text) == ["PAY-12"]


@pytest.mark.parametrize(
    "text",
    [
        "XPAY-12",
        "1PAY-12",
        "éPAY-12",
        "PAY-0",
        "PAY-012",
        "PAY-12345678",
        "PAY-1.2",
        "PAY-12.3-rc1",
        "PAY-12.3.patched",
        "PAY—12",
        "PAY_12",
        "CVE-2021-44228 ISO-8601 GHSA-12",
        "PAY-2026-10-01",
        "PAY-2FA",
        "PAY-3D",
        "PAY-12ab3f",
        "PAY 12",
        "PAY12",
        "pay-12",
        "UTF-8 SHA-256 ISO-8601",
        "PAY-",
        "-12",
        "",
    ],
)
def test_what_only_looks_like_a_key_is_not_found(text):
    assert keys(text) == []


def test_lower_case_counts_only_where_told_and_then_without_suffix():
    assert keys("feature/pay-12-title", lower_case=True) == ["PAY-12"]
    assert keys("Pay-12 pay-2fa pay-12b", lower_case=True) == ["PAY-12"]


def test_the_longest_project_wins_and_order_and_repetition_are_kept():
    assert keys("PAY_2-7 RISK-3, PAY-1 & RISK-3") == ["PAY_2-7", "RISK-3", "PAY-1", "RISK-3"]


def test_places_and_spelling_are_those_of_the_text():
    text = "fix/pay\u201012"
    (seen,) = keys_in(text, PROJECTS, lower_case=True)
    assert (seen.key, text[seen.start : seen.end], seen.is_exact) == ("PAY-12", "pay\u201012", False)


@given(st.text(alphabet="PAYpay-_129.%é修 \n", max_size=60))
def test_every_key_stands_in_the_text_as_written(text):
    for seen in keys_in(text, PROJECTS, lower_case=True):
        assert text[seen.start : seen.end] == seen.written
        assert seen.key == seen.written.upper()


@pytest.mark.parametrize(
    ("unit", "size"),
    [("A-", 1_000_000), *((unit, 100_000) for unit in ("A-1", "A-1 ", "PAY-", "-1", "%2F", "A-1a"))],
)
def test_a_hostile_text_is_read_to_its_end(unit, size):
    """A pattern that goes back and forth would hang here for hours."""
    text = unit * (size // len(unit))
    assert [seen.key for seen in keys_in(text + " PAY-77", PROJECTS, lower_case=True)][-1:] == ["PAY-77"]


def test_projects_of_moved_issues_are_known():
    view = observed(issue("PAY-1"), aliases=(KeyAlias(source="jira", key="OLD-4", issue_id="PAY-1"),))
    assert known_projects(spec(), view) == {"PAY", "RISK", "OLD"}
