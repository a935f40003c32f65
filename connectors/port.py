"""Ports: what the engine asks of a connector. One connector per site; each is a folder found by listing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from connectors.check import Check
from connectors.commands import Command, ObservedComment, Receipt, Slot
from connectors.cursor import Cursor
from connectors.records import KeyAlias, Record, Ref


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Scope:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A record that could not be read, with the reason in words. ``what`` names it without copying its content."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How one scope ended, with the reason in words where it is not complete. ``at`` is the instant up to which it was read."""

    scope: Scope
    completeness: Completeness
    at: datetime
    reason: str = ""

    @property
    def is_complete(self) -> bool:
        """True when the scope was read to its end."""
        return self.completeness is Completeness.COMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the engine wants read: the stored ``cursor``, the run's start ``now``, and ``is_full`` to walk from the beginning."""

    scope: Scope
    cursor: Cursor
    now: datetime
    is_full: bool = False


class Stream(Protocol):
    """One kind of listing. Pages are yielded in an order in which storing each page with its cursor loses nothing on a crash."""

    @property
    def name(self) -> str:
        """Name of the stream, such as ``issues``."""
        ...

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        """The partitions to read in this run.

        What the tool lists now, and of ``known`` (those with a stored cursor) what vanished from the list, so that reading it tells
        whether it was deleted or closed to us. Raises a TandemError where they cannot be listed.
        """
        ...

    def pages(self, request: Request) -> Iterator[Page]:
        """Pages from the cursor on. The last page's cursor is ``finished``. Raises a TandemError; what was yielded stays."""
        ...


class Details(Protocol):
    """One kind of detail read one parent at a time, only for parents that a commitment or a rule needs."""

    @property
    def name(self) -> str:
        """Name of the detail, such as ``jobs``."""
        ...

    def fetch(self, parents: Iterable[Record]) -> Iterator[tuple[Record, ...]]:
        """The details of each parent, one tuple per parent, in the given order. Raises a TandemError."""
        ...


class Census(Protocol):
    """The ids that exist now in one partition, to find deletions."""

    @property
    def kind(self) -> str:
        """The kind of record that is counted."""
        ...

    def partitions(self) -> Iterable[str]:
        """The partitions that can be counted."""
        ...

    def ids(self, partition: str) -> frozenset[str]:
        """All ids of the partition. Complete or an error, never short."""
        ...

    def confirmed_gone(self, partition: str, ids: frozenset[str]) -> frozenset[str]:
        """Those of ``ids`` that a direct read confirms as deleted. Losing permission raises ForbiddenError instead."""
        ...


class Sink(Protocol):
    """Carries out commands. Looks before it writes and never repeats a write of unknown outcome."""

    def observe(self, slot: Slot, receipt: Receipt | None) -> ObservedComment | None:
        """Our managed comment in the slot as it stands now: by the receipt's id, then by marker property, then by marker line of our own account."""
        ...

    def deliver(self, command: Command, receipt: Receipt | None, *, now: datetime) -> Receipt:
        """Make the slot say what the command says, once. Delivering the same command again changes nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How long to wait and how often to try. Times in seconds; ``wait_budget_s`` bounds the waiting inside one request."""

    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    wait_budget_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a site is and how to log in. ``url`` is the API base, ``browse_url`` what people open (the same where None)."""

    source: str
    url: str
    token: str = field(repr=False)
    user: str | None = None
    browse_url: str | None = None
    ca_file: str | None = None
    policy: Policy = field(default_factory=Policy)


class Connector(Protocol):
    """One site. ``close`` ends its network sessions."""

    @property
    def source(self) -> str:
        """The configured name of the site."""
        ...

    @property
    def requests_made(self) -> int:
        """Number of HTTP requests sent so far, retries included."""
        ...

    def connect(self) -> None:
        """Log in and learn the product; raises AuthenticationError with the missing scope named, or RetryableError."""
        ...

    def attend(self, paths: tuple[tuple[str, str], ...]) -> None:
        """From now on also tell which commits touch these (project path or id, prefix); a connector without repositories ignores it."""
        ...

    def streams(self) -> tuple[Stream, ...]:
        """The listings, in the order in which they are to be read."""
        ...

    def details(self) -> tuple[Details, ...]:
        """The per-record reads."""
        ...

    def censuses(self) -> tuple[Census, ...]:
        """The deletions that can be looked for."""
        ...

    def sink(self) -> Sink | None:
        """Where commands go; None for a read-only connector, or while the site has not answered."""
        ...

    def checks(self, *, write_test: bool) -> Iterator[Check]:
        """The connector's part of ``doctor``; yields a failing check instead of raising. Writes only with ``write_test``."""
        ...

    def close(self) -> None:
        """End the network sessions."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorType:
    """What a connector folder offers: the kind of source that it serves and how to open one site.

    ``open`` takes the site and the selection (the source's part of the mapping as plain values) and makes no request.
    """

    kind: str
    open: Callable[[Site, Mapping[str, object]], Connector]
