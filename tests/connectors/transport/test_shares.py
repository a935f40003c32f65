"""Shares: however takers come and use what they took, no window holds more requests than the limit; and what is there is given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.shares import Taken, counted_s, share_of, usable_s


def most_in_window(sent: list[float], window_s: float) -> int:
    instants = sorted(sent)
    return max(
        (sum(start <= instant < start + window_s for instant in instants) for start in instants), default=0
    )


@given(
    limit=st.integers(1, 50),
    window_s=st.floats(0.5, 600.0),
    steps=st.lists(st.tuples(st.floats(0.0, 0.5), st.floats(0.0, 0.999)), max_size=120),
)
def test_no_window_holds_more_than_the_limit(
    limit: int, window_s: float, steps: list[tuple[float, float]]
) -> None:
    taken: Taken = ()
    at, sent = 1_000.0, []
    for pause, lateness in steps:
        at += pause * window_s
        share, taken = share_of(taken, limit=limit, window_s=window_s, at=at)
        sent += [at + lateness * share.for_s] * share.turns
    assert most_in_window(sent, window_s) <= limit


@given(limit=st.integers(1, 500), takers=st.integers(1, 40))
def test_all_that_is_left_is_given_and_then_how_long_to_wait(limit: int, takers: int) -> None:
    taken: Taken = ()
    given_out = 0
    while True:
        share, taken = share_of(taken, limit=limit, window_s=60.0, at=float(takers))
        given_out += share.turns
        if not share.turns:
            break
    assert given_out == limit
    assert share.wait_s == counted_s(60.0)
    later, _ = share_of(taken, limit=limit, window_s=60.0, at=takers + share.wait_s)
    assert later.turns > 0


def test_one_taker_never_gets_all() -> None:
    share, _ = share_of((), limit=100, window_s=60.0, at=0.0)
    assert share.turns == 5
    assert share.for_s == usable_s(60.0) == 12.0
