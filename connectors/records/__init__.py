"""Records: immutable facts from a tool, in one vocabulary for all tools.

Every record carries ``source`` (the configured name of a site, such as ``jira``) and ``id`` (the vendor's immutable
id as text; never a key or path, which move). Instants are aware and in UTC (``_at``), dates have no zone (``_on``),
durations are whole seconds (``_s``). Text is kept as the vendor sent it: escaping is the renderer's work.
"""

from __future__ import annotations

from typing import TypeAlias

from connectors.records.alias import KeyAlias
from connectors.records.code import (
    Branch,
    Commit,
    MergeRequest,
    MergeRequestCommits,
    PathTouch,
    Project,
    Todo,
    TodoScan,
)
from connectors.records.delivery import Deployment, Job, Pipeline, Release
from connectors.records.identity import Ref
from connectors.records.planning import (
    FieldChange,
    GitlabIssue,
    Issue,
    IssueLink,
    LinkDirection,
    Milestone,
    Sprint,
    Version,
    Worklog,
)
from connectors.records.review import Approval, MergeRequestNotes, Note

__all__ = [
    "RECORD_TYPES",
    "Approval",
    "Branch",
    "Commit",
    "Deployment",
    "FieldChange",
    "GitlabIssue",
    "Issue",
    "IssueLink",
    "Job",
    "KeyAlias",
    "LinkDirection",
    "MergeRequest",
    "MergeRequestCommits",
    "MergeRequestNotes",
    "Milestone",
    "Note",
    "PathTouch",
    "Pipeline",
    "Project",
    "Record",
    "Ref",
    "Release",
    "Sprint",
    "Todo",
    "TodoScan",
    "Version",
    "Worklog",
]

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
    | Todo
    | TodoScan
    | MergeRequest
    | MergeRequestCommits
    | Approval
    | MergeRequestNotes
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
    Todo,
    TodoScan,
    MergeRequest,
    MergeRequestCommits,
    Approval,
    MergeRequestNotes,
    Pipeline,
    Job,
    Deployment,
    Release,
    Milestone,
    GitlabIssue,
)
"""Every record type, in the order in which a reader meets them."""
