"""What was judged of each commitment is kept and used again. When a finding was last seen is kept no more: nothing asked for it, and each run rewrote every row for it.

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "judgements",
        sa.Column("commitment_key", sa.Text(), nullable=False),
        sa.Column("judgement", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("commitment_key", name="pk_judgements"),
    )
    with op.batch_alter_table("sightings") as batch:
        batch.drop_column("last_seen_at")


def downgrade() -> None:
    """Go back. When a finding was last seen is taken to be when it was first seen or cleared, whichever is later."""
    with op.batch_alter_table("sightings") as batch:
        batch.add_column(sa.Column("last_seen_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE sightings SET last_seen_at = COALESCE(cleared_at, first_seen_at)")
    with op.batch_alter_table("sightings") as batch:
        batch.alter_column("last_seen_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    op.drop_table("judgements")
