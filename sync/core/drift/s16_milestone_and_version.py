"""A GitLab milestone is closed and its Jira version is not released, or the reverse.

What drifts: a commitment stands for a version and a milestone, one of them has ended and the other has not.
Why it matters: one tool still collects work for a release that the other has left behind.
Stays quiet: where the names clearly mean different releases, or the dates lie further apart than ``days``: then the two run in another cadence by design.
Clears when the other one is ended as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import product

from connectors.records import Milestone, Version
from mappings.anchors import is_closed
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.version_names import is_same_release
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    anchors = [world.observed.by_ref.get(ref) for ref in (commitment.anchors if commitment else ())]
    versions = [a for a in anchors if isinstance(a, Version)]
    milestones = [a for a in anchors if isinstance(a, Milestone)]
    for version, milestone in product(versions, milestones):
        has_ended = is_closed(version, world.spec.vocabulary), milestone.state == "closed"
        if has_ended[0] is not has_ended[1] and _belong(version, milestone, options):
            yield _drift(world, version, milestone, is_version_open=has_ended[1])


def _belong(version: Version, milestone: Milestone, options: Options) -> bool:
    days = (version.release_on, milestone.due_on)
    is_near = (
        days[0] is None
        or days[1] is None
        or abs(days[0] - days[1]) <= timedelta(days=options.thresholds["days"])
    )
    return is_near and is_same_release(version.name, milestone.title)


def _ended_at(world: World, ended: Version | Milestone) -> datetime | None:
    """When it ended: a closed milestone was last changed then or later, a version on its release day if that is over."""
    if isinstance(ended, Milestone):
        return ended.updated_at
    day = Calendar(world.spec.calendar).end_of(ended.release_on) if ended.release_on else None
    return day if day and day <= world.now else None


def _drift(world: World, version: Version, milestone: Milestone, *, is_version_open: bool) -> Drift:
    left: Version | Milestone = version if is_version_open else milestone
    ended: Version | Milestone = milestone if is_version_open else version
    names = evidence.label_of(ended), evidence.label_of(left)
    tools = ("GitLab", "Jira") if is_version_open else ("Jira", "GitLab")
    return Drift(
        subject=left.ref,
        since=_ended_at(world, ended),
        values=(
            ("ended", names[0]),
            ("left", names[1]),
            ("ended_in", tools[0]),
            ("open_in", tools[1]),
        ),
        evidence=(evidence.of_anchor(left), evidence.of_anchor(ended)),
        trace=(
            evidence.held(f"{names[0]} has ended in {tools[0]}", "closed"),
            evidence.held(f"{names[1]} has not ended in {tools[1]}", "open"),
        ),
    )


RULE = Rule(
    code="S16",
    title=Text(en="Milestone and version ended apart", zh="里程碑与版本未同时结束"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(
        en="{ended} has ended in {ended_in}, but {left} is open in {open_in}",
        zh="{ended} 在 {ended_in} 中已结束，但 {left} 在 {open_in} 中仍未结束",
    ),
    means=Text(
        en="For one side {ended} is over, the other still adds to {left}",
        zh="一方认为 {ended} 已结束，另一方仍在向 {left} 增加内容",
    ),
    clears=Text(
        en="End {left} in {open_in}, or reopen {ended} in {ended_in}",
        zh="在 {open_in} 中结束 {left}，或在 {ended_in} 中重新打开 {ended}",
    ),
    find=_find,
    grace=timedelta(days=3),
    thresholds=(("days", 30),),
    judges_closed=True,
)
