"""Hours were logged on an item after it was closed or dropped.

What drifts: worklogs begin more than ``grace_days`` days after the item was done, ``hours`` hours or more in all.
Why it matters: the item is not done, or the hours belong to something else; either way cost per commitment is wrong.
Stays quiet: for support (types and labels such as ``Support``, ``Incident``), for less than the threshold, and for items that are open again. People are not
named: the hours are those of the item.
Clears when the item is reopened, or the hours are moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import Issue, Worklog
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import has_label
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import done_at
from sync.core.language import Text
from sync.core.world import World

_SUPPORT = frozenset({"support", "incident", "service request", "maintenance", "支持", "运维"})
_HOUR_S = 3600


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for item in world.issues_in(commitment) if commitment else ():
        if not world.progress_of(item).is_done or _is_support(item):
            continue
        end = done_at(world, item) + timedelta(days=options.thresholds["grace_days"])
        late = tuple(log for log in world.worklogs_on(item) if end < log.started_at <= world.now)
        if late and sum(log.spent_s for log in late) >= options.thresholds["hours"] * _HOUR_S:
            yield _drift(world, item, late)


def _is_support(item: Issue) -> bool:
    return item.type.casefold() in _SUPPORT or has_label(item, _SUPPORT)


def _drift(world: World, item: Issue, late: tuple[Worklog, ...]) -> Drift:
    hours = f"{sum(log.spent_s for log in late) / _HOUR_S:.1f}"
    since = min(log.started_at for log in late)
    return Drift(
        subject=item.ref,
        since=since,
        values=(("issue", item.key), ("status", item.status), ("hours", hours)),
        evidence=(evidence.of_issue(world, item),),
        trace=(
            evidence.held("the item is done", f"{item.status}, {evidence.instant_of(done_at(world, item))}"),
            evidence.held("hours logged later", f"{hours} h from {evidence.instant_of(since)} on"),
        ),
    )


RULE = Rule(
    code="C03",
    title=Text(en="Hours after the end", zh="完成后仍登记工时"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{hours} h were logged on {issue} after it had become {status}",
        zh="{issue} 成为“{status}”之后仍登记了 {hours} 小时",
    ),
    means=Text(
        en="{hours} h were paid on {issue} after it counted as finished",
        zh="{issue} 视为完成之后仍花费了 {hours} 小时",
    ),
    clears=Text(
        en="Reopen {issue}, or move the hours to the item they belong to",
        zh="重新打开 {issue}，或将工时移到所属事项",
    ),
    find=_find,
    thresholds=(("grace_days", 3), ("hours", 1)),
    judges_closed=True,
)
