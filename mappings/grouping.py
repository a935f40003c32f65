"""Grouping: values by a key, in the given order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

V = TypeVar("V")
K = TypeVar("K", bound=Hashable)


def grouped(records: Iterable[V], key: Callable[[V], K]) -> Mapping[K, tuple[V, ...]]:
    """Records by ``key``, each group in the given order."""
    groups: dict[K, list[V]] = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return MappingProxyType({k: tuple(v) for k, v in groups.items()})


def grouped_by(values: Iterable, name: str) -> Mapping:  # type: ignore[type-arg]  # keyed by whatever the attribute holds
    """Values by one of their attributes, each group in the given order."""
    return grouped(values, lambda value: getattr(value, name))
