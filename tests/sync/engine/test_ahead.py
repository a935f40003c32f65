"""Ahead: calls are run before their turn by whoever is idle, each once; results and errors come where they are wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from engine_fakes import threads_asking

from connectors.port import Ahead, as_they_are
from sync.engine.ahead import ahead_of
from sync.engine.crew import Errand
from sync.engine.threads import crew_of


def squares(ran: list[int], count: int) -> Iterator[Callable[[], int]]:
    def square(number: int) -> int:
        ran.append(number)
        return number * number

    return (lambda number=number: square(number) for number in range(count))


def test_as_they_are_calls_are_run_when_they_are_wanted() -> None:
    ran: list[int] = []
    results = as_they_are(squares(ran, 5))
    assert next(results)() == 0
    next(results)  # nobody wants it
    assert next(results)() == 4
    assert ran == [0, 2]


def test_so_many_are_on_offer_at_a_time_and_each_is_run_once() -> None:
    ran: list[int] = []
    offered: list[Callable[[], None]] = []
    results = ahead_of(squares(ran, 5), offer=offered.append, most=3)
    first = next(results)
    assert len(offered) == 3
    offered[1]()
    assert (first(), ran) == (0, [1, 0])
    assert [one() for one in results] == [1, 4, 9, 16]
    for run in offered:
        run()
    assert ran == [1, 0, 2, 3, 4]


def test_what_a_call_raised_is_raised_where_its_result_is_wanted_and_the_next_goes_on() -> None:
    def fails() -> int:
        raise ValueError("here")

    offered: list[Callable[[], None]] = []
    results = ahead_of([fails, lambda: 7], offer=offered.append, most=2)
    first = next(results)
    for run in offered:
        run()
    with pytest.raises(ValueError, match="here"):
        first()
    assert next(results)() == 7


def test_idle_threads_of_a_crew_run_calls_ahead() -> None:
    together = threading.Barrier(3)

    def steps(ahead: Ahead) -> Iterator[int]:
        for result in ahead([lambda: together.wait(10)] * 9):
            yield result()

    with crew_of(4) as crew:
        for name in range(4):  # as many threads as there are, of which three soon have nothing else to do
            crew.give(Errand(name=name, steps=steps if name == 0 else lambda _: iter((0,))))
        heard = []
        while not crew.is_idle:
            heard += [told for told in crew.heard() if told.name == 0 and told.found is not None]
    assert len(heard) == 9
    assert threads_asking() == []


def test_threads_are_begun_for_calls_ahead_where_a_single_errand_is_all_there_is_to_do() -> None:
    together = threading.Barrier(3)  # the fourth may be waiting for one of them

    def steps(ahead: Ahead) -> Iterator[int]:
        for result in ahead([lambda: together.wait(10)] * 9):
            yield result()

    with crew_of(4) as crew:
        crew.give(Errand(name="only", steps=steps))
        heard = []
        while not crew.is_idle:
            heard += [told for told in crew.heard() if told.found is not None]
    assert len(heard) == 9
    assert threads_asking() == []


def test_where_all_are_busy_whoever_wants_a_result_runs_the_call() -> None:
    def steps(ahead: Ahead) -> Iterator[int]:
        for result in ahead(lambda number=number: number for number in range(20)):
            yield result()

    with crew_of(2) as crew:
        for name in range(4):
            crew.give(Errand(name=name, steps=steps))
        heard: dict[int, list[int]] = {}
        while not crew.is_idle:
            for told in crew.heard():
                if told.found is not None:
                    heard.setdefault(told.name, []).append(told.found)
    assert heard == {name: list(range(20)) for name in range(4)}
