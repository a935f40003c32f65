"""Hours were logged outside the time of the milestone that the item belongs to.

What drifts: an item's version has a start and a release date, and ``hours`` hours or more were logged on the item before the one or more than ``days`` days after
the other.
Why it matters: the cost of one release is booked on another.
Stays quiet: for items that were re-planned (their fix version was changed after the hours were logged), for items in several versions, and for versions
without both dates. Persons are not named.
Clears when the hours are moved, or the item gets the version in which it was worked on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import Issue, Version, Worklog
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import fix_versions
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_HOUR_S = 3600


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for item in world.issues_in(commitment) if commitment else ():
        versions = fix_versions(world, item)
        outside = tuple(_outside(world, item, versions[0], options)) if len(versions) == 1 else ()
        if outside and sum(log.spent_s for log in outside) >= options.thresholds["hours"] * _HOUR_S:
            yield _drift(world, item, versions[0], outside)


def _outside(world: World, item: Issue, version: Version, options: Options) -> Iterable[Worklog]:
    if version.start_on is None or version.release_on is None:
        return ()
    calendar = Calendar(world.spec.calendar)
    begins = calendar.start_of(version.start_on)
    ends = calendar.end_of(version.release_on) + timedelta(days=options.thresholds["days"])
    changes = world.observed.changes_of.get(item.ref, ())
    planned = max((c.at for c in changes if c.field == "fix_version"), default=item.created_at)
    logs = (log for log in world.worklogs_on(item) if log.started_at > planned)
    return (log for log in logs if not begins <= log.started_at <= ends)


def _drift(world: World, item: Issue, version: Version, outside: tuple[Worklog, ...]) -> Drift:
    hours = f"{sum(log.spent_s for log in outside) / _HOUR_S:.1f}"
    span = f"{version.start_on} - {version.release_on}"
    return Drift(
        subject=item.ref,
        since=min(log.started_at for log in outside),
        values=(("issue", item.key), ("hours", hours), ("version", version.name), ("span", span)),
        evidence=(evidence.of_issue(world, item), evidence.of_version(version)),
        trace=(
            evidence.held("the time of the version", span),
            evidence.held("hours logged outside of it", f"{hours} h"),
        ),
    )


RULE = Rule(
    code="C07",
    title=Text(en="Hours outside the milestone", zh="工时不在里程碑期间"),
    severity=Severity.INFO,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{hours} h were logged on {issue} outside the time of {version} ({span})",
        zh="{issue} 有 {hours} 小时登记在 {version} 的期间（{span}）之外",
    ),
    means=Text(
        en="{hours} h of {issue} are charged to {version} but fell outside of its time ({span})",
        zh="{issue} 的 {hours} 小时计入 {version}，却不在其期间（{span}）内",
    ),
    clears=Text(
        en="Move the hours, or give {issue} the version in which it was worked on",
        zh="移动工时，或将 {issue} 改到实际工作的版本",
    ),
    explained_by=frozenset({"R12"}),  # hours and item get the version in which the work was done
    find=_find,
    thresholds=(("hours", 8), ("days", 14)),
    judges_closed=True,
)
