"""Wanted: which records a judgement needs asked one by one. Nothing is asked that is known already and has not changed since."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import timedelta

from connectors.records import Pipeline, Record
from sync.core.world import World

_CLOSING = timedelta(minutes=5)
"""How long after the end of its last job a pipeline may be updated without a further job: GitLab notes its end a little later."""

_NOT_A_BRANCH_RUN = frozenset({"parent_pipeline", "merge_request_event"})


def wanted_of(world: World, *, among: Container[str] | None = None) -> Mapping[str, tuple[Record, ...]]:
    """Parents to ask details of, by the detail's name; for the commitments ``among`` the keys, where it is given.

    ``jobs`` of the pipelines that make a branch red on which members' work landed (infrastructure failures and jobs that may fail are told from real ones), again
    after a pipeline changed, for jobs can be run again;
    ``merge_request_commits`` of the merge requests whose commits the graph cannot tell.
    """
    return {
        "jobs": tuple(p for p in _red_tips(world, among) if not _are_jobs_known(world, p)),
        "merge_request_commits": world.code.asked,
    }


def _are_jobs_known(world: World, pipeline: Pipeline) -> bool:
    """True if the jobs are here as they stood when the pipeline changed last. A job that is run again changes its pipeline."""
    jobs = world.observed.jobs_of.get((pipeline.source, pipeline.id), ())
    newest = max((job.finished_at for job in jobs if job.finished_at), default=None)
    return newest is not None and pipeline.updated_at <= newest + _CLOSING


def _red_tips(world: World, among: Container[str] | None) -> Iterator[Pipeline]:
    """The newest finished pipeline of each branch that members' work was merged into, where it failed."""
    words = world.spec.vocabulary
    ended = words.failed_pipelines | words.passed_pipelines
    for branch in sorted(_landing_branches(world, among)):
        runs = (p for p in world.pipelines_on.get(branch, ()) if p.origin not in _NOT_A_BRANCH_RUN)
        newest = next((p for p in reversed(tuple(runs)) if p.status in ended), None)
        if newest and newest.status in words.failed_pipelines:
            yield newest


def _landing_branches(world: World, among: Container[str] | None) -> frozenset[tuple[str, str, str]]:
    """(source, project id, branch) into which work of any commitment's items was merged."""
    asked = [c for c in world.commitments if among is None or c.key in among]
    issues = {issue.ref: issue for commitment in asked for issue in world.issues_in(commitment)}
    return frozenset(
        (mr.source, mr.project_id, mr.target_branch)
        for issue in issues.values()
        for mr in world.work_on(issue)
        if mr.merged_at
    )
