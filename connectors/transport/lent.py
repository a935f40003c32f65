"""Lent: things that one thread uses at a time, such as sessions, made as many as are in use at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Lent(Generic[T]):
    """Lends one thing for one use; all that were made are kept as long as this is, for the end of some closes what they share."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._idle: list[T] = []  # its pop and append are whole, whichever thread calls them

    @contextmanager
    def one(self) -> Iterator[T]:
        """One thing that nobody else has until the block ends."""
        try:
            lent = self._idle.pop()
        except IndexError:
            lent = self._make()
        try:
            yield lent
        finally:
            self._idle.append(lent)
