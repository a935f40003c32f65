"""Cursors never go back and never pass the start of their run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cursor import Cursor

pytestmark = pytest.mark.pure

T0 = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
instants = st.integers(-10_000, 10_000).map(lambda s: T0 + timedelta(seconds=s))


@given(st.none() | instants, st.lists(instants, min_size=1))
def test_read_to_never_goes_back_and_never_passes_a_walks_start(read_to, starts):
    cursor = Cursor(read_to=read_to)
    for start in starts:
        finished = cursor.begun(start).at("x").finished()
        assert finished.read_to == max(filter(None, (cursor.read_to, start)))
        cursor = finished


def test_an_unfinished_walk_keeps_its_own_start():
    cursor = Cursor().begun(T0).at("17").begun(T0 + timedelta(hours=5))
    assert (cursor.walk_started_at, cursor.position) == (T0, "17")
    assert cursor.finished() == Cursor(read_to=T0)


def test_a_walk_that_was_not_begun_cannot_be_finished():
    with pytest.raises(ValueError, match="begun"):
        Cursor(read_to=T0).finished()


def test_tips_stay_unless_new_ones_are_given():
    cursor = Cursor(tips=(("main", "a"),)).begun(T0)
    assert cursor.finished().tips == (("main", "a"),)
    assert cursor.finished(tips=()).tips == ()
