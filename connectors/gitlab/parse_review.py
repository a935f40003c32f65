"""Parse: approvals of merge requests and what was said on them."""

from __future__ import annotations

from typing import Any

from connectors.gitlab.parse import is_bot, text, user_key, user_name
from connectors.parsing import instant
from connectors.records import Approval, MergeRequest, MergeRequestNotes, Note


def parse_approval(row: Any, request: MergeRequest) -> Approval:  # noqa: ANN401
    """Who approved, at the state that the merge request was in.

    The counts are there where approvals can be required at all (from Premium on). ``approved`` is not read: without rules the tool calls everything approved.
    """
    approvers = (user_key(by.get("user")) for by in row["approved_by"] or ())
    return Approval(
        source=request.source,
        id=request.id,
        approver_ids=tuple(sorted(filter(None, approvers))),
        updated_at=request.updated_at,
        required_count=int(row.get("approvals_required") or 0),
        missing_count=int(row.get("approvals_left") or 0),
    )


def parse_notes(discussions: Any, request: MergeRequest) -> MergeRequestNotes:  # noqa: ANN401
    """The notes of all discussions of a merge request, oldest first, at the state that it was in. What they say is left behind.

    Their times are whole seconds: GraphQL tells no fractions, REST milliseconds, and both ways are to give the same record.
    """
    notes = [_note(row, text(thread["id"])) for thread in discussions for row in thread["notes"]]
    return MergeRequestNotes(
        source=request.source,
        id=request.id,
        updated_at=request.updated_at,
        notes=tuple(sorted(notes, key=lambda note: (note.created_at, len(note.id), note.id))),
    )


def _note(row: Any, thread_id: str) -> Note:  # noqa: ANN401
    author = row.get("author")
    return Note(
        id=text(row["id"]),
        thread_id=thread_id,
        created_at=instant(row["created_at"]).replace(microsecond=0),
        updated_at=instant(row["updated_at"]).replace(microsecond=0),
        author_id=user_key(author),
        author_name=user_name(author),
        is_author_bot=is_bot(author),
        is_system=row["system"] is True,
        is_resolvable=row["resolvable"] is True,
        is_resolved=row.get("resolved") is True,
    )
