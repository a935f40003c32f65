"""What became of writes: deliveries of unknown outcome, comments that people touched, loud writes, and what sites tell of clock and token.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. A delivery that was pending before may have been sent, so it counts as unsure."""
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("is_unsure", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("outbox") as table:
        table.alter_column("is_unsure", server_default=None)
    with op.batch_alter_table("audit") as table:
        table.add_column(sa.Column("is_loud", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("audit") as table:
        table.alter_column("is_loud", server_default=None)
    op.create_table(
        "slots",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("commitment_key", sa.Text(), nullable=False),
        sa.Column("touch", sa.Text()),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("reposts", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "issue_id", "commitment_key", name="pk_slots"),
    )
    op.create_table(
        "sites",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skew_s", sa.Float()),
        sa.Column("token_expires_on", sa.Date()),
        sa.PrimaryKeyConstraint("source", name="pk_sites"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("sites")
    op.drop_table("slots")
    with op.batch_alter_table("audit") as table:
        table.drop_column("is_loud")
    with op.batch_alter_table("outbox") as table:
        table.drop_column("is_unsure")
