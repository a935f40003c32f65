"""A merge request is planned on one side only.

What drifts: (a) it sits in the commitment's GitLab milestone, and the items that it implements belong to no milestone at all; or (b) it works on an item of the
commitment, whose GitLab milestone exists, and sits in no milestone itself.
Why it matters: each tool shows another amount of work for the same release.
Stays quiet: for commitments that stand for GitLab milestones only (they are planned in GitLab), for merge requests without an item (maintenance; L01 speaks of them), for closed ones, for bots, and in the second case while the commitment's
merge requests mostly have no milestone: then the team does not plan in GitLab.
Clears when the other side is planned as well.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Issue, MergeRequest, Milestone
from mappings.commitments import Commitment, CommitmentKind
from sync.core.drift import evidence
from sync.core.drift.members import in_state, is_by_bot, is_open_milestone, issues_of
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_UNPLANNED = Text(
    en="{request} works on {issues} of {commitment}, but sits in no GitLab milestone",
    zh="{request} 服务于 {commitment} 的 {issues}，但不在任何 GitLab 里程碑中",
)
_PUT_IN = Text(en="Put {request} into the milestone {milestone}", zh="将 {request} 放入里程碑 {milestone}")


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    if commitment is None or not is_open_milestone(commitment):
        return
    anchors = [world.observed.by_ref.get(ref) for ref in commitment.anchors]
    milestones = {a.id: a for a in anchors if isinstance(a, Milestone)}
    if len(milestones) == len(anchors):
        return
    for request in _requests_in(world, milestones):
        items = issues_of(world, request)
        if items and not any(_is_planned(world, item) for item in items):
            yield _drift(world, commitment, request, milestone=milestones[request.milestone_id or ""])
    if milestones:
        yield from _unplanned(world, commitment, milestones)


def _requests_in(world: World, milestones: dict[str, Milestone]) -> Iterable[MergeRequest]:
    for milestone in milestones.values():
        planned = world.observed.requests_in.get((milestone.source, milestone.id), ())
        yield from (r for r in in_state(planned, "opened", "merged") if not is_by_bot(world, r))


def _is_planned(world: World, item: Issue) -> bool:
    keys = (m.commitment_key for m in world.memberships_by_record.get(item.ref, ()))
    return any(world.commitment[key].kind is CommitmentKind.MILESTONE for key in keys)


def _unplanned(world: World, commitment: Commitment, milestones: dict[str, Milestone]) -> Iterable[Drift]:
    work = {request for item in world.issues_in(commitment) for request in world.work_on(item)}
    standing = sorted(in_state(work, "opened", "merged"), key=lambda request: request.ref)
    bare = [request for request in standing if not request.milestone_id and not is_by_bot(world, request)]
    if len(bare) * 2 < len(standing):
        for request in bare:
            yield _drift(world, commitment, request, milestone=next(iter(milestones.values())))


def _drift(world: World, commitment: Commitment, request: MergeRequest, *, milestone: Milestone) -> Drift:
    items, is_in = issues_of(world, request), bool(request.milestone_id)
    labels = evidence.labels_of(items)
    return Drift(
        subject=request.ref,
        discriminator="" if is_in else "unplanned",
        since=request.created_at,
        values=(
            ("request", request.reference),
            ("issues", labels),
            ("commitment", commitment.title),
            ("milestone", milestone.title),
        ),
        evidence=(evidence.of_request(request), *(evidence.of_issue(world, item) for item in items)),
        trace=(
            evidence.held("the merge request's GitLab milestone", milestone.title if is_in else "none"),
            evidence.held("its items belong to", "no milestone" if is_in else commitment.title),
        ),
        says=None if is_in else _UNPLANNED,
        clears=None if is_in else _PUT_IN,
    )


RULE = Rule(
    code="R02",
    title=Text(en="Planned on one side only", zh="只在一侧有计划"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{request} sits in GitLab milestone {milestone}, but {issues} belongs to no milestone",
        zh="{request} 属于 GitLab 里程碑 {milestone}，但 {issues} 不属于任何里程碑",
    ),
    means=Text(
        en="{issues} is planned on one side only, so {commitment} looks smaller than it is to the other",
        zh="{issues} 只在一侧有计划，另一侧会低估 {commitment} 的工作量",
    ),
    clears=Text(
        en="Plan {issues} into {commitment}, or take {request} out of {milestone}",
        zh="将 {issues} 纳入 {commitment}，或将 {request} 移出 {milestone}",
    ),
    find=_find,
)
