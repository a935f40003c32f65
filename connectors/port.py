"""Ports: what the engine asks of a connector. One connector per site; each is a folder found by listing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from connectors.check import Check
from connectors.commands import Command, ObservedComment, Receipt, Slot
from connectors.records import Record
from connectors.scopes import (
    PATHS,
    Ahead,
    Completeness,
    Order,
    Page,
    Request,
    Scope,
    Settled,
    Skipped,
    Verdict,
    as_they_are,
)
from connectors.site import MOST_AT_ONCE, Exchange, Policy, Site, Tape, Vitals
from connectors.steps import Look, Steps, Write

__all__ = [
    "MOST_AT_ONCE",
    "PATHS",
    "Ahead",
    "Census",
    "Completeness",
    "Connector",
    "ConnectorType",
    "Details",
    "Exchange",
    "Look",
    "Order",
    "Page",
    "Policy",
    "Request",
    "Scope",
    "Settled",
    "Sink",
    "Site",
    "Skipped",
    "Steps",
    "Stream",
    "Tape",
    "Verdict",
    "Vitals",
    "Write",
    "as_they_are",
]


class Stream(Protocol):
    """One kind of listing. Pages are yielded in an order in which storing each page with its cursor loses nothing on a crash.

    What its ``order`` does not forbid is read side by side, each partition by one thread: whatever they share must bear that.
    """

    @property
    def name(self) -> str:
        """Name of the stream, such as ``issues``."""
        ...

    @property
    def order(self) -> Order:
        """What must be read before it, and which of its partitions one after the other."""
        ...

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        """The partitions to read in this run.

        What the tool lists now, and of ``known`` (those with a stored cursor) what vanished from the list, so that reading it tells
        whether it was deleted or closed to us. Raises a TandemError where they cannot be listed.
        """
        ...

    def pages(self, request: Request) -> Iterator[Page]:
        """Pages from the cursor on. The last page's cursor is ``finished``. Raises a TandemError; what was yielded stays.

        No page at all means that nothing was asked, which the request's ``max_age`` allows where nothing hints at a change: cursor and verdict stay as they are.
        """
        ...


class Details(Protocol):
    """One kind of detail, read only for parents that a commitment or a rule needs."""

    @property
    def name(self) -> str:
        """Name of the detail, such as ``jobs``."""
        ...

    @property
    def notice(self) -> str:
        """Why the parents of a group had to be asked one by one in this run although the tool can tell of many at once; empty where they had not."""
        ...

    def groups(self, parents: tuple[Record, ...]) -> Iterable[tuple[Record, ...]]:
        """The parents, each once, in groups that are asked together; several groups may be fetched side by side."""
        ...

    def fetch(self, parents: tuple[Record, ...], ahead: Ahead) -> Iterator[tuple[Record, ...] | Skipped]:
        """The details of each parent of one group, in its order: none of one that has vanished, Skipped for one that tells nothing to us.

        Raises a TandemError that all of them would meet.
        """
        ...


class Census(Protocol):
    """The ids that exist now in one partition, to find deletions and what reading missed."""

    @property
    def kind(self) -> str:
        """The kind of record that is counted."""
        ...

    @property
    def stream(self) -> str:
        """The name of the stream that reads these records, partition by partition."""
        ...

    def partitions(self) -> Iterable[str]:
        """The partitions that can be counted."""
        ...

    def ids(self, partition: str) -> frozenset[str]:
        """All ids of the partition. Complete or an error, never short."""
        ...

    def settled(self, partition: str, missing: frozenset[str]) -> Settled:
        """What became of the ids ``missing`` from the count, each by a direct read. Losing permission raises ForbiddenError instead.

        An id of which nothing can be said for certain is in no part of the answer.
        """
        ...


class Sink(Protocol):
    """Carries out commands, for several threads at once. Looks before it writes and never repeats a write of unknown outcome."""

    def observe(self, slot: Slot, receipt: Receipt | None) -> tuple[ObservedComment, ...]:
        """Our managed comments in the slot as they stand now, lowest id first: the receipt's, and all with our marker by our own account.

        One is as it should be; none means that it was removed; of several, all but the first are extras. Only reads. Raises NotFoundError if the issue is gone.
        """
        ...

    def deliver(
        self, command: Command, receipt: Receipt | None, *, now: datetime, is_unsure: bool = False
    ) -> Steps:
        """Make the slot say what the command says, once. Delivering the same command again changes nothing.

        Whoever drives the steps grants each ``Write``, which stands right before a request that changes something, and answers each ``Look``. ``is_unsure`` says that
        an earlier write there had an unknown outcome. UnknownOutcomeError means that something was, or may have been, changed and does not stand as it should; any
        other error that nothing was changed.
        """
        ...

    def look_up(self, looks: Sequence[Look]) -> Mapping[Look, object]:
        """What stands at each place that deliveries want to look at, by as few requests as the tool allows; one that is not told of is absent, and is answered with None.

        Raises a TandemError, which is then every one's answer.
        """
        ...


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
        """Log in and learn the product, in a thread of its own; raises AuthenticationError with the missing scope named, or RetryableError."""
        ...

    def attend(self, paths: tuple[tuple[str, str], ...]) -> None:
        """From now on also tell which commits touch these (project path or id, prefix); a connector without repositories ignores it."""
        ...

    def streams(self) -> tuple[Stream, ...]:
        """The listings, in the order in which they are to be read where they are read one after the other."""
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

    def vitals(self) -> Vitals:
        """Clock and token by the answers so far, without a further request where that can be had."""
        ...

    def checks(self, *, write_test: bool) -> Iterator[Check]:
        """The connector's part of ``doctor``; yields a failing check instead of raising. Writes only with ``write_test``."""
        ...

    def close(self) -> None:
        """End the network sessions; what is being asked meanwhile in other threads ends with an error, and nothing more is asked."""
        ...


class ConnectorType(Struct, frozen=True, kw_only=True):
    """What a connector folder offers: the kind of source that it serves and how to open one site.

    ``open`` takes the site and the selection (the source's part of the mapping as plain values) and makes no request.
    """

    kind: str
    open: Callable[[Site, Mapping[str, object]], Connector]
