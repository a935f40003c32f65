"""First sights of findings: what was seen of each when its present age began.

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. Of what was seen before nobody can tell what it was then."""
    with op.batch_alter_table("sightings") as table:
        table.add_column(sa.Column("first_sight", sa.Text()))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("sightings") as table:
        table.drop_column("first_sight")
