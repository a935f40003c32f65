"""Reviews: what was said on merge requests, and how many approvals GitLab asks for.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. Approvals that stand here do not tell the counts: they go, and are asked again."""
    op.execute("DELETE FROM approval_records")
    with op.batch_alter_table("approval_records") as table:
        table.drop_column("is_approved")
        table.add_column(sa.Column("required_count", sa.BigInteger(), nullable=False))
        table.add_column(sa.Column("missing_count", sa.BigInteger(), nullable=False))
    op.create_table(
        "merge_request_notes_records",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("source", "id", name="pk_merge_request_notes_records"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("merge_request_notes_records")
    op.execute("DELETE FROM approval_records")
    with op.batch_alter_table("approval_records") as table:
        table.drop_column("missing_count")
        table.drop_column("required_count")
        table.add_column(sa.Column("is_approved", sa.Boolean(), nullable=False))
