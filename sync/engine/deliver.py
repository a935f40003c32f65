"""Deliver: sends what is in the outbox. Each delivery is noted as unsure before its first write and has an outcome, a receipt and an audit line after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from connectors.commands import Command, CommentCommand, Receipt, Slot
from connectors.errors import (
    AuthenticationError,
    BlockedError,
    DeferredError,
    FatalError,
    RetryableError,
    TandemError,
    UnknownOutcomeError,
)
from connectors.port import Sink
from sync.logs import log
from sync.store import lease, outbox, slots
from sync.store.errors import LeaseHeldError, LeaseLostError
from sync.store.lease import Lease
from sync.store.outbox import AuditLine, Delivery

ATTEMPTS = 5
"""A delivery that failed this often is a dead letter: it blocks nobody and waits for a person, or for something new to say."""

GRAIN = timedelta(seconds=2)
"""How far a tool's clock can be ahead of what its Date header, which knows whole seconds, says of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How one delivery ended: it stands in the tool, or it failed with ``error``, or it was ``put_off`` for a reason and is no attempt.

    ``is_write`` tells whether anything was sent; what stood there already needs nothing to be sent.
    """

    delivery: Delivery
    error: str | None = None
    put_off: str | None = None
    is_write: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What delivering needs: the store, a sink per source, the run's id, and the clock.

    ``tick`` is called before each delivery and may end the run; ``guard`` is called inside each transaction and raises LeaseLostError if this process has
    lost its leases; ``skew_s`` tells by how many seconds a source's clock is ahead of ours. Only what ``is_wanted``, by (slot, target), is delivered; the rest waits.
    """

    engine: Engine
    sinks: Mapping[str, Sink]
    run_id: str
    now: Callable[[], datetime]
    tick: Callable[[], None] = lambda: None
    watch: Callable[[Delivered], None] = lambda _: None
    guard: Callable[[Connection], None] = lambda _: None
    skew_s: Callable[[str], float] = lambda _: 0.0
    is_wanted: Callable[[tuple[Slot, str]], bool] = lambda _: True

    def tool_now(self, source: str) -> datetime:
        """The time by the clock of a source."""
        return self.now() + timedelta(seconds=self.skew_s(source))


def deliver(post: Post) -> tuple[Delivered, ...]:
    """Try every pending delivery once, oldest first; one that fails does not hold up the others.

    One whose site did not answer waits. A site that refuses the log-in or blocks our address in mid-delivery is asked no more; what is left for it waits.
    """
    with post.engine.connect() as connection:
        waiting = tuple(one for one in outbox.deliveries(connection) if post.is_wanted(one.place))
        receipts = outbox.all_receipts(connection)
    return tuple(_ended(post, waiting, receipts))


def _ended(
    post: Post, waiting: tuple[Delivery, ...], receipts: Mapping[tuple[Slot, str], Receipt]
) -> Iterator[Delivered]:
    closed: dict[str, str] = {}
    for delivery in waiting:
        source = delivery.command.slot.source
        if source not in post.sinks:
            continue
        post.tick()
        if source in closed:
            ended = Delivered(delivery=delivery, put_off=f"{source} is asked no more in this run")
        else:
            ended, is_closed = _tried(post, delivery, receipts.get(delivery.place))
            closed |= {source: ended.error or ""} if is_closed else {}
        post.watch(ended)
        yield ended


class _Attempt:
    """One delivery under its slot's lease. Called right before each write: it checks every lease and counts."""

    def __init__(self, post: Post, delivery: Delivery, held: Lease) -> None:
        self.post = post
        self.delivery = delivery
        self.held = held
        self.writes = 0

    def __call__(self) -> None:
        with self.post.engine.begin() as connection:
            self.post.guard(connection)
            lease.hold(connection, [self.held], now=self.post.now())
        self.writes += 1

    def end(self, connection: Connection, outcome: str, *, is_loud: bool = False) -> None:
        """Give the slot's lease up and add the line to the audit trail, in the transaction of the outcome. Raises LeaseLostError if a lease is lost."""
        self.post.guard(connection)
        lease.hold(connection, [self.held], now=self.post.now())
        lease.forget(connection, self.held)
        line = AuditLine(
            at=self.post.now(),
            run_id=self.post.run_id,
            command=self.delivery.command,
            outcome=outcome,
            is_write=self.writes > 0,
            is_loud=is_loud,
        )
        outbox.note(connection, line)


