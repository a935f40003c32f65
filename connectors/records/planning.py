"""Records of planning: issues with their changes, versions, sprints and worklogs of Jira; milestones and issues of GitLab."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct

from connectors.records.identity import BaseRecord


class LinkDirection(StrEnum):
    """Whether the issue that holds a link is its subject (``outward``: "blocks") or its object (``inward``)."""

    OUTWARD = "outward"
    INWARD = "inward"


class IssueLink(Struct, frozen=True, kw_only=True):
    """A typed link between two Jira issues, as seen from the issue that holds it. ``type`` is the vendor's type name."""

    type: str
    direction: LinkDirection
    other_id: str
    other_key: str


class Issue(BaseRecord, frozen=True, kw_only=True):
    """A Jira issue. ``id`` is stable, ``key`` moves with the project.

    ``status_category`` is the vendor's ``new``, ``indeterminate`` or ``done``. ``epic_key`` is the epic's key whether it came
    from the parent field (Cloud) or the epic-link field (Data Center). ``fields`` holds the mapped custom fields as
    (name used in the mapping, values as text), sorted by name. ``fix_version_ids`` and ``sprint_ids`` refer to Version, Sprint.
    """

    kind: ClassVar[str] = "issue"
    key: str
    project_key: str
    title: str
    type: str
    status: str
    status_category: str
    created_at: datetime
    updated_at: datetime
    url: str
    is_subtask: bool = False
    resolution: str | None = None
    resolved_at: datetime | None = None
    priority: str | None = None
    assignee_id: str | None = None
    assignee_name: str | None = None
    is_assignee_active: bool | None = None
    reporter_id: str | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    fix_version_ids: tuple[str, ...] = ()
    sprint_ids: tuple[str, ...] = ()
    parent_id: str | None = None
    parent_key: str | None = None
    epic_key: str | None = None
    due_on: date | None = None
    story_points: float | None = None
    original_estimate_s: int | None = None
    remaining_estimate_s: int | None = None
    spent_s: int | None = None
    description: str = ""
    links: tuple[IssueLink, ...] = ()
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()


class FieldChange(BaseRecord, frozen=True, kw_only=True):
    """One changed field of one issue (a StatusChange where ``field`` is ``status``).

    ``id`` is the history id and the item's place in it, ``HISTORY.ITEM``. ``field`` is a normal name: ``status``, ``fix_version``, ``due``,
    ``estimate``, ``story_points``, ``assignee``, ``sprint``, ``key``, ``resolution``, ``parent``. ``*_value`` is the vendor's id of the value,
    ``*_text`` what people see; either may be empty.
    """

    kind: ClassVar[str] = "field_change"
    issue_id: str
    at: datetime
    field: str
    author_id: str | None = None
    author_name: str | None = None
    from_value: str | None = None
    from_text: str | None = None
    to_value: str | None = None
    to_text: str | None = None


class Version(BaseRecord, frozen=True, kw_only=True):
    """A Jira version (release) of one project."""

    kind: ClassVar[str] = "version"
    project_key: str
    name: str
    url: str
    is_released: bool = False
    is_archived: bool = False
    start_on: date | None = None
    release_on: date | None = None


class Sprint(BaseRecord, frozen=True, kw_only=True):
    """A sprint; ``state`` is ``future``, ``active`` or ``closed``; ``ends_at`` is planned, ``completed_at`` real."""

    kind: ClassVar[str] = "sprint"
    name: str
    state: str
    board_id: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    completed_at: datetime | None = None


class Worklog(BaseRecord, frozen=True, kw_only=True):
    """Time that a person logged on an issue; ``started_at`` is the instant in UTC, ``spent_s`` seconds."""

    kind: ClassVar[str] = "worklog"
    issue_id: str
    started_at: datetime
    spent_s: int
    created_at: datetime
    updated_at: datetime
    author_id: str | None = None
    author_name: str | None = None


class Milestone(BaseRecord, frozen=True, kw_only=True):
    """A GitLab milestone; exactly one of ``project_id`` and ``group_id`` is set. ``state`` is ``active`` or ``closed``."""

    kind: ClassVar[str] = "milestone"
    title: str
    state: str
    updated_at: datetime
    url: str
    project_id: str | None = None
    group_id: str | None = None
    start_on: date | None = None
    due_on: date | None = None


class GitlabIssue(BaseRecord, frozen=True, kw_only=True):
    """A GitLab issue; ``state`` is ``opened`` or ``closed``. ``reference`` is the full one: ``group/project#12``.

    A confidential issue's title never leaves GitLab: renderers show its reference only.
    """

    kind: ClassVar[str] = "gitlab_issue"
    project_id: str
    reference: str
    title: str
    state: str
    created_at: datetime
    updated_at: datetime
    url: str
    description: str = ""
    is_confidential: bool = False
    closed_at: datetime | None = None
    labels: tuple[str, ...] = ()
    milestone_id: str | None = None
    assignee_ids: tuple[str, ...] = ()
    due_on: date | None = None
    moved_to_id: str | None = None
