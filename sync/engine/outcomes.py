"""Outcomes: what the store is told of deliveries, in the transaction that its caller holds: begun, about to write, and ended, each with a receipt or a reason and a line in the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from connectors.commands import CommentCommand, Receipt, Slot
from connectors.errors import (
    AuthenticationError,
    BlockedError,
    DeferredError,
    TandemError,
    UnknownOutcomeError,
)
from connectors.port import Sink, Steps
from sync.logs import log
from sync.store import lease, outbox, slots
from sync.store.errors import LeaseHeldError
from sync.store.lease import Lease
from sync.store.outbox import ATTEMPTS, AuditLine, Delivery

GRAIN = timedelta(seconds=2)
"""How far a tool's clock can be ahead of what its Date header, which knows whole seconds, says of it."""

GONE = "it was replaced or taken out meanwhile"
"""Why a delivery is put off that nobody wants any more as it is."""

CLOSING = (AuthenticationError, BlockedError)
"""After one of these a site is asked no more."""


class Delivered(Struct, frozen=True, kw_only=True):
    """How one delivery ended: it stands in the tool, or it failed with ``error``, or it was ``put_off`` for a reason and is no attempt.

    ``is_write`` tells whether anything was sent; what stood there already needs nothing to be sent.
    """

    delivery: Delivery
    error: str | None = None
    put_off: str | None = None
    is_write: bool = False


class Post(Struct, frozen=True, kw_only=True):
    """What delivering needs: the store, a sink per source, the run's id, the clock, and how many ``workers`` ask side by side.

    ``tick`` is called before deliveries are begun and while answers are waited for, and may end the run; ``guard`` is called inside each transaction and raises LeaseLostError if
    this process has lost its leases; ``abandon`` makes what is being asked end soon, where the end is an error; ``skew_s`` tells by how many seconds a source's clock is ahead
    of ours. Only what ``is_wanted``, by (slot, target), is delivered; the rest waits. All are called in the calling thread, which alone uses the store.
    """

    engine: Engine
    sinks: Mapping[str, Sink]
    run_id: str
    now: Callable[[], datetime]
    tick: Callable[[], None] = lambda: None
    watch: Callable[[Delivered], None] = lambda _: None
    guard: Callable[[Connection], None] = lambda _: None
    abandon: Callable[[], None] = lambda: None
    skew_s: Callable[[str], float] = lambda _: 0.0
    is_wanted: Callable[[tuple[Slot, str]], bool] = lambda _: True
    workers: int = 1

    def tool_now(self, source: str) -> datetime:
        """The time by the clock of a source."""
        return self.now() + timedelta(seconds=self.skew_s(source))


@dataclass(slots=True, kw_only=True, eq=False)
class Attempt:
    """One delivery under its slot's lease, on its way: its ``steps``, and how many ``writes`` were granted."""

    delivery: Delivery
    receipt: Receipt | None
    held: Lease
    steps: Steps
    writes: int = 0

    @property
    def source(self) -> str:
        """The site that it goes to."""
        return self.delivery.command.slot.source

    @property
    def is_comment(self) -> bool:
        """True for a comment, False for a property."""
        return isinstance(self.delivery.command, CommentCommand)


Outcome: TypeAlias = Receipt | TandemError | str
"""What an attempt came to: a receipt, an error, or, where it was given up before it wrote, the reason in words."""


def begun(
    post: Post,
    connection: Connection,
    deliveries: Sequence[Delivery],
    receipts: Mapping[tuple[Slot, str], Receipt],
    *,
    taken: Mapping[str, Lease | LeaseHeldError],
) -> list[Attempt | Delivered]:
    """The attempts, each under its slot's lease, which was taken in the same transaction; put off where another process writes there, or where a delivery is no longer wanted."""
    waiting = outbox.waiting_among(connection, deliveries)
    made: list[Attempt | Delivered] = []
    for delivery in deliveries:
        held = taken[lease.slot_name(delivery.command.slot)]
        if not isinstance(held, Lease):
            made.append(Delivered(delivery=delivery, put_off=str(held)))
        elif delivery.id not in waiting:
            lease.forget(connection, held)
            made.append(Delivered(delivery=delivery, put_off=GONE))
        else:
            fresh = replace(delivery, is_unsure=waiting[delivery.id])
            made.append(_attempt(post, fresh, receipts.get(delivery.place), held))
    return made


def _attempt(post: Post, delivery: Delivery, receipt: Receipt | None, held: Lease) -> Attempt:
    sink, command = post.sinks[delivery.command.slot.source], delivery.command
    steps = sink.deliver(command, receipt, now=post.now(), is_unsure=delivery.is_unsure)
    return Attempt(delivery=delivery, receipt=receipt, held=held, steps=steps)


