"""Records of delivery: pipelines and their jobs, deployments, releases."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from connectors.records.identity import BaseRecord


class Pipeline(BaseRecord, frozen=True, kw_only=True):
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


class Job(BaseRecord, frozen=True, kw_only=True):
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


class Deployment(BaseRecord, frozen=True, kw_only=True):
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


class Release(BaseRecord, frozen=True, kw_only=True):
    """A GitLab release: a tag and a date. ``id`` is ``PROJECT_ID/TAG``."""

    kind: ClassVar[str] = "release"
    project_id: str
    tag: str
    name: str
    created_at: datetime
    url: str
    sha: str | None = None
    released_at: datetime | None = None
