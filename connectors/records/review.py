"""Records of review: who approved a merge request, and what was said on it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from connectors.records.identity import BaseRecord


class Approval(BaseRecord, frozen=True, kw_only=True):
    """Who approved a merge request, at the state ``updated_at`` of the merge request. ``id`` is the merge request's.

    ``required_count`` is how many approvals GitLab's rules ask for, ``missing_count`` how many of these it still lacks; both are 0 where no rule asks for any.
    """

    kind: ClassVar[str] = "approval"
    approver_ids: tuple[str, ...]
    updated_at: datetime
    required_count: int = 0
    missing_count: int = 0


class Note(Struct, frozen=True, kw_only=True):
    """That somebody said something, without the words: they may be confidential, and nothing is judged by them.

    Notes of one ``thread_id`` answer each other. ``is_system`` marks a line by GitLab itself about an event. Only notes of threads are resolvable, and all
    of a thread are resolved together.
    """

    id: str
    thread_id: str
    created_at: datetime
    updated_at: datetime
    author_id: str | None = None
    author_name: str | None = None
    is_author_bot: bool = False
    is_system: bool = False
    is_resolvable: bool = False
    is_resolved: bool = False


class MergeRequestNotes(BaseRecord, frozen=True, kw_only=True):
    """All notes of a merge request, oldest first, at the state ``updated_at`` of the merge request. ``id`` is the merge request's.

    They are one record, so that reading them again takes the place of what was read before: a note that was deleted is not in it any more.
    """

    kind: ClassVar[str] = "merge_request_notes"
    updated_at: datetime
    notes: tuple[Note, ...]

    @property
    def comment_count(self) -> int:
        """How many of them people left."""
        return sum(not note.is_system for note in self.notes)
