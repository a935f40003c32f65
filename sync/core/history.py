"""History: since when an issue stands as it stands, from its changelog.

A changelog names statuses but not their category. A name is read by the mapping's vocabulary, else by the category that the issue itself shows
in that status, else by the names that Jira ships with. Other issues are not asked: what they hold must not change the judgement of this one.
When the issue was last updated is not asked either: our own comments, and those of GitLab's integration, update it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType

from msgspec import Struct

from connectors.records import FieldChange, Issue
from mappings.statuses import Progress
from sync.core.world import World

_SHIPPED = MappingProxyType(
    dict.fromkeys(("done", "closed", "resolved", "完成", "已完成", "已关闭", "已解决"), Progress.DELIVERED)
    | dict.fromkeys(("in progress", "进行中", "处理中"), Progress.IN_PROGRESS)
    | dict.fromkeys(("in review", "评审中", "审核中"), Progress.IN_REVIEW)
)


class Standing(Struct, frozen=True, kw_only=True):
    """Since when an issue stands in its present progress, and who put it there; ``author_name`` is None where the changelog does not tell."""

    at: datetime
    author_name: str | None = None


def status_changes(world: World, issue: Issue) -> tuple[FieldChange, ...]:
    """The issue's status changes, oldest first; none from after ``now``."""
    changes = world.observed.changes_of.get(issue.ref, ())
    return tuple(c for c in changes if c.field == "status" and c.at <= world.now)


def standing_of(world: World, issue: Issue) -> Standing:
    """Since when the issue is as far as it is: done (however), or in its present progress."""
    progress = world.progress_of(issue)
    if progress.is_done:
        return _since(world, issue, lambda p: p.is_done, fallback=issue.resolved_at)
    return _since(world, issue, lambda p: p is progress, fallback=None)


def reopened_at(world: World, issue: Issue) -> datetime | None:
    """When an open issue was last taken up again after it had been done; None if it is done or never was."""
    if world.progress_of(issue).is_done:
        return None
    for change in reversed(status_changes(world, issue)):
        was_done = _progress_named(world, issue, change.from_text).is_done
        if was_done and not _progress_named(world, issue, change.to_text).is_done:
            return change.at
    return None


def begun_at(world: World, issue: Issue) -> datetime | None:
    """When the issue first left to do; None while it has not, as far as its changelog tells."""
    for change in status_changes(world, issue):
        if _progress_named(world, issue, change.to_text) is not Progress.TO_DO:
            return change.at
    return None


def done_at(world: World, issue: Issue) -> datetime:
    """When a done issue became done: by the change into its present run of done statuses, else the resolution, else the newest change, else its creation."""
    return standing_of(world, issue).at


def _since(
    world: World, issue: Issue, is_within: Callable[[Progress], bool], *, fallback: datetime | None
) -> Standing:
    entered: FieldChange | None = None
    for change in reversed(status_changes(world, issue)):
        if not is_within(_progress_named(world, issue, change.to_text)):
            break
        entered = change
        if not is_within(_progress_named(world, issue, change.from_text)):
            break
    if entered is None:
        newest = status_changes(world, issue)[-1:]
        return Standing(at=fallback or (newest[0].at if newest else issue.created_at))
    return Standing(at=entered.at, author_name=entered.author_name)


def _progress_named(world: World, issue: Issue, status: str | None) -> Progress:
    if status == issue.status:
        return world.progress_of(issue)
    named = world.spec.vocabulary.statuses.get(status or "")
    return named or _SHIPPED.get((status or "").casefold(), Progress.TO_DO)
