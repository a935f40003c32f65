"""Digests are made in another way. Those of the rows that there are say nothing any more: each row gets its own when its record comes next.

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-30
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

RECORDS = (
    "issue", "field_change", "version", "sprint", "worklog", "project", "branch", "commit", "path_touch", "todo", "todo_scan", "merge_request",
    "merge_request_commits", "approval", "merge_request_notes", "pipeline", "job", "deployment", "release", "milestone", "gitlab_issue",
)


def upgrade() -> None:
    """Go forward."""
    for kind in RECORDS:
        op.execute(f"UPDATE {kind}_records SET digest = ''")


def downgrade() -> None:
    """Go back: the digests of today say nothing there either."""
    upgrade()
