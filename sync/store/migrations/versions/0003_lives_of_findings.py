"""Lives of findings: since when each counts and how often it came back, and what people acknowledged or suppressed by command.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. What was seen before counts since it was first seen: an upgrade makes nothing new."""
    with op.batch_alter_table("sightings") as table:
        table.add_column(sa.Column("found_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("returned_at", sa.Text(), nullable=False, server_default="[]"))
    with op.batch_alter_table("sightings") as table:
        table.alter_column("returned_at", server_default=None)
    op.execute("UPDATE sightings SET found_at = first_seen_at")
    op.create_table(
        "acknowledgements",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_acknowledgements"),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule", sa.Text()),
        sa.Column("commitment", sa.Text()),
        sa.Column("record", sa.Text()),
        sa.Column("path", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("suppressions")
    op.drop_table("acknowledgements")
    with op.batch_alter_table("sightings") as table:
        table.drop_column("returned_at")
        table.drop_column("found_at")
