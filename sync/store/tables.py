"""Tables beside the records': cursors, verdicts, runs, findings, writes, and what was worked out and is kept."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    func,
    literal_column,
)

from sync.store.kept_tables import (
    arrivals,
    arrived,
    graphs,
    judgements,
    links,
    marks,
    memberships,
    named,
    readings,
    reverts,
)
from sync.store.record_tables import RECORD_TABLES, RECORD_TYPE_BY_KIND, TABLE_BY_KIND, metadata
from sync.store.types import Instant, PlainText, Tuple

__all__ = [
    "RECORD_TABLES",
    "RECORD_TYPE_BY_KIND",
    "TABLE_BY_KIND",
    "arrivals",
    "arrived",
    "graphs",
    "judgements",
    "links",
    "marks",
    "memberships",
    "metadata",
    "named",
    "readings",
    "reverts",
]

aliases = Table(
    "aliases",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("key", PlainText, primary_key=True),
    Column("issue_id", PlainText, nullable=False),
    Index("ix_aliases_source_issue_id", "source", "issue_id"),
    Index("ix_aliases_key", "key"),
)

Index(
    "ix_aliases_source_prefix", aliases.c.source, func.rtrim(aliases.c.key, literal_column("'0123456789'"))
).ddl_if(dialect="postgresql")

cursors = Table(
    "cursors",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("stream", PlainText, primary_key=True),
    Column("partition", PlainText, primary_key=True),
    Column("read_to", Instant),
    Column("walk_started_at", Instant),
    Column("position", PlainText),
    Column("tips", Tuple, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("stream", PlainText, primary_key=True),
    Column("partition", PlainText, primary_key=True),
    Column("completeness", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", PlainText, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("command", PlainText, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("outcome", PlainText),
    Column("requests", Integer, nullable=False, default=0),
    Column("records", Integer, nullable=False, default=0),
    Column("skipped", Integer, nullable=False, default=0),
    Column("writes", Integer, nullable=False, default=0),
    Column("detail", PlainText, nullable=False, default=""),
)

skips = Table(
    "skips",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("run_id", PlainText, nullable=False),
    Column("scope", PlainText, nullable=False),
    Column("what", PlainText, nullable=False),
    Column("reason", PlainText, nullable=False),
)

sightings = Table(
    "sightings",
    metadata,
    Column("fingerprint", PlainText, primary_key=True),
    Column("rule", PlainText, nullable=False),
    Column("commitment_key", PlainText, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Column("found_at", Instant),
    Column("returned_at", Tuple, nullable=False),
    Column("first_sight", Tuple),  # severity, sentence, evidence; NULL where it was not kept
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("fingerprint", PlainText, primary_key=True),
    Column("owner", PlainText, nullable=False),
    Column("severity", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", PlainText, nullable=False),
    Column("until", Date),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("rule", PlainText),
    Column("commitment", PlainText),
    Column("record", PlainText),
    Column("path", PlainText),
    Column("reason", PlainText, nullable=False),
    Column("owner", PlainText, nullable=False),
    Column("until", Date, nullable=False),
    Column("at", Instant, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("issue_id", PlainText, primary_key=True),
    Column("commitment_key", PlainText, primary_key=True),
    Column("target", PlainText, primary_key=True),
    Column("digest", PlainText, nullable=False),
    Column("body", PlainText, nullable=False),
    Column("delivered_at", Instant, nullable=False),
    Column("remote_id", PlainText),
)

told = Table(
    "told",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("issue_id", PlainText, primary_key=True),
    Column("commitment_key", PlainText, primary_key=True),
    Column("content", PlainText, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("source", PlainText, nullable=False),
    Column("issue_id", PlainText, nullable=False),
    Column("commitment_key", PlainText, nullable=False),
    Column("target", PlainText, nullable=False),
    Column("digest", PlainText, nullable=False),
    Column("command", PlainText, nullable=False),
    Column("told", PlainText),
    Column("state", PlainText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("is_unsure", Boolean, nullable=False, default=False),
    Column("last_error", PlainText),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("source", "issue_id", "commitment_key", "target"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("run_id", PlainText, nullable=False),
    Column("slot", PlainText, nullable=False),
    Column("target", PlainText, nullable=False),
    Column("digest", PlainText, nullable=False),
    Column("outcome", PlainText, nullable=False),
    Column("is_write", Boolean, nullable=False),
    Column("is_loud", Boolean, nullable=False, default=False),
)

slots = Table(
    "slots",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("issue_id", PlainText, primary_key=True),
    Column("commitment_key", PlainText, primary_key=True),
    Column("touch", PlainText),
    Column("since", Instant),
    Column("reposts", Integer, nullable=False, default=0),
    Column("checked_at", Instant, nullable=False),
)
"""Managed comments as they were last seen: ``touch`` is what a person did (None: it stands as we wrote it), ``reposts`` how often ours was put back."""

sites = Table(
    "sites",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("skew_s", Float),
    Column("token_expires_on", Date),
)
"""Clock and token of each source as last seen."""

leases = Table(
    "leases",
    metadata,
    Column("name", PlainText, primary_key=True),
    Column("holder", PlainText, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
