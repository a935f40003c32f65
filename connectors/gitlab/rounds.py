"""Rounds: which partitions of one stream may hold the same record, so that they are read one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.gitlab.catalogue import Catalogue


def milestone_rounds(catalogue: Catalogue, partitions: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Each group alone, for two can share the milestones of one above them, then all projects, whose milestones the groups hold too."""
    yield from ((p,) for p in partitions if catalogue.is_group(p))
    yield tuple(p for p in partitions if not catalogue.is_group(p))


def work_rounds(catalogue: Catalogue, partitions: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """All at once; where groups lie in each other, each group alone and then the projects, which no group covers."""
    groups = tuple(p for p in partitions if catalogue.is_group(p))
    folded = tuple(group.casefold() for group in groups)
    if any(inner.startswith(f"{outer}/") for outer in folded for inner in folded):
        yield from milestone_rounds(catalogue, partitions)
    else:
        yield partitions
