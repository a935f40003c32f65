"""Delivering: what waits in a store's outbox sent to a Jira by a process of its own: ``python -m tests.faults.delivering DATABASE JIRA WORKERS``."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from sqlalchemy import Engine

from connectors.commands import Command
from connectors.port import Policy
from sync.engine.deliver import Delivered, Post, deliver
from sync.store import database, outbox
from tests.many_slots import connector_to, now

BRISK = Policy(
    attempts=2,
    first_wait_s=0.01,
    longest_wait_s=0.03,
    read_timeout_s=30.0,
    answer_timeout_s=60.0,
    wait_budget_s=5.0,
)
"""Short waits, and time enough for a slow machine."""


def delivered(engine: Engine, jira_url: str, *, workers: int) -> tuple[Delivered, ...]:
    """Try once what waits."""
    connector = connector_to(jira_url, BRISK)
    sink = connector.sink()
    assert sink is not None
    try:
        return deliver(
            Post(
                engine=engine,
                sinks={"jira": sink},
                run_id="r1",
                now=now,
                abandon=connector.close,
                workers=workers,
            )
        )
    finally:
        connector.close()


def wish(engine: Engine, commands: Iterable[Command]) -> None:
    """Put commands into the outbox."""
    with engine.begin() as connection:
        outbox.enqueue(connection, ((one, None) for one in commands), now=now())


def main() -> None:
    """Deliver, by the arguments."""
    url, jira_url, workers = sys.argv[1:]
    engine = database.opened(url)
    delivered(engine, jira_url, workers=int(workers))
    engine.dispose()


if __name__ == "__main__":
    main()
