"""Wanted: which records a judgement needs asked one by one. Nothing is asked that is known already and has not changed since.

A merge request's ``updated_at`` moves with what is said on it, but need not when a thread is resolved or a note deleted, so where threads are open, or
notes are lacking, they are asked after once a day. Approvals do not change any more once it is merged (gitlab-org/gitlab!138925). What told nothing (403, 404, another form) is tried again after a
week: the account may have got more rights.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from connectors.port import Scope
from connectors.records import Approval, MergeRequest, MergeRequestNotes, Pipeline, Record
from mappings.drift_options import RuleOptions
from sync.core.drift.reviews import has_open_thread, owed
from sync.core.world import World

_CLOSING = timedelta(minutes=5)
"""How long after the end of its last job a pipeline may be updated without a further job: GitLab notes its end a little later."""

_ASKING = "S15"
_OPEN_AGAIN = timedelta(days=1)
_UNTOLD_AGAIN = timedelta(days=7)

_NEVER: Mapping[Scope, datetime] = MappingProxyType({})


def asked_scope(detail: str, parent: Record) -> Scope:
    """The scope under which it is kept when a detail was asked of one parent: it lies below the parent's project."""
    home = (getattr(parent, "project_id", None), parent.id)
    return Scope(source=parent.source, stream=detail, partition="/".join(filter(None, home)))


def wanted_of(
    world: World, *, asked: Mapping[Scope, datetime] = _NEVER, among: Container[str] | None = None
) -> Mapping[str, tuple[Record, ...]]:
    """Parents to ask details of, by the detail's name. ``asked`` tells when each was asked last, by ``asked_scope``.

    Those of the commitments ``among`` the keys, where it is given.

    ``jobs`` of the pipelines that make a branch red on which members' work landed (infrastructure failures and jobs that may fail are told from real ones), again
    after a pipeline changed, for jobs can be run again;
    ``merge_request_commits`` of the merge requests whose commits the graph cannot tell;
    ``approvals`` and ``notes`` of the merge requests that were owed a review, notes only where people have said something.
    """
    owing = _owing(world, among)
    talked = tuple(request for request in owing if request.comment_count)
    seen = world.observed
    return {
        "jobs": tuple(p for p in _red_tips(world, among) if not _are_jobs_known(world, p)),
        "merge_request_commits": world.code.asked,
        "approvals": tuple(
            r for r in owing if _is_due(world, r, "approvals", asked=asked, kept=seen.approval_of)
        ),
        "notes": tuple(r for r in talked if _is_due(world, r, "notes", asked=asked, kept=seen.notes_of)),
    }


def _owing(world: World, among: Container[str] | None) -> tuple[MergeRequest, ...]:
    """The merge requests that were owed a review, each once; none where the mapping switches off the rule that asks."""
    if not world.spec.drift.get(_ASKING, RuleOptions()).enabled:
        return ()
    commitments = [c for c in world.commitments if among is None or c.key in among]
    return tuple(dict.fromkeys(request for c in commitments for request in owed(world, c)))


def _is_due(
    world: World,
    request: MergeRequest,
    detail: str,
    *,
    asked: Mapping[Scope, datetime],
    kept: Mapping[tuple[str, str], Approval] | Mapping[tuple[str, str], MergeRequestNotes],
) -> bool:
    """True if the detail was never asked, or for another state of the merge request, or so long ago that its answer may be another now."""
    last = asked.get(asked_scope(detail, request))
    if last is None:
        return True
    known = kept.get((request.source, request.id))
    if known is None:
        return not _is_within(world, last, _UNTOLD_AGAIN)
    if known.updated_at != request.updated_at:
        return True
    is_settled = isinstance(known, Approval) or _are_settled(known, request)
    return not is_settled and not _is_within(world, last, _OPEN_AGAIN)


def _are_settled(known: MergeRequestNotes, request: MergeRequest) -> bool:
    """True if no thread is open and there are as many notes by people as GitLab counted: a list can be cut short."""
    return not has_open_thread(known) and known.comment_count >= request.comment_count


def _is_within(world: World, last: datetime, time: timedelta) -> bool:
    """True if it was asked within the time before now; what was asked in the future was asked by a clock that has been set back."""
    return timedelta(0) <= world.now - last < time


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
        runs = world.runs_since_passed(branch)
        newest = next((p for p in reversed(runs) if p.status in ended), None)
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
