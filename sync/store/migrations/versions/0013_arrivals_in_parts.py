"""What landed and what was shipped is kept in parts, and graphs tell parents by numbers. Both are worked out anew: what was kept of them is dropped, and all code is due to be read.

Revision ID: 0013
Revises: 0012
Create Date: 2026-12-01
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


KEY = ("source", "project_id")


def upgrade() -> None:
    """Go forward."""
    _make("arrived", *KEY, "begin", values=(sa.Column("commits", sa.Text(), nullable=False),))
    _make_anew(sa.Column("digits", sa.Integer(), nullable=False))


def downgrade() -> None:
    """Go back."""
    op.execute("DELETE FROM marks WHERE kind = 'due' OR kind LIKE 'laid out %'")
    _make_anew(sa.Column("landed", sa.Text(), nullable=False))
    op.drop_table("arrived")


def _make_anew(column: sa.Column[Any]) -> None:
    """The table of arrivals, empty and with this column, and no graphs; no code counts as read by today's rules."""
    op.drop_table("arrivals")
    _make("arrivals", *KEY, values=(column, sa.Column("shipments", sa.Text(), nullable=False)))
    op.execute("DELETE FROM graphs")
    op.execute("UPDATE readings SET rules = ''")


def _make(table: str, *key: str, values: tuple[sa.Column[Any], ...]) -> None:
    columns = (sa.Column(name, sa.Text(), nullable=False) for name in key)
    op.create_table(table, *columns, *values, sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"))
