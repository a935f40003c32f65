"""Crew: those who ask, and the calling thread, which alone hears what they were told, one thing after the other.

Threads only ask. Whatever is stored, watched or decided because of it happens in the calling thread, so the store has one writer and a stop, a lost lease or a crash
has one place to come to pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from connectors.errors import TandemError
from connectors.port import Ahead, as_they_are
from sync.store.errors import LeaseHeldError, StoreError

N = TypeVar("N")
T = TypeVar("T")


class Errand(Struct, Generic[N, T], frozen=True, kw_only=True):
    """Something to be asked: ``name`` tells it from others, ``steps`` yields what is told and raises a TandemError where it breaks off; it is given what runs calls ahead.

    ``stopped`` is asked before each step and gives the reason why no more is to be asked.
    """

    name: N
    steps: Callable[[Ahead], Iterator[T]]
    stopped: Callable[[], TandemError | None] = lambda: None


class Told(Struct, Generic[N, T], frozen=True, kw_only=True):
    """What an errand brought: ``found``, or None at its end, with the ``error`` that it broke off with, if any."""

    name: N
    found: T | None = None
    error: TandemError | None = None


class Crew(Protocol[N, T]):
    """Runs errands; what each brings is heard in its own order. Used in a ``with`` block, which ends it."""

    @property
    def has_room(self) -> bool:
        """True if one more errand may be given."""
        ...

    @property
    def is_idle(self) -> bool:
        """True if there is nothing more to hear."""
        ...

    def give(self, errand: Errand[N, T]) -> None:
        """Have an errand run."""
        ...

    def heard(self) -> Sequence[Told[N, T]]:
        """What was told since, at least one thing; waits for it. Raises what is no failure of the tool: errors of our own store, and of our own code."""
        ...

    def __enter__(self) -> Crew[N, T]:
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End: nothing more is asked."""
        ...


class Alone(Generic[N, T]):
    """One errand at a time, in the calling thread."""

    def __init__(self) -> None:
        self._errand: Errand[N, T] | None = None
        self._steps: Iterator[T] = iter(())

    @property
    def has_room(self) -> bool:
        """True between two errands."""
        return self._errand is None

    @property
    def is_idle(self) -> bool:
        """True between two errands."""
        return self._errand is None

    def give(self, errand: Errand[N, T]) -> None:
        """Take the errand on."""
        self._errand, self._steps = errand, errand.steps(as_they_are)

    def heard(self) -> Sequence[Told[N, T]]:
        """Take the next step."""
        assert self._errand is not None  # noqa: S101  # the caller has seen that it is not idle
        told = step(self._errand, self._steps)
        if told.found is None:
            self._errand = None
        return (told,)

    def __enter__(self) -> Alone[N, T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._steps = iter(())


def step(errand: Errand[N, T], steps: Iterator[T]) -> Told[N, T]:
    """The next thing that an errand tells. Raises what is no failure of the tool."""
    if reason := errand.stopped():
        return Told(name=errand.name, error=reason)
    try:
        return Told(name=errand.name, found=next(steps, None))
    except (LeaseHeldError, StoreError):
        raise  # not the tool failed but our own store, or another process took it over: nothing more can be kept
    except TandemError as error:
        return Told(name=errand.name, error=error)
