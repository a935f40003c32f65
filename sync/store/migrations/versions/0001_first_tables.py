"""The first tables: records, how far they were read, what was found and what was written.

A column reads ``name:type``, with ``*`` in the primary key, ``!`` not null, else it may be null. This is the state of one moment and never follows the code.

Revision ID: 0001
Revises:
Create Date: 2026-11-23
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(),
    "bool": sa.Boolean(),
    "float": sa.Float(),
    "int": sa.Integer(),
    "bigint": sa.BigInteger(),
    "date": sa.Date(),
    "instant": sa.DateTime(timezone=True),
    "serial": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
}
TABLES = {
    "aliases": "source:text* key:text* issue_id:text!",
    "approval_records": (
        "source:text* id:text* is_approved:bool! approver_ids:text! updated_at:instant! partition:text! digest:text! "
        "gone_at:instant"
    ),
    "audit": "id:serial* at:instant! run_id:text! slot:text! target:text! digest:text! outcome:text! is_write:bool!",
    "branch_records": (
        "source:text* id:text* project_id:text! name:text! sha:text! committed_at:instant! url:text! is_default:bool! "
        "is_protected:bool! is_merged:bool! partition:text! digest:text! gone_at:instant"
    ),
    "commit_records": (
        "source:text* id:text* project_id:text! sha:text! title:text! message:text! author_name:text! author_email:text! "
        "authored_at:instant! committed_at:instant! url:text! parent_shas:text! trailers:text! is_reachable:bool! partition:text! "
        "digest:text! gone_at:instant"
    ),
    "cursors": "source:text* stream:text* partition:text* read_to:instant walk_started_at:instant position:text tips:text!",
    "deployment_records": (
        "source:text* id:text* project_id:text! environment:text! sha:text! ref_name:text! status:text! created_at:instant! "
        "updated_at:instant! finished_at:instant partition:text! digest:text! gone_at:instant"
    ),
    "field_change_records": (
        "source:text* id:text* issue_id:text! at:instant! field:text! author_id:text author_name:text from_value:text "
        "from_text:text to_value:text to_text:text partition:text! digest:text! gone_at:instant"
    ),
    "gitlab_issue_records": (
        "source:text* id:text* project_id:text! reference:text! title:text! state:text! created_at:instant! updated_at:instant! "
        "url:text! description:text! is_confidential:bool! closed_at:instant labels:text! milestone_id:text assignee_ids:text! "
        "due_on:date moved_to_id:text partition:text! digest:text! gone_at:instant"
    ),
    "issue_records": (
        "source:text* id:text* key:text! project_key:text! title:text! type:text! status:text! status_category:text! "
        "created_at:instant! updated_at:instant! url:text! is_subtask:bool! resolution:text resolved_at:instant priority:text "
        "assignee_id:text assignee_name:text is_assignee_active:bool reporter_id:text labels:text! components:text! "
        "fix_version_ids:text! sprint_ids:text! parent_id:text parent_key:text epic_key:text due_on:date story_points:float "
        "original_estimate_s:bigint remaining_estimate_s:bigint spent_s:bigint description:text! links:text! fields:text! "
        "partition:text! digest:text! gone_at:instant"
    ),
    "job_records": (
        "source:text* id:text* project_id:text! pipeline_id:text! name:text! stage:text! status:text! is_failure_allowed:bool! "
        "url:text! failure_reason:text is_retried:bool! created_at:instant started_at:instant finished_at:instant partition:text! "
        "digest:text! gone_at:instant"
    ),
    "leases": "name:text* holder:text! token:bigint! expires_at:instant!",
    "merge_request_commits_records": "source:text* id:text* head_sha:text! commits:text! partition:text! digest:text! gone_at:instant",
    "merge_request_records": (
        "source:text* id:text* project_id:text! reference:text! title:text! state:text! source_branch:text! target_branch:text! "
        "created_at:instant! updated_at:instant! url:text! description:text! is_draft:bool! author_id:text author_name:text "
        "is_author_bot:bool! assignee_ids:text! reviewer_ids:text! merged_by_id:text merged_at:instant closed_at:instant sha:text "
        "merge_commit_sha:text squash_commit_sha:text milestone_id:text labels:text! comment_count:bigint! partition:text! "
        "digest:text! gone_at:instant"
    ),
    "milestone_records": (
        "source:text* id:text* title:text! state:text! updated_at:instant! url:text! project_id:text group_id:text start_on:date "
        "due_on:date partition:text! digest:text! gone_at:instant"
    ),
    "outbox": (
        "id:serial* source:text! issue_id:text! commitment_key:text! target:text! digest:text! command:text! told:text "
        "state:text! attempts:int! last_error:text created_at:instant! updated_at:instant!"
    ),
    "path_touch_records": "source:text* id:text* project_id:text! prefix:text! sha:text! partition:text! digest:text! gone_at:instant",
    "pipeline_records": (
        "source:text* id:text* project_id:text! sha:text! ref_name:text! status:text! origin:text! created_at:instant! "
        "updated_at:instant! url:text! partition:text! digest:text! gone_at:instant"
    ),
    "project_records": (
        "source:text* id:text* path:text! name:text! url:text! default_branch:text is_archived:bool! last_activity_at:instant "
        "partition:text! digest:text! gone_at:instant"
    ),
    "receipts": (
        "source:text* issue_id:text* commitment_key:text* target:text* digest:text! body:text! delivered_at:instant! "
        "remote_id:text"
    ),
    "release_records": (
        "source:text* id:text* project_id:text! tag:text! name:text! created_at:instant! url:text! sha:text released_at:instant "
        "partition:text! digest:text! gone_at:instant"
    ),
    "runs": (
        "id:text* command:text! started_at:instant! finished_at:instant outcome:text requests:int! records:int! skipped:int! "
        "writes:int! detail:text!"
    ),
    "sightings": "fingerprint:text* rule:text! commitment_key:text! first_seen_at:instant! last_seen_at:instant! cleared_at:instant",
    "skips": "id:serial* run_id:text! scope:text! what:text! reason:text!",
    "sprint_records": (
        "source:text* id:text* name:text! state:text! board_id:text starts_at:instant ends_at:instant completed_at:instant "
        "partition:text! digest:text! gone_at:instant"
    ),
    "told": "source:text* issue_id:text* commitment_key:text* content:text!",
    "verdicts": "source:text* stream:text* partition:text* completeness:text! at:instant! reason:text!",
    "version_records": (
        "source:text* id:text* project_key:text! name:text! url:text! is_released:bool! is_archived:bool! start_on:date "
        "release_on:date partition:text! digest:text! gone_at:instant"
    ),
    "worklog_records": (
        "source:text* id:text* issue_id:text! started_at:instant! spent_s:bigint! created_at:instant! updated_at:instant! "
        "author_id:text author_name:text partition:text! digest:text! gone_at:instant"
    ),
}


def upgrade() -> None:
    """Go forward."""
    for name, columns in TABLES.items():
        parts = [column.partition(":")[::2] for column in columns.split()]
        key = [column for column, kind in parts if kind.endswith("*")]
        op.create_table(
            name,
            *(sa.Column(column, TYPES[kind.rstrip("*!")], nullable=kind.isalpha()) for column, kind in parts),
            sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        )
    op.create_index("ix_issue_records_key", "issue_records", ["key"])
    with op.batch_alter_table("outbox") as table:
        table.create_unique_constraint(
            "uq_outbox_source_issue_id_commitment_key_target",
            ["source", "issue_id", "commitment_key", "target"],
        )


def downgrade() -> None:
    """Go back."""
    for name in reversed(TABLES):
        op.drop_table(name)
