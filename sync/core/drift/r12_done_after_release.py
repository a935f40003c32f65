"""An item was finished after its release.

What drifts: the item was resolved on a later calendar day than the release date of every one of its fix versions.
Why it matters: the release went out without it, or its record was kept late; either way the release notes cannot be trusted.
Stays quiet: where a fix version is unknown, unreleased or without a date, where any fix version was released on that day or later, and where all its
merge requests were merged by the release day: then the work was in time and only the closing (by tests, or in bulk) was late. Days are those of the
calendar's zone.
Clears when the fix version names the release that really holds the item.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from connectors.records import Issue, Version
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import fix_versions, in_state, is_open
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    calendar = Calendar(world.spec.calendar)
    for item in world.issues_in(commitment) if commitment else ():
        last = _last_release(fix_versions(world, item))
        if last is None or item.resolved_at is None or is_open(world, item):
            continue
        resolved_on = calendar.day_of(item.resolved_at)
        if resolved_on > last and not _was_merged_by(world, item, last):
            yield _drift(world, item, resolved_on)


def _last_release(versions: tuple[Version, ...]) -> date | None:
    """The latest release day; None if there is no version, or any of them is not released or names no day."""
    days = [v.release_on for v in versions if v.is_released and v.release_on]
    return max(days) if days and len(days) == len(versions) else None


def _was_merged_by(world: World, item: Issue, day: date) -> bool:
    requests = in_state(world.work_on(item), "opened", "merged")
    end = Calendar(world.spec.calendar).end_of(day)
    return bool(requests) and all(r.merged_at is not None and r.merged_at < end for r in requests)


def _drift(world: World, item: Issue, resolved_on: date) -> Drift:
    versions = fix_versions(world, item)
    names, day = evidence.labels_of(versions), resolved_on.isoformat()
    dates = evidence.joined(v.release_on.isoformat() for v in versions if v.release_on)
    return Drift(
        subject=item.ref,
        since=item.resolved_at,
        values=(("issue", item.key), ("day", day), ("versions", names), ("released", dates)),
        evidence=(evidence.of_issue(world, item), *(evidence.of_version(v) for v in versions)),
        trace=(
            evidence.held("every fix version is released and names its day", f"{names}: {dates}"),
            evidence.held("resolved on a later day than each of them", day),
            evidence.held("no proof that all its work was merged by then", "none"),
        ),
    )


RULE = Rule(
    code="R12",
    title=Text(en="Finished after its release", zh="发布之后才完成"),
    severity=Severity.INFO,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{issue} was resolved on {day}, after {versions} was released ({released})",
        zh="{issue} 于 {day} 解决，而 {versions} 此前已发布（{released}）",
    ),
    means=Text(
        en="{issue} was finished on {day}, too late for {versions} ({released})",
        zh="{issue} 于 {day} 才完成，未赶上 {versions}（{released}）",
    ),
    clears=Text(
        en="Set the fix version of {issue} to the release that holds it",
        zh="将 {issue} 的修复版本改为真正包含它的版本",
    ),
    find=_find,
    absence=frozenset({"merge_requests"}),
    judges_closed=True,
)
