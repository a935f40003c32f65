"""A worklog is longer than a day of work, or two of one person overlap.

What drifts: one entry has more than ``hours`` hours, or two entries of the same person share more than a quarter of an hour of the same time, within the last
``days`` days.
Why it matters: hours that cannot have been worked that way make every sum doubtful.
Stays quiet: for batch entries: several entries that a person wrote within one minute, or that begin at the same instant (a default of the form). Persons are
not named: the item is.
Clears when the entries are corrected, or after ``days`` days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from connectors.records import Issue, Worklog
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.changes import is_recent
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_OVERLAP = Text(
    en="Hours logged on {issue} overlap with others of the same person on {day}",
    zh="{issue} 于 {day} 登记的工时与同一人的其他工时重叠",
)
_SHARED = timedelta(minutes=15)
_BATCH = timedelta(minutes=1)
_HOUR_S = 3600


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for item in world.issues_in(commitment) if commitment else ():
        recent = [log for log in world.worklogs_on(item) if is_recent(world, log.started_at, options)]
        long = [log for log in recent if log.spent_s > options.thresholds["hours"] * _HOUR_S]
        if long:
            yield _drift(world, item, max(long, key=lambda log: log.spent_s), is_long=True)
        overlapping = [log for log in recent if any(_overlapping(world, log))]
        if overlapping and not long:
            yield _drift(world, item, overlapping[-1], is_long=False)


def _overlapping(world: World, log: Worklog) -> Iterator[Worklog]:
    """Later entries of the same person that share time with ``log`` and were not written with it."""
    end = log.started_at + timedelta(seconds=log.spent_s)
    for other in world.worklogs_by_author.get((log.source, log.author_id or ""), ()) if log.author_id else ():
        is_batch = abs(other.created_at - log.created_at) <= _BATCH or other.started_at == log.started_at
        starts_inside = log.started_at < other.started_at <= end - _SHARED
        if starts_inside and not is_batch and other.spent_s >= _SHARED.total_seconds():
            yield other


def _drift(world: World, item: Issue, log: Worklog, *, is_long: bool) -> Drift:
    hours, day = f"{log.spent_s / _HOUR_S:.1f}", f"{log.started_at:%Y-%m-%d}"
    return Drift(
        subject=item.ref,
        discriminator="long" if is_long else "overlap",
        since=log.started_at,
        values=(("issue", item.key), ("hours", hours), ("day", day)),
        evidence=(evidence.of_issue(world, item),),
        trace=(evidence.held("an entry of", f"{hours} h on {day}"),),
        says=None if is_long else _OVERLAP,
    )


RULE = Rule(
    code="C06",
    title=Text(en="Impossible hours", zh="不可能的工时"),
    severity=Severity.INFO,
    audience=Audience.ENGINEERING,
    says=Text(
        en="One entry of {hours} h was logged on {issue} on {day}",
        zh="{issue} 于 {day} 有一条 {hours} 小时的工时记录",
    ),
    clears=Text(en="Correct the hours on {issue}", zh="更正 {issue} 的工时"),
    find=_find,
    thresholds=(("hours", 12), ("days", 30)),
)
