"""An item is open in a version that is released.

What drifts: every fix version of the item is released and the item is not done; or its status says done, no resolution was set, so that Jira counts it as open,
and any of its fix versions is released.
Why it matters: the release notes promise what nobody finished, and no plan carries the item any more.
Stays quiet: for an item that is not done and has an unreleased fix version too (the version was released in part, and the rest is planned), where a fix
version is unknown, and for items that are kept for documentation only, by their label.
Clears when the item is done or dropped, or gets the version in which it will be finished.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connectors.records import Issue, Version
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import fix_versions, has_label, is_open, is_unresolved
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import standing_of
from sync.core.language import Text
from sync.core.world import World

_DOCS = frozenset({"documentation", "docs", "文档"})


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for item in world.issues_in(commitment) if commitment else ():
        if _is_left(world, item) and not has_label(item, _DOCS):
            yield _drift(world, item, fix_versions(world, item))


def _is_left(world: World, item: Issue) -> bool:
    released = [version.is_released for version in fix_versions(world, item)]
    if is_open(world, item):
        return bool(released) and all(released)
    return any(released) and is_unresolved(world, item)


def _since(world: World, item: Issue, versions: tuple[Version, ...]) -> datetime | None:
    """Since when the item is open beside the last release; None where a version names no day, or one that has not ended."""
    days = [version.release_on for version in versions if version.release_on]
    if len(days) < len(versions):
        return None
    ended_at = Calendar(world.spec.calendar).end_of(max(days))
    return max(ended_at, standing_of(world, item).at) if ended_at <= world.now else None


def _drift(world: World, item: Issue, versions: tuple[Version, ...]) -> Drift:
    names = evidence.labels_of(versions)
    return Drift(
        subject=item.ref,
        since=_since(world, item, versions),
        values=(("issue", item.key), ("status", item.status), ("versions", names)),
        evidence=(evidence.of_issue(world, item), *(evidence.of_version(v) for v in versions)),
        trace=(
            evidence.held("its versions are released", names),
            evidence.held("the item is not done, or done without a resolution", item.status),
        ),
    )


RULE = Rule(
    code="R11",
    title=Text(en="Open in a released version", zh="版本已发布，事项未完成"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(
        en="{versions} is released, but {issue} is {status}",
        zh="{versions} 已发布，但 {issue} 仍为 {status}",
    ),
    means=Text(
        en="{issue} was announced with {versions} and is not finished",
        zh="{issue} 已随 {versions} 宣布，却尚未完成",
    ),
    clears=Text(
        en="Finish or drop {issue}, or move it to the version in which it will be done",
        zh="完成或放弃 {issue}，或将其移到将要完成它的版本",
    ),
    explained_by=frozenset({"S11"}),  # whoever closes what went out clears both
    find=_find,
    judges_closed=True,
)
