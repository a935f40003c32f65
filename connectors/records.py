"""Records: immutable facts from a tool, in one vocabulary for all tools.

Every record carries ``source`` (the configured name of a site, such as ``jira``) and ``id`` (the vendor's immutable
id as text; never a key or path, which move). Instants are aware and in UTC (``_at``), dates have no zone (``_on``),
durations are whole seconds (``_s``). Text is kept as the vendor sent it: escaping is the renderer's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Ref:
    """Identity of one record: ``source``, ``kind`` and the vendor's immutable ``id``. Sorts and hashes by value."""

    source: str
    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.source}:{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """The ref that ``str(ref)`` wrote; ``ValueError`` if the text has not three parts."""
        source, kind, id_ = text.split(":", 2)
        return cls(source=source, kind=kind, id=id_)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """What all records share. ``kind`` names the record in refs and in the store."""

    kind: ClassVar[str]
    source: str
    id: str

    @property
    def ref(self) -> Ref:
        """Identity of this record."""
        return Ref(source=self.source, kind=self.kind, id=self.id)


class LinkDirection(StrEnum):
    """Whether the issue that holds a link is its subject (``outward``: "blocks") or its object (``inward``)."""

    OUTWARD = "outward"
    INWARD = "inward"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLink:
    """A typed link between two Jira issues, as seen from the issue that holds it. ``type`` is the vendor's type name."""

    type: str
    direction: LinkDirection
    other_id: str
    other_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue(_Record):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange(_Record):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(_Record):
    """A Jira version (release) of one project."""

    kind: ClassVar[str] = "version"
    project_key: str
    name: str
    url: str
    is_released: bool = False
    is_archived: bool = False
    start_on: date | None = None
    release_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprint(_Record):
    """A sprint; ``state`` is ``future``, ``active`` or ``closed``; ``ends_at`` is planned, ``completed_at`` real."""

    kind: ClassVar[str] = "sprint"
    name: str
    state: str
    board_id: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklog(_Record):
    """Time that a person logged on an issue; ``started_at`` is the instant in UTC, ``spent_s`` seconds."""

    kind: ClassVar[str] = "worklog"
    issue_id: str
    started_at: datetime
    spent_s: int
    created_at: datetime
    updated_at: datetime
    author_id: str | None = None
    author_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project(_Record):
    """A GitLab project; ``path`` moves on rename and transfer, ``id`` does not."""

    kind: ClassVar[str] = "project"
    path: str
    name: str
    url: str
    default_branch: str | None = None
    is_archived: bool = False
    last_activity_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(_Record):
    """A branch tip. ``id`` is ``PROJECT_ID/NAME``; GitLab gives branches no number."""

    kind: ClassVar[str] = "branch"
    project_id: str
    name: str
    sha: str
    committed_at: datetime
    url: str
    is_default: bool = False
    is_protected: bool = False
    is_merged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit(_Record):
    """A commit as one project holds it. ``id`` is ``PROJECT_ID/SHA``: the same sha in a fork is another record.

    ``is_reachable`` is False once a force push or a deleted branch left it outside every known ref.
    """

    kind: ClassVar[str] = "commit"
    project_id: str
    sha: str
    title: str
    message: str
    author_name: str
    author_email: str
    authored_at: datetime
    committed_at: datetime
    url: str
    parent_shas: tuple[str, ...] = ()
    trailers: tuple[tuple[str, str], ...] = ()
    is_reachable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PathTouch(_Record):
    """A commit that changed something below a watched path. ``id`` is ``PROJECT_ID/SHA/PREFIX``. Commit lists carry no file names."""

    kind: ClassVar[str] = "path_touch"
    project_id: str
    prefix: str
    sha: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequest(_Record):
    """A merge request; ``state`` is ``opened``, ``closed``, ``merged`` or ``locked``. ``reference`` is what people type: ``!12``.

    ``sha`` is the head of the source branch; ``merge_commit_sha`` and ``squash_commit_sha`` are what landed (both absent on fast-forward).
    """

    kind: ClassVar[str] = "merge_request"
    project_id: str
    reference: str
    title: str
    state: str
    source_branch: str
    target_branch: str
    created_at: datetime
    updated_at: datetime
    url: str
    description: str = ""
    is_draft: bool = False
    author_id: str | None = None
    author_name: str | None = None
    is_author_bot: bool = False
    assignee_ids: tuple[str, ...] = ()
    reviewer_ids: tuple[str, ...] = ()
    merged_by_id: str | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    sha: str | None = None
    merge_commit_sha: str | None = None
    squash_commit_sha: str | None = None
    milestone_id: str | None = None
    labels: tuple[str, ...] = ()
    comment_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequestCommits(_Record):
    """The commits that a merge request carries, asked from GitLab where the commit graph cannot tell. ``id`` is the merge request's."""

    kind: ClassVar[str] = "merge_request_commits"
    head_sha: str
    commits: tuple[tuple[str, str], ...]
    """(sha, message) in the vendor's order, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(_Record):
    """Who approved a merge request, at the state ``updated_at`` of the merge request. ``id`` is the merge request's."""

    kind: ClassVar[str] = "approval"
    is_approved: bool
    approver_ids: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline(_Record):
    """A pipeline; ``status`` is the vendor's word. ``origin`` is the vendor's ``source``: ``push``, ``merge_request_event``, ``parent_pipeline`` and others."""

    kind: ClassVar[str] = "pipeline"
    project_id: str
    sha: str
    ref_name: str
    status: str
    origin: str
    created_at: datetime
    updated_at: datetime
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(_Record):
    """A job of a pipeline, read only where a rule needs it."""

    kind: ClassVar[str] = "job"
    project_id: str
    pipeline_id: str
    name: str
    stage: str
    status: str
    is_failure_allowed: bool
    url: str
    failure_reason: str | None = None
    is_retried: bool = False
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(_Record):
    """A deployment of one sha to one environment; ``status`` flips over time."""

    kind: ClassVar[str] = "deployment"
    project_id: str
    environment: str
    sha: str
    ref_name: str
    status: str
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(_Record):
    """A GitLab release: a tag and a date. ``id`` is ``PROJECT_ID/TAG``."""

    kind: ClassVar[str] = "release"
    project_id: str
    tag: str
    name: str
    created_at: datetime
    url: str
    sha: str | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone(_Record):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class GitlabIssue(_Record):
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


Record: TypeAlias = (
    Issue
    | FieldChange
    | Version
    | Sprint
    | Worklog
    | Project
    | Branch
    | Commit
    | PathTouch
    | MergeRequest
    | MergeRequestCommits
    | Approval
    | Pipeline
    | Job
    | Deployment
    | Release
    | Milestone
    | GitlabIssue
)

RECORD_TYPES: tuple[type[Record], ...] = (
    Issue,
    FieldChange,
    Version,
    Sprint,
    Worklog,
    Project,
    Branch,
    Commit,
    PathTouch,
    MergeRequest,
    MergeRequestCommits,
    Approval,
    Pipeline,
    Job,
    Deployment,
    Release,
    Milestone,
    GitlabIssue,
)
"""Every record type, in the order in which a reader meets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAlias:
    """A human key that an issue has had. Kept for ever: commit messages hold old keys. ``key`` is unique per source."""

    source: str
    key: str
    issue_id: str
