"""Deliver: sends what is in the outbox, looks before it writes, and keeps a receipt and an audit line for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from connectors.commands import Receipt, Slot
from connectors.errors import TandemError
from connectors.port import Sink
from sync.logs import log
from sync.store import outbox
from sync.store.outbox import AuditLine, Delivery

ATTEMPTS = 5
"""A delivery that failed this often is a dead letter: it blocks nobody and waits for a person, or for something new to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How one delivery ended; ``error`` is None when it stands in the tool."""

    delivery: Delivery
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What delivering needs: the store, a sink per source, the run's id, and the clock. ``tick`` renews the lease before each write."""

    engine: Engine
    sinks: Mapping[str, Sink]
    run_id: str
    now: Callable[[], datetime]
    tick: Callable[[], None] = lambda: None
    watch: Callable[[Delivered], None] = lambda _: None


def deliver(post: Post) -> tuple[Delivered, ...]:
    """Try every pending delivery once, oldest first; one that fails does not hold up the others. One whose site did not answer waits."""
    with post.engine.connect() as connection:
        waiting = outbox.deliveries(connection)
        receipts = outbox.all_receipts(connection)
    reachable = (d for d in waiting if d.command.slot.source in post.sinks)
    return tuple(_tried(post, delivery, receipts) for delivery in reachable)


def _tried(post: Post, delivery: Delivery, receipts: Mapping[tuple[Slot, str], Receipt]) -> Delivered:
    command = delivery.command
    post.tick()
    try:
        receipt = post.sinks[command.slot.source].deliver(
            command, receipts.get((command.slot, outbox.target_of(command))), now=post.now()
        )
    except TandemError as error:
        return _failed(post, delivery, error)
    line = AuditLine(at=post.now(), run_id=post.run_id, command=command, outcome="delivered", is_write=True)
    with post.engine.begin() as connection:
        outbox.delivered(connection, delivery, receipt)
        outbox.note(connection, line)
    log().info("delivered", slot=str(command.slot), target=outbox.target_of(command), digest=command.digest)
    done = Delivered(delivery=delivery, error=None)
    post.watch(done)
    return done


def _failed(post: Post, delivery: Delivery, error: TandemError) -> Delivered:
    is_dead = delivery.attempts + 1 >= ATTEMPTS
    line = AuditLine(
        at=post.now(), run_id=post.run_id, command=delivery.command, outcome=f"failed: {error}", is_write=True
    )
    with post.engine.begin() as connection:
        outbox.failed(connection, delivery, str(error), is_dead=is_dead, now=post.now())
        outbox.note(connection, line)
    log().warning("delivery_failed", slot=str(delivery.command.slot), reason=str(error), dead=is_dead)
    done = Delivered(delivery=delivery, error=str(error))
    post.watch(done)
    return done
