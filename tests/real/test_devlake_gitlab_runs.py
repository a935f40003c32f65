"""Recorded pipelines, jobs and deployments of GitLab, pulled over HTTP into the store, against what an independent system derived from them."""

from __future__ import annotations

import pytest

from connectors.records import Deployment, Job, Pipeline
from mappings.schema import Vocabulary
from tests.real import devlake, differences_gitlab
from tests.real.columns import Listed, against
from tests.real.devlake import flag, joined, last, moment, payloads, table, text

pytestmark = devlake.NEEDED


def _result(run):
    """What the vocabulary makes of a run's word: it passed, it failed, or neither."""
    vocabulary = Vocabulary()
    if run.status in vocabulary.passed_pipelines:
        return "SUCCESS"
    return "FAILURE" if run.status in vocabulary.failed_pipelines else None


PIPELINE_RAW = (
    ("project_id", str, lambda p: p.project_id),
    ("status", str, lambda p: p.status),
    ("ref", str, lambda p: p.ref_name),
    ("sha", str, lambda p: p.sha),
    ("gitlab_created_at", moment, lambda p: p.created_at),
)
PIPELINE = (
    ("result", text, _result),
    ("original_status", str, lambda p: p.status),
    ("created_date", moment, lambda p: p.created_at),
    ("cicd_scope_id", last, lambda p: p.project_id),
)
JOB = (
    ("name", str, lambda j: j.name),
    ("stage", str, lambda j: j.stage),
    ("pipeline_id", last, lambda j: j.pipeline_id),
    ("cicd_scope_id", last, lambda j: j.project_id),
    ("result", text, _result),
    ("original_status", str, lambda j: j.status),
    ("allow_failure", flag, lambda j: j.is_failure_allowed),
    ("created_date", moment, lambda j: j.created_at),
    ("started_date", moment, lambda j: j.started_at),
    ("finished_date", moment, lambda j: j.finished_at),
)
DEPLOYMENT = (
    ("result", text, _result),
    ("original_status", str, lambda d: d.status),
    ("original_environment", str, lambda d: d.environment),
    ("ref", str, lambda d: d.ref_name),
    ("sha", str, lambda d: d.sha),
    ("created_at", moment, lambda d: d.created_at),
    ("updated_at", moment, lambda d: d.updated_at),
    ("finished_date", moment, lambda d: d.finished_at),
)


def _id(row):
    return last(row["id"])


def _raw(row):
    return row["gitlab_id"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Pipeline, "pipelines"), (Pipeline, "pipeline_details"), (Job, "jobs"), (Deployment, "deployments")],
)
def test_every_recorded_run_is_read(recorded, kind, name):
    assert {str(p["id"]) for p in payloads(f"gitlab/{name}")} <= recorded.all(kind).keys()


@pytest.mark.parametrize("name", ["_raw_gitlab_api_pipeline_details", "_tool_gitlab_pipelines"])
def test_pipelines_have_the_expected_word_ref_sha_and_time(recorded, agree, name):
    listed = Listed(name=f"DevLake GitLab pipelines {name}", key=_raw, rows=table(f"gitlab/{name}"))
    agree(against(listed, recorded.all(Pipeline), PIPELINE_RAW))


def test_pipelines_have_the_expected_result(recorded, agree):
    listed = Listed(name="DevLake GitLab pipeline results", key=_id, rows=table("gitlab/cicd_pipelines"))
    agree(against(listed, recorded.all(Pipeline), PIPELINE))


def test_jobs_have_the_expected_word_result_and_times(recorded, agree):
    near = {"stage": "stage", "allow_failure": "allow_failure"}
    rows = joined("gitlab/cicd_tasks", "gitlab/_tool_gitlab_jobs", key="gitlab_id", columns=near)
    listed = Listed(name="DevLake GitLab jobs", key=_id, rows=rows)
    agree(against(listed, recorded.all(Job), JOB, differences_gitlab.JOBS))


def test_deployments_have_the_expected_environment_word_and_times(recorded, agree):
    near = {"created_date": "created_at", "updated_date": "updated_at", "ref": "ref", "sha": "sha"}
    rows = joined(
        "gitlab/cicd_deployments", "gitlab/_tool_gitlab_deployments", key="deployment_id", columns=near
    )
    listed = Listed(name="DevLake GitLab deployments", key=_id, rows=rows)
    agree(against(listed, recorded.all(Deployment), DEPLOYMENT, differences_gitlab.DEPLOYMENTS))
