"""Tables of what was worked out of the records and is kept. All of it can be worked out again: it is dropped, never repaired.

``readings`` has a row for each GitLab project whose code was read, with the rules by which it was read; ``named`` what a change names beside known issues, which makes what it says
depend on others (see ``sync.store.kept.names``); ``graphs`` the parents of its commits; ``marks`` what changed since: the code of a project, an issue, a merge request, the key of an issue that is gone. ``judgements`` has a row for each commitment whose
judgement can be used again, and one (``*``) for what is about no single one.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table

from sync.store.record_tables import metadata
from sync.store.types import Instant, PlainText, Tuple

links = Table(
    "links",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("change_kind", PlainText, primary_key=True),
    Column("change_id", PlainText, primary_key=True),
    Column("key", PlainText, primary_key=True, index=True),
    Column("place", PlainText, primary_key=True),
    Column("project_id", PlainText, nullable=False),
    Column("role", PlainText, nullable=False),
    Column("confidence", PlainText, nullable=False),
    Column("reason", PlainText, nullable=False),
    Index("ix_links_source_project_id", "source", "project_id"),
)

reverts = Table(
    "reverts",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("project_id", PlainText, primary_key=True),
    Column("of_kind", PlainText, primary_key=True),
    Column("of_id", PlainText, primary_key=True),
    Column("by_kind", PlainText, nullable=False),
    Column("by_id", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("is_partial", Boolean, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("project_id", PlainText, primary_key=True),
    Column("rules", PlainText, nullable=False),
    Column("asked", Tuple, nullable=False),
    Column("silent", Tuple, nullable=False),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("project_id", PlainText, primary_key=True),
    Column("digits", Integer, nullable=False),
    Column("shipments", Tuple, nullable=False),
)

arrived = Table(
    "arrived",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("project_id", PlainText, primary_key=True),
    Column("begin", PlainText, primary_key=True),
    Column("commits", PlainText, nullable=False),
)

graphs = Table(
    "graphs",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("project_id", PlainText, primary_key=True),
    Column("piece", Integer, primary_key=True, autoincrement=False),
    Column("commits", PlainText, nullable=False),
)

named = Table(
    "named",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("project_id", PlainText, primary_key=True),
    Column("change_kind", PlainText, primary_key=True),
    Column("change_id", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("name", PlainText, primary_key=True),
    Index("ix_named_kind_name", "kind", "name"),
)

marks = Table(
    "marks",
    metadata,
    Column("source", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("name", PlainText, primary_key=True),
)

judgements = Table(
    "judgements",
    metadata,
    Column("commitment_key", PlainText, primary_key=True),
    Column("judgement", PlainText, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("commitment_key", PlainText, primary_key=True),
    Column("source", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("record_id", PlainText, primary_key=True),
    Column("because", PlainText, nullable=False),
    Column("rule", PlainText, nullable=False),
    Index("ix_memberships_record", "source", "kind", "record_id"),
)
