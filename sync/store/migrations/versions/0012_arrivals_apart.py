"""What landed and what was shipped is kept apart from how a project was read: SQLite goes through all that stands before a column, and this is long.

Revision ID: 0012
Revises: 0011
Create Date: 2026-12-01
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LONG = ("landed", "shipments")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "arrivals",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("source", "project_id", *LONG)),
        sa.PrimaryKeyConstraint("source", "project_id", name="pk_arrivals"),
    )
    op.execute("INSERT INTO arrivals SELECT source, project_id, landed, shipments FROM readings")
    with op.batch_alter_table("readings") as batch:
        for name in LONG:
            batch.drop_column(name)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("readings") as batch:
        for name in LONG:
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
    is_its = "a.source = readings.source AND a.project_id = readings.project_id"
    for name, otherwise in zip(LONG, ("", "[]"), strict=True):
        op.execute(f"UPDATE readings SET {name} = coalesce((SELECT a.{name} FROM arrivals a WHERE {is_its}), '{otherwise}')")
    with op.batch_alter_table("readings") as batch:
        for name in LONG:
            batch.alter_column(name, server_default=None)
    op.drop_table("arrivals")
