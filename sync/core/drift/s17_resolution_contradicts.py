"""The resolution of an item contradicts its status.

What drifts: an item has a resolution date while its status is not done, or its status is done and it has no resolution date.
Why it matters: every count by resolution (release pages, throughput, filters for unresolved work) differs from every count by status.
Stays quiet: for projects in which no done item has a resolution date (the screens lack the field), and for items that were reopened after they were resolved
(the workflow keeps the resolution).
Clears when the resolution is set or taken away.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Issue
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import is_unresolved
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import reopened_at, standing_of
from sync.core.language import Text
from sync.core.world import World

_KEPT = Text(
    en="{issue} has been resolved since {day}, but is {status}",
    zh="{issue} 自 {day} 起已有解决日期，但状态是“{status}”",
)
_TAKE_AWAY = Text(
    en="Clear the resolution of {issue}, or close {issue}", zh="清除 {issue} 的解决结果，或关闭 {issue}"
)


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for item in world.issues_in(commitment) if commitment else ():
        if is_unresolved(world, item) or _is_kept(world, item):
            yield _drift(world, item)


def _is_kept(world: World, item: Issue) -> bool:
    """True for an item that is resolved and not done, unless it was reopened after it had been resolved."""
    is_open = item.resolved_at is not None and item.status_category != "done"
    return is_open and not _was_reopened(world, item)


def _was_reopened(world: World, item: Issue) -> bool:
    at = reopened_at(world, item)
    return at is not None and item.resolved_at is not None and at >= item.resolved_at


def _drift(world: World, item: Issue) -> Drift:
    day = f"{item.resolved_at:%Y-%m-%d}" if item.resolved_at else ""
    return Drift(
        subject=item.ref,
        since=item.resolved_at or standing_of(world, item).at,
        values=(("issue", item.key), ("status", item.status), ("day", day)),
        evidence=(evidence.of_issue(world, item),),
        trace=(
            evidence.held("the status category", item.status_category),
            evidence.held("the resolution date", day or "none"),
        ),
        says=_KEPT if day else None,
        clears=_TAKE_AWAY if day else None,
    )


RULE = Rule(
    code="S17",
    title=Text(en="Resolution contradicts status", zh="解决结果与状态矛盾"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(en="{issue} is {status}, but has no resolution", zh="{issue} 已是“{status}”，但没有解决结果"),
    means=Text(
        en="{issue} is finished in one count and open in another",
        zh="{issue} 在一种统计中已完成，在另一种统计中未完成",
    ),
    clears=Text(en="Set the resolution of {issue}, or reopen it", zh="设置 {issue} 的解决结果，或重新打开"),
    explained_by=frozenset({"R11"}),  # whoever finishes the item resolves it
    find=_find,
    judges_closed=True,
)
