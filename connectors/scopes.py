"""Scopes: what is read in one piece, what is asked of it, what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from msgspec import Struct

from connectors.cursor import Cursor
from connectors.records import KeyAlias, Record, Ref


class Scope(Struct, frozen=True, kw_only=True, order=True):
    """One partition of one stream of one source: the unit that has a cursor, a verdict and a lease.

    ``partition`` is a Jira project key, a GitLab project id or group path, or ``*`` for the whole site.
    """

    source: str
    stream: str
    partition: str

    def __str__(self) -> str:
        return f"{self.source}/{self.stream}/{self.partition}"

    def holds(self, *streams: str) -> bool:
        """True if the scope is of one of ``streams``, or of ``*``: a whole site that could not be reached."""
        return self.stream == "*" or self.stream in streams


class Skipped(Struct, frozen=True, kw_only=True):
    """A record that could not be read, with the reason in words. ``what`` names it without copying its content."""

    what: str
    reason: str


class Page(Struct, frozen=True, kw_only=True):
    """Records that land together with the cursor behind them, in one transaction.

    ``gone`` are records that the tool itself reported as deleted (a worklog feed, a branch that is no longer listed).
    """

    records: tuple[Record, ...]
    cursor: Cursor
    skipped: tuple[Skipped, ...] = ()
    gone: tuple[Ref, ...] = ()
    aliases: tuple[KeyAlias, ...] = ()


class Completeness(StrEnum):
    """Whether a scope was read to its end."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FORBIDDEN = "forbidden"
    MISSING = "missing"


class Verdict(Struct, frozen=True, kw_only=True):
    """How one scope ended, with the reason in words where it is not complete. ``at`` is the instant up to which it was read."""

    scope: Scope
    completeness: Completeness
    at: datetime
    reason: str = ""

    @property
    def is_complete(self) -> bool:
        """True when the scope was read to its end."""
        return self.completeness is Completeness.COMPLETE


R = TypeVar("R")


class Ahead(Protocol):
    """Has calls run before their results are wanted, where there is somebody to run them. What they ask must be the same whenever it is asked."""

    def __call__(self, calls: Iterable[Callable[[], R]]) -> Iterator[Callable[[], R]]:
        """For each call, in order, a function that gives its result or raises what it raised; to be called once, before the next is taken."""
        ...


def as_they_are(calls: Iterable[Callable[[], R]]) -> Iterator[Callable[[], R]]:
    """The calls themselves: each is run when its result is wanted."""
    return iter(calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the engine wants read: the stored ``cursor``, the run's start ``now``, and ``is_full`` to walk from the beginning.

    ``reach`` is how far behind the cursor a window goes at least: once a day it is long, because a search index can lag. ``max_age`` is for how long what was read
    last may stand without being asked for again where nothing hints at a change; zero has it asked for whatever the hints say. ``ahead`` has calls run by threads
    that have nothing else to do.
    """

    scope: Scope
    cursor: Cursor
    now: datetime
    is_full: bool = False
    reach: timedelta = timedelta(0)
    max_age: timedelta = timedelta(0)
    ahead: Ahead = field(default=as_they_are, compare=False, repr=False)

    @property
    def may_stand(self) -> bool:
        """True if the scope was read to its end and lately enough to be left as it is, unless something hints at a change."""
        cursor = self.cursor
        if self.is_full or self.reach or cursor.read_to is None or cursor.walk_started_at:
            return False
        return timedelta(0) <= self.now - cursor.read_to < self.max_age


class Settled(Struct, frozen=True, kw_only=True):
    """What became of records that a census missed.

    ``gone`` are the ids that a direct read confirms as deleted. ``moved`` are pages of those that live on elsewhere, each with the partition that
    holds them now; a page's cursor is not kept.
    """

    gone: frozenset[str] = frozenset()
    moved: tuple[tuple[str, Page], ...] = ()


PATHS = "watched paths"
"""Among what a stream comes after: what ``attend`` was told, once all was read of the sources before its own that may name paths."""


def _at_once(partitions: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    return (partitions,)


class Order(Struct, frozen=True, kw_only=True):
    """What a stream waits for, where several scopes are read side by side.

    ``after``: names of streams before it in ``Connector.streams``, whose records must all be stored before this one's partitions are asked for.
    ``alike``: those of ``after`` of which only the same partition's records are needed, where they have that partition: who reads one partition of all of them, in their order, need
    not wait for the others.
    ``may_name_paths``: False where nothing that it reads tells which paths are to be watched.
    ``rounds`` parts its partitions, in their order, into rounds that are read one after the other: those of one round hold no record in common.
    """

    after: frozenset[str] = frozenset()
    alike: frozenset[str] = frozenset()
    may_name_paths: bool = True
    rounds: Callable[[tuple[str, ...]], Iterable[tuple[str, ...]]] = _at_once
