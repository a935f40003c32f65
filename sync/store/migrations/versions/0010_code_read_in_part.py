"""What a change names is kept by change, and so is which merge requests let their commits speak: code is read again in part. All of it is read whole once more.

Revision ID: 0010
Revises: 0009
Create Date: 2026-11-30
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAMED = ("source", "project_id", "change_kind", "change_id", "kind", "name")
MISSED = ("source", "project_id", "kind", "name")


def upgrade() -> None:
    """Go forward."""
    op.drop_table("missed")
    _create("named", NAMED)
    op.create_index("ix_named_kind_name", "named", ["kind", "name"])
    op.create_table(
        "graphs",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("commits", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "project_id", "piece", name="pk_graphs"),
    )
    _read_anew()
    with op.batch_alter_table("readings") as batch:
        batch.add_column(sa.Column("silent", sa.Text(), nullable=False))


def downgrade() -> None:
    """Go back."""
    op.drop_table("graphs")
    op.drop_table("named")
    _create("missed", MISSED)
    op.create_index("ix_missed_kind_name", "missed", ["kind", "name"])
    op.execute("DELETE FROM marks WHERE kind LIKE 'code %'")
    _read_anew()
    with op.batch_alter_table("readings") as batch:
        batch.drop_column("silent")


def _create(name: str, keys: tuple[str, ...]) -> None:
    columns = (sa.Column(key, sa.Text(), nullable=False) for key in keys)
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"))


def _read_anew() -> None:
    op.execute("INSERT INTO marks (source, kind, name) SELECT source, 'code', project_id FROM readings WHERE true ON CONFLICT DO NOTHING")
    op.execute("DELETE FROM readings")
