"""The estimate of an item was re-written after work on it had begun.

What drifts: story points or the original estimate were changed by ``percent`` or more after the item was first in progress, within the last ``days`` days.
Why it matters: effort that is measured against a moving estimate shows nothing.
Stays quiet: for a first estimate that arrives late (there was none before), for a change that was taken back, and for items that are done.
Clears when ``days`` days have gone by, or the former estimate is restored.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import FieldChange, Issue
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.changes import is_recent
from sync.core.drift.members import open_items
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import begun_at
from sync.core.language import Text
from sync.core.world import World

_HOUR_S = 3600


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for item in open_items(world, commitment) if commitment else ():
        begun = begun_at(world, item)
        for field in ("story_points", "estimate") if begun else ():
            changes = [c for c in world.observed.changes_of.get(item.ref, ()) if c.field == field]
            late = [c for c in changes if begun and begun < c.at <= world.now and _number_in(c.from_text)]
            if late and is_recent(world, late[-1].at, options) and _differs(late, options):
                yield _drift(world, item, late, field=field)


def _number_in(text: str | None) -> float:
    """The number that a changelog shows; 0 where it shows none."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _differs(late: list[FieldChange], options: Options) -> bool:
    """True if the estimate before the first late change and the one after the last differ by the threshold."""
    before, after = _number_in(late[0].from_text), _number_in(late[-1].to_text)
    return abs(after - before) * 100 >= options.thresholds["percent"] * before


def _drift(world: World, item: Issue, late: list[FieldChange], *, field: str) -> Drift:
    is_time = field == "estimate"
    before, after = (_shown(c, is_time=is_time) for c in (late[0].from_text, late[-1].to_text))
    return Drift(
        subject=item.ref,
        discriminator=field,
        since=late[-1].at,
        values=(
            ("issue", item.key),
            ("before", before),
            ("after", after),
            ("day", f"{late[-1].at:%Y-%m-%d}"),
        ),
        evidence=(evidence.of_issue(world, item),),
        trace=(
            evidence.held("the estimate before work began", before),
            evidence.held("the estimate now", after),
        ),
    )


def _shown(text: str | None, *, is_time: bool) -> str:
    number = _number_in(text)
    return f"{number / _HOUR_S:g} h" if is_time else f"{number:g}"


RULE = Rule(
    code="R06",
    title=Text(en="Estimate re-written after the start", zh="开工后改写估算"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="The estimate of {issue} was changed from {before} to {after} on {day}, after work had begun",
        zh="{issue} 的估算在开工之后于 {day} 由 {before} 改为 {after}",
    ),
    means=Text(
        en="{issue} turned out otherwise than estimated: {after} instead of {before}",
        zh="{issue} 与估算不符：由 {before} 变为 {after}",
    ),
    clears=Text(
        en="Restore the estimate of {issue}, or split the added work off",
        zh="恢复 {issue} 的估算，或将新增工作拆分出去",
    ),
    find=_find,
    thresholds=(("percent", 20), ("days", 14)),
)
