"""What a cycle looks for among all issues, aliases, changes of fields, branches and merge requests is found by indexes: the rest of a company's history is not gone through.

Revision ID: 0014
Revises: 0013
Create Date: 2026-12-01
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = (
    ("aliases", ("key",)),
    ("issue_records", ("project_key", "resolved_at")),
    ("issue_records", ("status_category",)),
    ("issue_records", ("status",)),
    ("merge_request_records", ("created_at",)),
    ("merge_request_records", ("merged_at",)),
    ("branch_records", ("committed_at",)),
)
PREFIX = sa.text("rtrim(key, '0123456789')")
PLANNED = "field IN ('fix_version', 'parent')"
OF_SOME = (
    ("issue_records", "gone_at", "gone_at IS NOT NULL"),
    ("field_change_records", "from_value", PLANNED),
    ("field_change_records", "from_text", PLANNED),
)


def upgrade() -> None:
    """Go forward."""
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
    for table, column, where in OF_SOME:
        some = sa.text(where)
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=some, postgresql_where=some)
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_aliases_source_prefix", "aliases", ["source", PREFIX])


def downgrade() -> None:
    """Go back."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_aliases_source_prefix", "aliases")
    for table, column, _ in OF_SOME:
        op.drop_index(f"ix_{table}_{column}", table)
    for table, columns in INDEXES:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
