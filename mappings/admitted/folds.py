"""Folds: texts divided by project, so that no project is on both sides."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar


class OfProject(Protocol):
    """Something that belongs to a project."""

    @property
    def project(self) -> str:
        """The project's name."""
        ...


P = TypeVar("P", bound=OfProject)


def folds_of(items: Sequence[P], count: int) -> Iterator[tuple[list[P], list[P]]]:
    """(train, test) for each of ``count`` folds; every project is tested once. Projects are dealt out in the order of a checksum of their names."""
    names = sorted({one.project for one in items}, key=lambda name: (zlib.crc32(name.encode()), name))
    fold = {name: at % count for at, name in enumerate(names)}
    for at in range(count):
        yield (
            [one for one in items if fold[one.project] != at],
            [one for one in items if fold[one.project] == at],
        )
