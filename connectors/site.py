"""Site: where a tool is, how to log in, how patiently to ask, and what its answers tell of clock and token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from msgspec import Struct

from connectors.commons import Commons

MOST_AT_ONCE = 32
"""As many requests can be under way to one site at a time without a connection being thrown away."""


class Policy(Struct, frozen=True, kw_only=True):
    """How long to wait and how often to try. Times in seconds; ``wait_budget_s`` bounds the waiting inside one request.

    ``read_timeout_s`` bounds the wait for the next bytes, ``answer_timeout_s`` the whole answer, however slowly it trickles; ``largest_answer_mib`` bounds its body once
    decompressed.
    """

    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    answer_timeout_s: float = 300.0
    largest_answer_mib: int = 256
    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    wait_budget_s: float = 120.0


class Exchange(Struct, frozen=True, kw_only=True):
    """One request and its answer as they went over the wire: ``target`` is path and query, bodies are decoded from any compression."""

    source: str
    method: str
    target: str
    sent: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Tape(Protocol):
    """Keeps the raw exchange of a run, or plays one back instead of asking the tool."""

    def played(self, source: str, method: str, target: str, sent: bytes) -> Exchange | None:
        """The kept answer to this request; None where the tool itself is to be asked. Raises FatalError for a request that a played tape does not hold."""
        ...

    def keep(self, exchange: Exchange) -> None:
        """Keep one exchange; every attempt is one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a site is and how to log in. ``url`` is the API base, ``browse_url`` what people open (the same where None).

    ``is_graphql_on`` False: a tool that has a GraphQL endpoint is asked by its REST API alone.
    ``token_expires_on`` is what the operator says of a token whose tool does not tell; ``tape`` keeps or plays back the exchange; ``now`` is the clock that the
    tool's is compared with, the host's where None. ``requests_per_minute`` is what the operator allows of the site; ``commons`` are the budgets that are shared with other
    processes, None where this one is alone.
    """

    source: str
    url: str
    token: str = field(repr=False)
    user: str | None = None
    browse_url: str | None = None
    ca_file: str | None = None
    policy: Policy = field(default_factory=Policy)
    token_expires_on: date | None = None
    is_graphql_on: bool = True
    tape: Tape | None = field(default=None, repr=False)
    now: Callable[[], datetime] | None = field(default=None, repr=False)
    requests_per_minute: int | None = None
    commons: Commons | None = field(default=None, repr=False)


class Vitals(Struct, frozen=True, kw_only=True):
    """What a site's answers say about clock and token: seconds by which its clock is ahead of ours, and the token's last day; None where unknown."""

    skew_s: float | None = None
    token_expires_on: date | None = None
