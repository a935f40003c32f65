"""Plan: the work of the company before any vendor payload is made: items, and the changes in code that belong to them.

The plan is filled step by step while the world is being made, so its parts can be changed; identity is that of the object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct

from connectors.sandbox.world.people import Person

DONE = {"Done", "Won't Do"}


class Edit(Struct, frozen=True, kw_only=True):
    """One changed field of an item: (id of the value, its text) before and after, None where there was none. ``field_id`` as in Jira's changelog."""

    at: datetime
    by: Person
    field: str
    old: tuple[str | None, str | None]
    new: tuple[str | None, str | None]
    field_id: str = ""


@dataclass(eq=False, kw_only=True)
class Item:
    """One Jira issue to be. ``moves`` are its status changes, oldest first; ``number`` makes key and id.

    ``efforts`` are hours that were logged (begin, seconds), None for the usual ones; ``edits`` what was changed besides. ``resolved_at`` contradicts the
    status where it is given, ``is_unresolved`` leaves a done item without a resolution. ``priority`` is Jira's, 1 the highest.
    """

    project: str
    type: str
    title: str
    created_at: datetime
    assignee: Person
    reporter: Person
    number: int = 0
    former_number: int = 0
    moves: list[tuple[datetime, str]] = field(default_factory=list)
    versions: tuple[str, ...] = ()
    epic: Item | None = None
    parent: Item | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    due_on: date | None = None
    points: float | None = None
    blocks: list[Item] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    efforts: tuple[tuple[datetime, int], ...] | None = None
    edits: tuple[Edit, ...] = ()
    resolved_at: datetime | None = None
    is_unresolved: bool = False
    priority: int | None = None

    @property
    def key(self) -> str:
        """The issue key, once numbers are given."""
        return f"{self.project}-{self.number}"

    @property
    def former_key(self) -> str:
        """The key that it had in the other project."""
        return f"{'IMP' if self.project == 'RISK' else 'RISK'}-{self.former_number}"

    @property
    def id(self) -> str:
        """The immutable id."""
        return str({"IMP": 10000, "RISK": 30000}[self.project] + self.number)

    @property
    def ref(self) -> str:
        """The ref of the record that a connector makes of it."""
        return f"jira:issue:{self.id}"

    @property
    def status(self) -> str:
        """The status after the last move."""
        return self.moves[-1][1] if self.moves else "To Do"

    @property
    def done_at(self) -> datetime | None:
        """When it was closed, None while it is open."""
        return self.moves[-1][0] if self.status in DONE else None


class Thread(Struct, frozen=True, kw_only=True):
    """Something that ``by`` said on a merge request: a thread, open until ``resolved_at``, or (``is_single``) a note that nobody can resolve."""

    by: Person
    at: datetime
    resolved_at: datetime | None = None
    is_single: bool = False


Style = Literal["merge", "squash", "rebase"]


@dataclass(eq=False, kw_only=True)
class Change:
    """One branch to be, with the merge request made of it unless ``is_bare``.

    Commits lie between ``started_at`` and ``last_at``. ``landing`` is how the pipeline on the main branch ends after the merge (``none``: there is none). ``takes_back`` is
    the change that this one reverts, as a whole or (``is_partial``) its newest commit only. ``threads`` are begun on it beside the usual small talk, and ``approvals_required`` is what
    the project's rules ask for. What realising fills in stands at the end.
    """

    repository: str
    author: Person
    branch: str
    title: str
    started_at: datetime
    last_at: datetime
    opened_at: datetime
    subjects: tuple[str, ...]
    item: Item | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    updated_at: datetime | None = None
    description: str = ""
    style: Style = "merge"
    is_draft: bool = False
    is_bare: bool = False
    keeps_branch: bool = False
    is_branch_protected: bool = False
    labels: tuple[str, ...] = ()
    milestone: str | None = None
    paths: tuple[str, ...] = ()
    landing: str = "success"
    takes_back: Change | None = None
    is_partial: bool = False
    reviewer: Person | None = None
    approvals_required: int = 0
    threads: tuple[Thread, ...] = ()
    target: str = "main"
    id: int = 0
    iid: int = 0
    base: str = ""
    shas: list[str] = field(default_factory=list)
    landed: str = ""
    merge_sha: str | None = None
    squash_sha: str | None = None

    @property
    def state(self) -> str:
        """GitLab's word for it."""
        if self.merged_at:
            return "merged"
        return "closed" if self.closed_at else "opened"

    @property
    def ref(self) -> str:
        """The ref of the merge request's record."""
        return f"gitlab:merge_request:{self.id}"


@dataclass(eq=False, kw_only=True)
class DirectCommit:
    """One commit pushed straight to the main branch. ``takes_back`` is the change that it reverts."""

    repository: str
    author: Person
    title: str
    at: datetime
    takes_back: Change | None = None
    landing: str = "success"
    sha: str = ""
