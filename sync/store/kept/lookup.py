"""Lookup: a mapping that asks the store for the keys that it is asked for, many at once where they are known before, each once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

BATCH = 400
"""Keys in one question: with two columns to a key, well below what SQLite takes."""


def forget(view: object) -> None:
    """Let go at once of all that a view of the store was asked for: its lookups refer to it, in circles. It answers no more."""
    vars(view).clear()


class Lookup(Mapping[K, V]):
    """Values by key, as ``load`` finds them: for a tuple of at most ``BATCH`` keys it returns those that there are.

    What was found, and what was not, is remembered. It cannot be walked over: nobody knows all keys.
    """

    def __init__(self, load: Callable[[tuple[K, ...]], Mapping[K, V]]) -> None:
        self._load = load
        self._found: dict[K, V] = {}
        self._missing: set[K] = set()

    @property
    def missing(self) -> frozenset[K]:
        """The keys that were asked for and are not there."""
        return frozenset(self._missing)

    def fetch(self, keys: Iterable[K]) -> None:
        """Ask for all the keys that were not asked for yet."""
        unasked = [key for key in dict.fromkeys(keys) if key not in self._found and key not in self._missing]
        for start in range(0, len(unasked), BATCH):
            part = tuple(unasked[start : start + BATCH])
            found = self._load(part)
            self._found.update(found)
            self._missing.update(key for key in part if key not in found)

    def __getitem__(self, key: K) -> V:
        if key not in self._found and key not in self._missing:
            self.fetch((key,))
        return self._found[key]

    def get(self, key: K, default: Any = None) -> Any:  # noqa: ANN401  # as every mapping's
        """The value, or ``default`` where there is none."""
        if key in self._found:
            return self._found[key]
        if key not in self._missing:
            self.fetch((key,))
        return self._found.get(key, default)

    def __contains__(self, key: object) -> bool:
        try:
            self[key]  # type: ignore[index]  # whatever is asked for is not there unless the store has it
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[K]:
        raise TypeError("a lookup cannot be walked over: it knows the keys that it was asked for only")

    def __len__(self) -> int:
        raise TypeError("a lookup has no length: it knows the keys that it was asked for only")
