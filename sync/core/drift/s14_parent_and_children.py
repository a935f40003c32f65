"""A parent is done and children of it are open, or all children are done and the parent is open.

What drifts: the hierarchy says two things about one piece of work.
Why it matters: a parent that is closed too early hides the rest; one that stays open hides that the work is over.
Stays quiet: for children that were moved to another version than the parent's (the rest is planned), for children that were dropped, and the other way round for
parents that have work of their own (an open merge request, or a status change after the last child) and for the epics that a milestone stands for.
Clears when the children are closed or planned elsewhere, or the parent is closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from connectors.records import Issue
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import in_state, is_open, newest_work
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import done_at, standing_of
from sync.core.language import Text
from sync.core.world import World

_ALL_DONE = Text(
    en="All children of {parent} are done ({children}), but {parent} is {status}",
    zh="{parent} 的子项均已完成（{children}），但 {parent} 仍是“{status}”",
)
_CLOSE = Text(en="Close {parent}, or say what is left of it", zh="关闭 {parent}，或说明还剩什么")
_SHOWN = 5


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for parent in world.issues_in(commitment) if commitment else ():
        children = world.observed.children_of.get(parent.key, ())
        if world.progress_of(parent) is Progress.DELIVERED:
            left = tuple(c for c in children if is_open(world, c) and not _is_elsewhere(parent, c))
            if left:
                yield _too_early(world, parent, left)
        elif children and commitment and parent.ref not in commitment.anchors and is_open(world, parent):
            yield from _too_late(world, parent, children, options)


def _is_elsewhere(parent: Issue, child: Issue) -> bool:
    return bool(child.fix_version_ids) and not set(child.fix_version_ids) & set(parent.fix_version_ids)


def _too_early(world: World, parent: Issue, left: tuple[Issue, ...]) -> Drift:
    labels = evidence.labels_of(left[:_SHOWN])
    return Drift(
        subject=parent.ref,
        discriminator="early",
        since=max(done_at(world, parent), min(child.created_at for child in left)),
        values=(("parent", parent.key), ("status", parent.status), ("children", labels)),
        evidence=(
            evidence.of_issue(world, parent),
            *(evidence.of_issue(world, child) for child in left[:_SHOWN]),
        ),
        trace=(
            evidence.held("the parent is delivered", parent.status),
            evidence.held("children that are open and planned nowhere else > 0", f"{len(left)} ({labels})"),
        ),
    )


def _too_late(world: World, parent: Issue, children: tuple[Issue, ...], options: Options) -> Iterable[Drift]:
    delivered = tuple(c for c in children if world.progress_of(c) is Progress.DELIVERED)
    if not delivered or any(is_open(world, child) for child in children):
        return
    last = max(done_at(world, child) for child in delivered)
    if _goes_on(world, parent, last) or world.now - last < timedelta(days=options.thresholds["days"]):
        return
    labels = evidence.labels_of(delivered[:_SHOWN])
    yield Drift(
        subject=parent.ref,
        discriminator="late",
        since=last,
        values=(("parent", parent.key), ("status", parent.status), ("children", labels)),
        evidence=(
            evidence.of_issue(world, parent),
            *(evidence.of_issue(world, child) for child in delivered[:_SHOWN]),
        ),
        trace=(
            evidence.held("the parent is open", parent.status),
            evidence.held("all its children are done", labels),
            evidence.held("nothing was done on the parent itself since", evidence.instant_of(last)),
        ),
        says=_ALL_DONE,
        clears=_CLOSE,
    )


def _goes_on(world: World, parent: Issue, last: datetime) -> bool:
    newest = newest_work(world, parent)
    has_moved = standing_of(world, parent).at > last
    return has_moved or bool(in_state(world.work_on(parent), "opened")) or bool(newest and newest > last)


RULE = Rule(
    code="S14",
    title=Text(en="Parent and children disagree", zh="父项与子项状态不一致"),
    severity=Severity.WARNING,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{parent} is {status}, but {children} is still open",
        zh="{parent} 已是“{status}”，但 {children} 仍未完成",
    ),
    means=Text(
        en="{parent} and its parts disagree about whether the work is over ({children})",
        zh="{parent} 与其组成部分对工作是否结束说法不一（{children}）",
    ),
    clears=Text(
        en="Close {children} or plan it elsewhere, or reopen {parent}",
        zh="关闭 {children} 或另行计划，或重新打开 {parent}",
    ),
    find=_find,
    grace=timedelta(hours=24),
    thresholds=(("days", 14),),
)
