"""What was worked out is kept: links, reverts and readings of code, memberships, and what changed since. Indexes for looking records up.

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES = {
    "issue_records": (("parent_key",), ("epic_key",)),
    "field_change_records": (("source", "issue_id"),),
    "worklog_records": (("source", "issue_id"), ("source", "author_id")),
    "commit_records": (("sha",), ("source", "project_id")),
    "branch_records": (("source", "project_id"),),
    "merge_request_records": (("source", "project_id", "source_branch"), ("source", "milestone_id")),
    "pipeline_records": (("source", "project_id", "ref_name"),),
    "job_records": (("source", "pipeline_id"),),
    "path_touch_records": (("source", "project_id"),),
    "deployment_records": (("source", "project_id"),),
    "release_records": (("source", "project_id"),),
    "aliases": (("source", "issue_id"),),
}

TABLES = {
    "links": (
        ("source", "change_kind", "change_id", "key", "place"),
        ("project_id", "role", "confidence", "reason"),
    ),
    "reverts": (("source", "project_id", "of_kind", "of_id"), ("by_kind", "by_id")),
    "readings": (("source", "project_id"), ("rules", "landed", "shipments", "asked")),
    "missed": (("source", "project_id", "kind", "name"), ()),
    "marks": (("source", "kind", "name"), ()),
    "memberships": (("commitment_key", "source", "kind", "record_id"), ("because", "rule")),
}


def upgrade() -> None:
    """Go forward."""
    for table, indexes in INDEXES.items():
        for columns in indexes:
            op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
    for name, (keys, others) in TABLES.items():
        more = (
            (sa.Column("at", sa.DateTime(timezone=True), nullable=False), sa.Column("is_partial", sa.Boolean(), nullable=False))
            if name == "reverts"
            else ()
        )
        op.create_table(
            name,
            *(sa.Column(column, sa.Text(), nullable=False) for column in (*keys, *others)),
            *more,
            sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"),
        )
    for table in ("branch_records", "commit_records", "merge_request_records"):
        op.execute(
            f"INSERT INTO marks (source, kind, name) SELECT DISTINCT source, 'code', project_id FROM {table} WHERE true ON CONFLICT DO NOTHING"
        )
    op.create_index("ix_links_key", "links", ["key"])
    op.create_index("ix_links_source_project_id", "links", ["source", "project_id"])
    op.create_index("ix_missed_kind_name", "missed", ["kind", "name"])
    op.create_index("ix_memberships_record", "memberships", ["source", "kind", "record_id"])


def downgrade() -> None:
    """Go back."""
    for name in reversed(TABLES):
        op.drop_table(name)
    for table, indexes in INDEXES.items():
        for columns in indexes:
            op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
