"""Branch health: whether a branch has been red ever since a change landed on it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from connectors.records import Job, MergeRequest, Pipeline
from sync.core.world import World

INFRASTRUCTURE_FAILURES = frozenset(
    {
        "runner_system_failure",
        "stuck_or_timeout_failure",
        "scheduler_failure",
        "data_integrity_failure",
        "unknown_failure",
    }
)
"""GitLab's words for failures that say nothing about the code (https://docs.gitlab.com/api/jobs/, ``failure_reason``)."""


def red_streak_since(world: World, request: MergeRequest) -> tuple[Pipeline, ...]:
    """Failed pipelines of the target branch since ``request`` was merged, oldest first; empty unless the branch is red without a green one between.

    Only finished pipelines count: a running, cancelled or skipped one neither hides nor proves anything. A newest pipeline that failed for reasons
    outside the code, or only in jobs that nobody requires, is not red; an older one of that kind is left out.
    """
    if request.merged_at is None:
        return ()
    finished: list[Pipeline] = []
    for pipeline in _finished_since(world, request, request.merged_at):
        if pipeline.status in world.spec.vocabulary.passed_pipelines:
            return ()
        finished.append(pipeline)
    if not finished or not is_red(world, finished[-1]):
        return ()
    return tuple(pipeline for pipeline in finished if is_red(world, pipeline))


def _finished_since(world: World, request: MergeRequest, merged_at: datetime) -> Iterator[Pipeline]:
    vocabulary = world.spec.vocabulary
    ended = vocabulary.failed_pipelines | vocabulary.passed_pipelines
    runs = world.runs_since_passed((request.source, request.project_id, request.target_branch))
    first = bisect_left(runs, merged_at, key=lambda pipeline: pipeline.created_at)
    return (pipeline for pipeline in runs[first:] if pipeline.status in ended)


def is_red(world: World, pipeline: Pipeline) -> bool:
    """True if the pipeline failed and its jobs, where they are known or required, do not excuse it."""
    required = world.spec.vocabulary.required_jobs
    if pipeline.status not in world.spec.vocabulary.failed_pipelines:
        return False
    jobs = world.observed.jobs_of.get((pipeline.source, pipeline.id), ())
    failed = tuple(job for job in jobs if job.status == "failed" and not job.is_retried)
    blocking = tuple(job for job in failed if not job.is_failure_allowed)
    if required:
        blocking = tuple(job for job in blocking if any(fnmatchcase(job.name, name) for name in required))
        return any(map(_is_about_code, blocking))
    return not failed or any(map(_is_about_code, blocking))


def _is_about_code(job: Job) -> bool:
    return job.failure_reason not in INFRASTRUCTURE_FAILURES
