"""Jira says in progress, and nothing has happened in GitLab for some working days.

What drifts: somebody is said to work on the item, and no commit, branch or merge request shows it.
Why it matters: the item is blocked, forgotten, or worked on where nobody can see it.
Stays quiet: for items in review, for types that need no code, and over weekends and holidays of the calendar. Silence is counted from the newest of: the
move into progress, the implementing commits, branches and merge requests. It is not asked while merge requests, commits or branches were not completely read.
Clears when work is pushed, or the item is moved to the status that it deserves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from connectors.records import Issue
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import items_at
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import standing_of
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    calendar, days = Calendar(world.spec.calendar), options.thresholds["business_days"]
    for item in items_at(world, commitment, Progress.IN_PROGRESS):
        last = max(_activity(world, item))
        if item.type in world.spec.vocabulary.code_types and calendar.plus_workdays(last, days) <= world.now:
            yield _drift(world, item, last, days=days)


def _activity(world: World, item: Issue) -> Iterator[datetime]:
    yield standing_of(world, item).at
    yield from (commit.committed_at for commit in world.commits_on(item))
    yield from (branch.committed_at for branch in world.branches_on(item))
    for request in world.work_on(item):
        yield max(request.created_at, request.updated_at)


def _drift(world: World, item: Issue, last: datetime, *, days: float) -> Drift:
    work: tuple[evidence.Change, ...] = (*world.work_on(item), *world.branches_on(item))
    return Drift(
        subject=item.ref,
        since=last,
        values=(("issue", item.key), ("status", item.status), ("days", f"{days:g}")),
        evidence=(evidence.of_issue(world, item), *map(evidence.of_change, work)),
        trace=(
            evidence.held("the item is in progress", item.status),
            evidence.held("its type needs code", item.type),
            evidence.held(f"last activity at least {days:g} working days ago", evidence.instant_of(last)),
        ),
    )


RULE = Rule(
    code="S07",
    title=Text(en="In progress in Jira, no Git activity", zh="Jira 进行中，Git 无活动"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{issue} is {status}, but nothing has been pushed for at least {days} working days",
        zh="{issue} 处于“{status}”，但至少 {days} 个工作日没有代码活动",
    ),
    means=Text(
        en="{issue} counts as being worked on, and nothing has been seen of it for at least {days} working days",
        zh="{issue} 计为进行中，但至少 {days} 个工作日未见进展",
    ),
    clears=Text(
        en="Push the work under the key {issue}, or move it out of {status}",
        zh="以 {issue} 为键推送代码，或将其移出“{status}”",
    ),
    # what ends those ends the silence: the item is moved on, or work is pushed
    explained_by=frozenset({"D04", "S06", "S10", "S11", "S14"}),
    find=_find,
    thresholds=(("business_days", 5),),
    absence=frozenset({"merge_requests", "commits", "branches"}),
)