def _tried(post: Post, delivery: Delivery, receipt: Receipt | None) -> tuple[Delivered, bool]:
    """How a delivery ended, and whether its site is to be asked no more."""
    try:
        held = _begun(post, delivery)
    except LeaseLostError:
        raise
    except LeaseHeldError as error:
        return Delivered(delivery=delivery, put_off=str(error)), False
    if held is None:
        return Delivered(delivery=delivery, put_off="it was replaced or taken out meanwhile"), False
    attempt = _Attempt(post, delivery, held)
    sink = post.sinks[delivery.command.slot.source]
    try:
        after = sink.deliver(delivery.command, receipt, now=post.now(), before_write=attempt)
        _require_own(after, delivery.command)
    except DeferredError as error:
        return _put_off(attempt, error), False
    except (AuthenticationError, BlockedError) as error:
        return replace(_put_off(attempt, error), error=str(error), put_off=None), True
    except (RetryableError, FatalError) as error:
        return _failed(attempt, error), False
    return _stands(attempt, receipt, after), False


def _begun(post: Post, delivery: Delivery) -> Lease | None:
    """The slot's lease, with the delivery noted as unsure; None if it is no longer wanted. Raises LeaseHeldError."""
    with post.engine.begin() as connection:
        post.guard(connection)
        held = lease.take(connection, lease.slot_name(delivery.command.slot), now=post.now())
        if outbox.begin(connection, delivery):
            return held
        lease.forget(connection, held)
    return None


def _require_own(receipt: Receipt, command: Command) -> None:
    """Raises UnknownOutcomeError for a receipt about something else: what stands in the slot is then not known."""
    about = (receipt.slot, receipt.target, receipt.digest)
    if about != (command.slot, outbox.target_of(command), command.digest):
        raise UnknownOutcomeError(
            f"the receipt is about {receipt.slot} {receipt.target}, not about what was sent"
        )


def _stands(attempt: _Attempt, before: Receipt | None, receipt: Receipt) -> Delivered:
    post, delivery = attempt.post, attempt.delivery
    command = delivery.command
    is_comment = isinstance(command, CommentCommand)
    is_new = is_comment and (before is None or before.remote_id != receipt.remote_id)
    at = post.tool_now(command.slot.source) + GRAIN
    with post.engine.begin() as connection:
        attempt.end(connection, "delivered", is_loud=is_new)
        outbox.delivered(connection, delivery, receipt)
        if is_comment:
            slots.written(connection, command.slot, at=at)
        if attempt.writes:
            slots.moved_on(connection, command.slot, at=at)
    log().info("delivered", slot=str(command.slot), target=receipt.target, digest=command.digest)
    return Delivered(delivery=delivery, is_write=attempt.writes > 0)


def _failed(attempt: _Attempt, error: TandemError) -> Delivered:
    post, delivery = attempt.post, attempt.delivery
    is_dead = delivery.attempts + 1 >= ATTEMPTS
    # only an unknown outcome makes it unsure; that nothing was sent now does not settle what was sent before
    after = replace(delivery, is_unsure=delivery.is_unsure or isinstance(error, UnknownOutcomeError))
    with post.engine.begin() as connection:
        attempt.end(connection, f"failed: {error}")
        outbox.failed(connection, after, str(error), is_dead=is_dead, now=post.now())
        if attempt.writes:
            at = post.tool_now(delivery.command.slot.source) + GRAIN
            slots.moved_on(connection, delivery.command.slot, at=at)
    log().warning("delivery_failed", slot=str(delivery.command.slot), reason=str(error), dead=is_dead)
    return Delivered(delivery=after, error=str(error), is_write=attempt.writes > 0)


def _put_off(attempt: _Attempt, error: TandemError) -> Delivered:
    post, delivery = attempt.post, attempt.delivery
    with post.engine.begin() as connection:
        attempt.end(connection, f"put off: {error}")
        outbox.put_off(connection, delivery, str(error), now=post.now())
    log().info("delivery_put_off", slot=str(delivery.command.slot), reason=str(error))
    return Delivered(delivery=delivery, put_off=str(error))
