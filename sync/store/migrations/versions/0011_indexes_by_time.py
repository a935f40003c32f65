"""Pipelines of a branch and hours of an account are looked up by their time as well: no judgement needs them from the beginning.

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-30
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = {
    "pipeline_records": (("source", "project_id", "ref_name"), "created_at"),
    "worklog_records": (("source", "author_id"), "started_at"),
}


def upgrade() -> None:
    """Go forward."""
    for table, (columns, time) in INDEXES.items():
        _replace(table, columns, (*columns, time))


def downgrade() -> None:
    """Go back."""
    for table, (columns, time) in INDEXES.items():
        _replace(table, (*columns, time), columns)


def _replace(table: str, old: tuple[str, ...], new: tuple[str, ...]) -> None:
    op.drop_index(f"ix_{table}_{'_'.join(old)}", table)
    op.create_index(f"ix_{table}_{'_'.join(new)}", table, list(new))
