"""Parse: pipelines, jobs and deployments."""

from __future__ import annotations

from typing import Any

from connectors.gitlab.parse import Place, maybe_text, text
from connectors.parsing import instant, maybe_instant
from connectors.records import Deployment, Job, Pipeline


def parse_pipeline(row: Any, place: Place, *, project_id: str) -> Pipeline:  # noqa: ANN401
    """A pipeline."""
    id_ = text(row["id"])
    return Pipeline(
        source=place.source,
        id=id_,
        project_id=project_id,
        sha=text(row["sha"]),
        ref_name=str(row.get("ref") or ""),
        status=text(row["status"]),
        origin=str(row.get("source") or "unknown"),
        created_at=instant(row["created_at"]),
        updated_at=instant(row.get("updated_at") or row["created_at"]),
        url=place.project_url(project_id, "pipelines", id_),
    )


def parse_job(row: Any, pipeline: Pipeline, *, home: str, is_retried: bool) -> Job:  # noqa: ANN401
    """A job of a pipeline; ``home`` is the project's address. Whether it was retried shows in the whole list only: a newer job has its name."""
    id_ = text(row["id"])
    return Job(
        source=pipeline.source,
        id=id_,
        project_id=pipeline.project_id,
        pipeline_id=pipeline.id,
        name=text(row["name"]),
        stage=str(row.get("stage") or ""),
        status=text(row["status"]),
        is_failure_allowed=row.get("allow_failure") is True,
        url=f"{home}/-/jobs/{id_}",
        failure_reason=maybe_text(row.get("failure_reason")),
        is_retried=is_retried,
        created_at=maybe_instant(row.get("created_at")),
        started_at=maybe_instant(row.get("started_at")),
        finished_at=maybe_instant(row.get("finished_at")),
    )


def parse_deployment(row: Any, place: Place, *, project_id: str) -> Deployment:  # noqa: ANN401
    """A deployment; it is finished when its job is."""
    return Deployment(
        source=place.source,
        id=text(row["id"]),
        project_id=project_id,
        environment=text((row.get("environment") or {})["name"]),
        sha=text(row["sha"]),
        ref_name=str(row.get("ref") or ""),
        status=text(row["status"]),
        created_at=instant(row["created_at"]),
        updated_at=instant(row.get("updated_at") or row["created_at"]),
        finished_at=maybe_instant((row.get("deployable") or {}).get("finished_at")),
    )
