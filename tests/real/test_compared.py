"""The comparison itself: it must not be able to call different things equal."""

from __future__ import annotations

import pytest

from tests.real.compared import PRESENCE, Difference, compared, require_same

pytestmark = pytest.mark.pure

CHOICE = Difference(record="1", column="state", ours="a", theirs="b", reason="chosen")


def test_equal_rows_are_equal_and_columns_that_only_we_have_are_not_compared():
    result = compared("t", {"1": {"state": "a", "more": 1}}, {"1": {"state": "a"}})
    assert (result.rows, result.values, result.equal, result.explained) == (1, 1, 1, 0)
    require_same(result)


def test_a_difference_without_a_reason_fails():
    result = compared("t", {"1": {"state": "a"}}, {"1": {"state": "b"}})
    assert result.unexplained == (("1", "state", "a", "b"),)
    with pytest.raises(AssertionError):
        require_same(result)


def test_a_difference_with_a_reason_is_explained():
    result = compared("t", {"1": {"state": "a"}}, {"1": {"state": "b"}}, (CHOICE,))
    assert (result.equal, result.explained, result.chosen) == (0, 1, 1)
    require_same(result)


def test_a_reason_counts_for_its_two_values_only():
    result = compared("t", {"1": {"state": "c"}}, {"1": {"state": "b"}}, (CHOICE,))
    assert result.unexplained == (("1", "state", "c", "b"),)
    assert result.stale == (CHOICE,)


def test_a_reason_for_a_difference_that_no_longer_occurs_fails():
    result = compared("t", {"1": {"state": "b"}}, {"1": {"state": "b"}}, (CHOICE,))
    with pytest.raises(AssertionError):
        require_same(result)


@pytest.mark.parametrize(("ours", "theirs"), [({"1": {}}, {}), ({}, {"1": {}})])
def test_a_row_that_one_side_lacks_is_a_difference(ours, theirs):
    result = compared("t", ours, theirs)
    assert result.unexplained == (("1", PRESENCE, bool(ours), bool(theirs)),)


def test_nothing_compared_is_no_success():
    with pytest.raises(AssertionError):
        require_same(compared("t", {}, {}))
