from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.sandbox.world import Clock

pytestmark = pytest.mark.pure
ANCHOR = datetime(2026, 11, 23, 3, tzinfo=UTC)


def test_a_clock_stands_at_the_anchor_until_it_is_moved():
    clock = Clock(ANCHOR)
    assert clock.now() == clock.now() == ANCHOR
    assert clock.advance(timedelta(hours=26)) == clock.now() == ANCHOR + timedelta(hours=26)


def test_a_clock_never_goes_back():
    with pytest.raises(ValueError, match="forward only"):
        Clock(ANCHOR).advance(timedelta(seconds=-1))


def test_a_running_clock_follows_real_time_from_the_anchor_and_can_still_be_moved():
    real = [100.0]
    clock = Clock(ANCHOR)
    clock.run(lambda: real[0])
    real[0] = 130.0
    assert clock.now() == ANCHOR + timedelta(seconds=30)
    clock.advance(timedelta(hours=1))
    real[0] = 131.0
    assert clock.now() == ANCHOR + timedelta(hours=1, seconds=31)


def test_a_clock_started_twice_keeps_what_has_passed():
    clock = Clock(ANCHOR)
    clock.run(iter([0.0, 10.0]).__next__)
    clock.run(lambda: 500.0)
    assert clock.now() == ANCHOR + timedelta(seconds=10)
