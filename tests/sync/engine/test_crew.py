"""Crew: threads ask, the calling thread hears; a slow hearer holds them up; however it ends, no thread goes on asking."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest
from engine_fakes import threads_asking

from connectors.errors import BlockedError, RetryableError, TandemError
from sync.engine.crew import Crew, Errand
from sync.engine.threads import crew_of
from sync.stopping import StopRequestedError
from sync.store.errors import LeaseLostError, StoreError

BOTH = pytest.mark.parametrize("workers", [1, 3])


def counting(name: str, to: int, *, error: BaseException | None = None) -> Errand[str, int]:
    def steps(_: object) -> Iterator[int]:
        yield from range(to)
        if error:
            raise error

    return Errand(name=name, steps=steps)


def heard_by(crew: Crew[str, int], *errands: Errand[str, int]) -> list[tuple[str, int | TandemError | None]]:
    waiting = list(errands)
    heard: list[tuple[str, int | TandemError | None]] = []
    with crew:
        while True:
            while waiting and crew.has_room:
                crew.give(waiting.pop(0))
            if crew.is_idle:
                return heard
            told = crew.heard()
            assert told
            heard += [(one.name, one.error if one.found is None else one.found) for one in told]


@BOTH
def test_what_each_errand_brings_is_heard_in_its_own_order_and_whole(workers: int) -> None:
    heard = heard_by(crew_of(workers), *(counting(name, 20) for name in "abcdefgh"))
    for each in "abcdefgh":
        assert [what for name, what in heard if name == each] == [*range(20), None]


@BOTH
def test_an_errand_that_breaks_off_tells_why_and_the_others_go_on(workers: int) -> None:
    error = RetryableError("503")
    heard = heard_by(crew_of(workers), counting("a", 2, error=error), counting("b", 3))
    assert [what for name, what in heard if name == "a"] == [0, 1, error]
    assert [what for name, what in heard if name == "b"] == [0, 1, 2, None]


@BOTH
def test_before_each_step_it_is_asked_whether_to_go_on(workers: int) -> None:
    ends, blocked = iter([None, None, BlockedError("blocked")]), None

    def stopped() -> TandemError | None:
        nonlocal blocked
        blocked = next(ends)
        return blocked

    errand = Errand(name="a", steps=lambda _: itertools.count(), stopped=stopped)
    assert heard_by(crew_of(workers), errand) == [("a", 0), ("a", 1), ("a", blocked)]


@BOTH
@pytest.mark.parametrize("error", [LeaseLostError("lost"), StoreError("full"), ZeroDivisionError("our own")])
def test_what_is_no_failure_of_the_tool_ends_it_all(workers: int, error: Exception) -> None:
    with pytest.raises(type(error)):
        heard_by(crew_of(workers), counting("a", 1, error=error), counting("b", 3))
    assert threads_asking() == []


def test_of_one_worker_the_calling_thread_asks_for_nothing_before_the_last_is_dealt_with() -> None:
    log: list[str] = []

    def steps(_: object) -> Iterator[int]:
        for number in range(3):
            log.append(f"asked {number} in {threading.current_thread().name}")
            yield number

    with crew_of(1) as crew:
        crew.give(Errand(name="a", steps=steps))
        while not crew.is_idle:
            log.append(f"heard {[one.found for one in crew.heard()]}")
    here = threading.current_thread().name
    assert log == [
        f"asked 0 in {here}",
        "heard [0]",
        f"asked 1 in {here}",
        "heard [1]",
        f"asked 2 in {here}",
        "heard [2]",
        "heard [None]",
    ]


class Endless:
    """Errands without end; ``taken`` counts the steps of all of them."""

    def __init__(self) -> None:
        self.taken = 0
        self.moved = threading.Condition()

    def steps(self, _: object) -> Iterator[int]:
        while True:
            with self.moved:
                self.taken += 1
                self.moved.notify_all()
            yield self.taken

    def wait_for(self, number: int) -> None:
        with self.moved:
            assert self.moved.wait_for(lambda: self.taken >= number, timeout=10)


def test_a_slow_hearer_holds_the_threads_up() -> None:
    workers, endless = 3, Endless()
    with crew_of(workers) as crew:
        for number in range(2 * workers):
            assert crew.has_room
            crew.give(Errand(name=number, steps=endless.steps))
        assert not crew.has_room
        room, last = 2 * workers, 0
        for _ in range(20):
            endless.wait_for(room)  # they do run ahead,
            threading.Event().wait(0.005)  # and have the time to run further
            assert endless.taken == room
            heard = len(crew.heard())
            room, last = room + last, heard  # what was heard last is being dealt with
    assert threads_asking() == []


def test_threads_are_begun_only_as_they_are_needed() -> None:
    held = threading.Event()

    def steps(_: object) -> Iterator[int]:
        held.wait(10)
        yield 1

    with crew_of(8) as crew:
        for number in range(2):
            crew.give(Errand(name=number, steps=steps))
        assert len(threads_asking()) == 2
        held.set()
        while not crew.is_idle:
            crew.heard()
    assert threads_asking() == []


@pytest.mark.parametrize("error", [StopRequestedError(), LeaseLostError("lost")])
def test_a_tick_that_raises_ends_the_waiting_and_leaves_no_thread_behind(error: Exception) -> None:
    woken = threading.Event()

    def tick() -> None:
        raise error

    def steps(_: object) -> Iterator[int]:
        assert woken.wait(10)
        yield 1

    with pytest.raises(type(error)):
        heard_by(crew_of(2, tick=tick, abandon=woken.set), Errand(name="a", steps=steps))
    assert threads_asking() == []


def test_what_ends_the_process_at_once_waits_for_no_thread() -> None:
    woken = threading.Event()

    def steps(_: object) -> Iterator[int]:
        woken.wait(10)
        yield 1

    def tick() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        heard_by(crew_of(2, tick=tick), Errand(name="a", steps=steps))
    (left,) = threads_asking()
    woken.set()
    left.join(10)
    assert threads_asking() == []
