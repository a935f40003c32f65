"""A worklog is longer than a day of work, or two of one person overlap.

What drifts: one entry has more than ``hours`` hours, or the entries of one person overlap until they sum to more than that on one day, within the last ``days`` days.
Why it matters: hours that cannot have been worked that way make every sum doubtful.
Stays quiet: for batch entries (several that a person wrote within one minute, such as a week's hours on Friday), and for entries that overlap by the clock only: the form
takes the time of writing for the time of work, so the day's sum is what counts. Persons are not named: the item of the day's longest entry is.
Clears when the entries are corrected, or after ``days`` days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import Issue, Worklog
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.changes import is_recent, oldest
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_TOGETHER = Text(
    en="{hours} h of one person were logged on {day}, most of them on {issue}",
    zh="同一人于 {day} 共登记 {hours} 小时，大部分在 {issue}",
)
_BATCH = timedelta(minutes=1)
_HOUR_S = 3600


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    limit_s = options.thresholds["hours"] * _HOUR_S
    hours: list[tuple[Issue, list[Worklog]]] = []
    for item in world.issues_in(commitment) if commitment else ():
        recent = [log for log in world.worklogs_on(item) if is_recent(world, log.started_at, options)]
        if recent:
            hours.append((item, recent))
    accounts = {_account_of(log) for _, logs in hours for log in logs}
    calendar = Calendar(world.spec.calendar)
    since = calendar.start_of(calendar.day_of(oldest(world, options)))
    of_account = world.observed.worklogs_since(since, accounts)
    for item, recent in hours:
        longest = max(recent, key=lambda log: log.spent_s)
        if longest.spent_s > limit_s:
            yield _drift(world, item, longest, spent_s=longest.spent_s)
            continue
        for log in recent:
            day = _same_day(log, of_account[_account_of(log)], calendar)
            spent_s = sum(one.spent_s for one in day)
            if spent_s > limit_s and log == max(day, key=lambda one: (one.spent_s, one.ref)):
                yield _drift(world, item, log, spent_s=spent_s)
                break


def _account_of(log: Worklog) -> tuple[str, str]:
    """Without an id for hours of nobody's, to which no other hours belong."""
    return log.source, log.author_id or ""


def _same_day(log: Worklog, logs: tuple[Worklog, ...], calendar: Calendar) -> list[Worklog]:
    """The entries among ``logs``, the person's own, for the same day, batches left out; at least ``log`` itself."""
    day = calendar.day_of(log.started_at)
    found = [one for one in logs if calendar.day_of(one.started_at) == day]
    return [one for one in found if not _is_batch(one, found)] or [log]


def _is_batch(log: Worklog, others: list[Worklog]) -> bool:
    return any(o is not log and abs(o.created_at - log.created_at) <= _BATCH for o in others)


def _drift(world: World, item: Issue, log: Worklog, *, spent_s: int) -> Drift:
    hours, day = f"{spent_s / _HOUR_S:.1f}", f"{Calendar(world.spec.calendar).day_of(log.started_at)}"
    is_long = spent_s == log.spent_s
    return Drift(
        subject=item.ref,
        discriminator="long" if is_long else "day",
        since=log.started_at,
        values=(("issue", item.key), ("hours", hours), ("day", day)),
        evidence=(evidence.of_issue(world, item),),
        trace=(
            evidence.held(
                "one entry of" if is_long else "entries of one person and day", f"{hours} h on {day}"
            ),
        ),
        says=None if is_long else _TOGETHER,
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
    means=Text(
        en="{hours} h in one day on {issue} cannot be right, so the cost of {issue} is not known",
        zh="{issue} 一天 {hours} 小时不可能属实，其成本无法确定",
    ),
    clears=Text(en="Correct the hours on {issue}", zh="更正 {issue} 的工时"),
    find=_find,
    thresholds=(("hours", 12), ("days", 30)),
)
