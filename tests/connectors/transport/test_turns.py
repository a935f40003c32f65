"""Turns: budgets, Retry-After, pauses and patience hold over all who ask side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import requests

from connectors.errors import BlockedError, RetryableError
from connectors.transport.lent import Lent
from connectors.transport.pace import Family, Pace
from connectors.transport.patience import Patience
from connectors.transport.turns import Clock, Turns

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class StandingClock:
    """Time stands still, whoever sleeps; ``slept`` are the seconds."""

    slept: list[float] = field(default_factory=list)
    at: float = 1_000.0

    def clock(self) -> Clock:
        return Clock(now=lambda: NOW, seconds=lambda: self.at, sleep=self.slept.append, chance=lambda: 0.5)


@dataclass
class MovingClock(StandingClock):
    """Only sleeping moves the time; for one thread."""

    def clock(self) -> Clock:
        return Clock(now=lambda: NOW, seconds=lambda: self.at + sum(self.slept), sleep=self.slept.append)


def turns_of(clock: StandingClock, *families: Family, budget_s: float = 1_000.0) -> Turns:
    return Turns(Pace(families), Patience(budget_s), clock.clock())


def a_read(path: str = "/x") -> requests.PreparedRequest:
    return requests.Request("GET", f"http://127.0.0.1{path}").prepare()


def an_answer(code: int = 200, **headers: str) -> requests.Response:
    answer = requests.Response()
    answer.status_code = code
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return answer


def at_once(number: int, do: Callable[[int], object]) -> None:
    """Have so many threads do it, all beginning together."""
    together = threading.Barrier(number)

    def one(which: int) -> None:
        together.wait(10)
        do(which)

    with ThreadPoolExecutor(number) as pool:
        list(pool.map(one, range(number)))


def test_a_budget_holds_over_all_who_ask_at_once() -> None:
    clock = StandingClock()
    turns = turns_of(clock, Family(name="reads", pattern="^GET", limit=3, window_s=10.0))
    at_once(12, lambda _: turns.taken(a_read()))
    assert sorted(clock.slept) == [10.0] * 3 + [20.0] * 3 + [30.0] * 3


def test_near_a_limit_one_goes_after_the_other() -> None:
    clock = StandingClock()
    turns = turns_of(clock)
    turns.heed(a_read(), an_answer(RateLimit_Limit="100", RateLimit_Remaining="10", RateLimit_Reset="20"))
    at_once(4, lambda _: turns.taken(a_read()))
    assert sorted(clock.slept) == [2.0, 4.0, 6.0, 8.0]


def test_every_attempt_is_counted() -> None:
    turns = turns_of(StandingClock())

    def ask(_: int) -> None:
        for _ in range(200):
            turns.begin_attempt(a_read(), turns.taken(a_read()))

    at_once(8, ask)
    assert turns.attempts == 1_600


def test_what_the_tool_told_one_holds_those_back_who_had_their_turn_already() -> None:
    clock = MovingClock()
    turns = turns_of(clock)
    first, second = turns.taken(a_read()), turns.taken(a_read())
    turns.begin_attempt(a_read(), first)
    turns.heed(a_read(), an_answer(429, Retry_After="30"))
    turns.begin_attempt(a_read(), second)
    assert clock.slept == [30.0]
    assert second.left_s == 970.0


def test_what_the_tool_told_one_is_too_long_for_the_patience_of_another() -> None:
    turns = turns_of(MovingClock(), budget_s=20.0)
    turn = turns.taken(a_read())
    turns.heed(a_read(), an_answer(429, Retry_After="30"))
    with pytest.raises(RetryableError, match="30 s would have to be waited"):
        turns.begin_attempt(a_read(), turn)


def test_a_blocked_address_is_blocked_for_all() -> None:
    turns = turns_of(StandingClock())
    turn = turns.taken(a_read())
    turns.block("the firewall refuses it")
    for ask in (lambda: turns.taken(a_read()), lambda: turns.begin_attempt(a_read(), turn)):
        with pytest.raises(BlockedError, match="firewall"):
            ask()


def test_at_the_end_who_waits_is_woken_and_nobody_asks_any_more() -> None:
    turns = Turns(Pace(), Patience(10_000.0), Clock())
    turn = turns.taken(a_read())
    turns.heed(a_read(), an_answer(429, Retry_After="3600"))
    told: list[Exception] = []

    def ask() -> None:
        try:
            turns.begin_attempt(a_read(), turn)
        except RetryableError as error:
            told.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    turns.end()
    asking.join(10)
    assert not asking.is_alive()
    assert ["the run has ended" in str(error) for error in told] == [True]
    with pytest.raises(RetryableError, match="the run has ended"):
        turns.taken(a_read())


def test_time_in_which_several_wait_is_spent_once() -> None:
    patience = Patience(10.0)
    for at, seconds in ((0.0, 30.0), (10.0, 30.0), (20.0, 5.0), (50.0, 5.0)):
        patience.spend(seconds, at=at)
    patience.spend(50.0, at=60.0, is_real=False)
    assert patience.left_s == 100.0 - 40.0 - 5.0 - 50.0


def test_a_wait_that_is_over_leaves_the_next_one_its_own() -> None:
    patience = Patience(1.0)
    for at in (0.0, 5.0, 10.0):
        patience.spend(2.0, at=at)
    assert patience.left_s == min(1.0, 10.0 - 6.0)
    patience.spend(3.5, at=20.0)
    assert patience.left_s == 0.5


def test_what_is_lent_is_nobody_elses_until_it_comes_back() -> None:
    made, in_use, lock = [], set(), threading.Lock()

    def make() -> object:
        made.append(object())
        return made[-1]

    lent = Lent(make)

    def use(_: int) -> None:
        for _ in range(200):
            with lent.one() as one:
                with lock:
                    assert one not in in_use
                    in_use.add(one)
                with lock:
                    in_use.remove(one)

    at_once(8, use)
    assert 1 <= len(made) <= 8


def test_what_was_lent_comes_back_from_one_who_failed() -> None:
    made = iter(range(10))
    lent = Lent(lambda: next(made))
    with pytest.raises(ZeroDivisionError), lent.one():
        raise ZeroDivisionError
    with lent.one() as one, lent.one() as other:
        assert (one, other) == (0, 1)
