"""A merge request has waited for review or for its merge for days.

What drifts: a merge request of an open item is open, no draft, and nothing was committed to it or said in it for ``business_days`` working days.
Why it matters: finished work ages, conflicts grow, and its author has moved on.
Stays quiet: for drafts, for bots, over weekends and holidays of the calendar, and where the author is away (marked as not active in the mapping).
Clears when it is merged, closed or worked on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connectors.records import Issue, MergeRequest
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from mappings.people import People
from sync.core.drift import evidence
from sync.core.drift.members import in_state, is_by_bot, open_items
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    calendar, days = Calendar(world.spec.calendar), options.thresholds["business_days"]
    waiting: dict[MergeRequest, list[Issue]] = {}
    for item in open_items(world, commitment) if commitment else ():
        for request in in_state(world.work_on(item), "opened"):
            if not request.is_draft and not _waits_for_nobody(world, request):
                waiting.setdefault(request, []).append(item)
    for request, items in waiting.items():
        last = _last_moved(world, request)
        if calendar.plus_workdays(last, days) <= world.now:
            yield _drift(world, request, tuple(items), last=last, days=days)


def _waits_for_nobody(world: World, request: MergeRequest) -> bool:
    """True for a bot's merge request, and for one whose author has left."""
    person = People.of(world.spec).by_gitlab(request.author_name)
    return is_by_bot(world, request) or (person is not None and not person.active)


def _last_moved(world: World, request: MergeRequest) -> datetime:
    """When it was opened, changed, or its head was committed, whichever came last."""
    head = world.observed.commit.get((request.source, request.project_id, request.sha or ""))
    return max(request.created_at, request.updated_at, head.committed_at if head else request.created_at)


def _drift(
    world: World, request: MergeRequest, items: tuple[Issue, ...], *, last: datetime, days: float
) -> Drift:
    labels = evidence.labels_of(items)
    return Drift(
        subject=request.ref,
        since=last,
        values=(("request", request.reference), ("issues", labels), ("days", f"{days:g}")),
        evidence=(evidence.of_request(request), *(evidence.of_issue(world, item) for item in items)),
        trace=(
            evidence.held("the merge request is open and no draft", request.state),
            evidence.held(f"nothing moved for {days:g} working days", evidence.instant_of(last)),
        ),
    )


RULE = Rule(
    code="T06",
    title=Text(en="Waiting for review", zh="等待评审过久"),
    severity=Severity.NOTICE,
    audience=Audience.TECHNICAL,
    says=Text(
        en="{request} ({issues}) has waited for review or merge for at least {days} working days",
        zh="{request}（{issues}）等待评审或合并已至少 {days} 个工作日",
    ),
    means=Text(
        en="{issues} is as good as finished and has been waiting for a second pair of eyes for at least {days} working days",
        zh="{issues} 已接近完成，等待他人评审已至少 {days} 个工作日",
    ),
    clears=Text(en="Review, merge or close {request}", zh="评审、合并或关闭 {request}"),
    find=_find,
    thresholds=(("business_days", 3),),
)
