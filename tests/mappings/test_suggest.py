from __future__ import annotations

import pytest

from mappings.suggest import allowed, listed, meant

pytestmark = pytest.mark.pure


def test_a_close_word_is_suggested():
    assert meant("fixversion", ["epic", "fix_version"]) == ' Did you mean "fix_version"?'


def test_case_and_hyphens_do_not_matter():
    assert meant("FIX-VERSION", ["fix_version"]) == ' Did you mean "fix_version"?'


def test_nothing_close_is_no_suggestion():
    assert meant("zzz", ["epic"]) == ""


def test_a_long_list_is_cut_and_counted():
    assert listed([str(n) for n in range(15)]).endswith("10, 11, and 3 more")


def test_a_cut_list_begins_with_the_closest_words():
    words = [f"word{n}" for n in range(20)] + ["target"]
    assert allowed("targt", words).startswith("Allowed: target, ")


def test_an_empty_list_says_so():
    assert listed([]) == "none"


def test_a_huge_word_is_compared_quickly():
    assert meant("x" * 1_000_000, ["epic"]) == ""
