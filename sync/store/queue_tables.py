"""Tables of the queue: ticks, their parts, and the budgets that workers share. All of it passes: none is copied, backed up or migrated.

They stand with the queue's own tables in a schema of their own, which PostgreSQL alone has, and are made anew with it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    column,
    table,
)
from sqlalchemy.dialects.postgresql import JSONB

from sync.store.types import Instant, PlainText, Tuple

SCHEMA = "tandem_queue"
"""The schema of everything that belongs to the queue."""

metadata = MetaData(schema=SCHEMA)

ticks = Table(
    "ticks",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("run_id", PlainText, nullable=False),
    Column("mapping", PlainText, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("leases", Tuple, nullable=False),  # (name, token)
    Column("closed", Tuple, nullable=False),  # (source, reason)
    Column("outcome", PlainText),
)

parts = Table(
    "parts",
    metadata,
    Column("tick_id", BigInteger, ForeignKey(ticks.c.id, ondelete="CASCADE"), primary_key=True),
    Column("name", PlainText, primary_key=True),
    Column("kind", PlainText, nullable=False),
    Column("source", PlainText, nullable=False),
    Column("content", Tuple, nullable=False),
    Column("labels", Tuple, nullable=False),
    Column("needs", Tuple, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("records", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("writes", Integer, nullable=False),
    Column("trouble", PlainText, nullable=False),
    Index("ix_parts_tick_id_state", "tick_id", "state"),
)

budgets = Table(
    "budgets",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("key", PlainText, primary_key=True),
    Column("taken", Tuple, nullable=False),  # (instant in Unix seconds, turns)
    Column("held_until", Double, nullable=False),  # Unix seconds, as all here
    Column("next_at", Double, nullable=False),
    Column("told", Tuple, nullable=False),  # (when, remaining, seconds left) of a limit that is near
)

MIND = "mind"
"""The job that begins ticks and rescues jobs; all others are named after the kinds of parts."""
jobs = table(
    "procrastinate_jobs",
    column("id"),
    column("task_name"),
    column("status"),
    column("args", JSONB),
    schema=SCHEMA,
)
events = table("procrastinate_events", column("job_id"), column("at"), schema=SCHEMA)
workers = table("procrastinate_workers", column("id"), column("last_heartbeat"), schema=SCHEMA)
"""Tables of the queue's engine, as far as they are looked at."""