def granted(connection: Connection, writing: Sequence[Attempt]) -> list[Attempt]:
    """Those that may write: from its first write on an attempt's outcome is noted as unknown. The others were replaced or taken out before that."""
    begun_now = outbox.begin(connection, *(one.delivery for one in writing if not one.writes))
    may = [one for one in writing if one.writes or one.delivery.id in begun_now]
    for attempt in may:
        attempt.writes += 1
    return may


def ended(post: Post, connection: Connection, over: Sequence[tuple[Attempt, Outcome]]) -> list[Delivered]:
    """Store how attempts ended, each with its line in the audit trail, and give their leases up. One that was given up before it wrote leaves no trace."""
    lease.forget(connection, *(attempt.held for attempt, _ in over))
    known = [(attempt, _believed(attempt, outcome)) for attempt, outcome in over]
    outbox.note(
        connection, *(_line(post, attempt, came) for attempt, came in known if not isinstance(came, str))
    )
    stand = [(attempt, came) for attempt, came in known if isinstance(came, Receipt)]
    outbox.delivered(connection, *((attempt.delivery, receipt) for attempt, receipt in stand))
    found = [_kept(post, connection, attempt, came) for attempt, came in known]
    for source in {attempt.source for attempt, _ in over}:
        at = post.tool_now(source) + GRAIN
        ours = [attempt for attempt, _ in stand if attempt.source == source and attempt.is_comment]
        slots.written(connection, *(attempt.delivery.command.slot for attempt in ours), at=at)
        wrote = (a.delivery.command.slot for a, _ in over if a.source == source and a.writes)
        slots.moved_on(connection, *wrote, at=at)
    return found


def told(post: Post, found: Delivered) -> None:
    """Log an ended delivery, and tell who watches."""
    slot, reason = str(found.delivery.command.slot), found.error or found.put_off
    target, digest = outbox.target_of(found.delivery.command), found.delivery.command.digest
    if found.error:
        is_dead = found.delivery.attempts + 1 >= ATTEMPTS
        log().warning("delivery_failed", slot=slot, target=target, reason=reason, dead=is_dead)
    elif found.put_off:
        log().info("delivery_put_off", slot=slot, target=target, reason=reason)
    else:
        log().info("delivered", slot=slot, target=target, digest=digest)
    post.watch(found)


def _believed(attempt: Attempt, outcome: Outcome) -> Outcome:
    """The outcome; a receipt about something else than what was sent is none, and what stands in the slot is then not known."""
    command = attempt.delivery.command
    if not isinstance(outcome, Receipt):
        return outcome
    if (outcome.slot, outcome.target, outcome.digest) == (
        command.slot,
        outbox.target_of(command),
        command.digest,
    ):
        return outcome
    return UnknownOutcomeError(
        f"the receipt is about {outcome.slot} {outcome.target}, not about what was sent"
    )


def _line(post: Post, attempt: Attempt, came: Receipt | TandemError) -> AuditLine:
    before, is_put_off = attempt.receipt, isinstance(came, (*CLOSING, DeferredError))
    is_new = isinstance(came, Receipt) and (before is None or before.remote_id != came.remote_id)
    said = f"{'put off' if is_put_off else 'failed'}: {came}"
    return AuditLine(
        at=post.now(),
        run_id=post.run_id,
        command=attempt.delivery.command,
        outcome="delivered" if isinstance(came, Receipt) else said,
        is_write=attempt.writes > 0,
        is_loud=attempt.is_comment and is_new,
    )


def _kept(post: Post, connection: Connection, attempt: Attempt, came: Outcome) -> Delivered:
    """How the attempt ended; a delivery that was not carried out is kept with the reason."""
    delivery, is_write = attempt.delivery, attempt.writes > 0
    if isinstance(came, Receipt):
        return Delivered(delivery=delivery, is_write=is_write)
    if isinstance(came, str):
        return Delivered(delivery=delivery, put_off=came)
    if isinstance(came, (*CLOSING, DeferredError)):
        outbox.put_off(connection, delivery, str(came), now=post.now())
        if isinstance(came, DeferredError):
            return Delivered(delivery=delivery, put_off=str(came))
        return Delivered(delivery=delivery, error=str(came))
    is_dead = delivery.attempts + 1 >= ATTEMPTS
    # only an unknown outcome makes it unsure; that nothing was sent now does not settle what was sent before
    after = replace(delivery, is_unsure=delivery.is_unsure or isinstance(came, UnknownOutcomeError))
    outbox.failed(connection, after, str(came), is_dead=is_dead, now=post.now())
    return Delivered(delivery=after, error=str(came), is_write=is_write)
