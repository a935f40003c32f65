"""The code is merged, and Jira has said in progress for days since.

What drifts: everything that was written for the item is on the target branch, and the plan still shows work going on.
Why it matters: progress is worse on paper than in truth, and the item may wait for something that nobody has been asked for.
Stays quiet: for debt items (D04 speaks of them), for work that went out to users (S11), while any merge request of the item is not merged or stands reverted, where commits or branches of the item are newer than the last merge, and for
statuses that the mapping reads as in review: waiting for tests or a release by policy is no drift.
Clears when the item is moved to the status that it deserves.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from connectors.records import Issue, MergeRequest
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import (
    beside_debt,
    is_hidden,
    is_settled,
    items_at,
    last_shipment,
    merged_at_of,
)
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import standing_of
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for item in items_at(world, beside_debt(commitment), Progress.IN_PROGRESS):
        work = world.work_on(item)
        is_told_by_s11 = last_shipment(world, work) is not None and not is_hidden(world, item, work)
        if is_settled(world, item) and not is_told_by_s11:
            since = max(standing_of(world, item).at, *map(merged_at_of, work))
            yield _drift(world, item, work, since=since, days=options.thresholds["warning_days"])


def _drift(
    world: World, item: Issue, requests: tuple[MergeRequest, ...], *, since: datetime, days: float
) -> Drift:
    labels = evidence.labels_of(requests)
    is_long = world.now - since >= timedelta(days=days)
    return Drift(
        subject=item.ref,
        since=since,
        severity=Severity.WARNING if is_long else Severity.NOTICE,
        values=(("issue", item.key), ("status", item.status), ("requests", labels)),
        evidence=(evidence.of_issue(world, item), *map(evidence.of_request, requests)),
        trace=(
            evidence.held("the item is in progress", item.status),
            evidence.held("all implementing merge requests are merged, none reverted", labels),
            evidence.held("no commit or branch of it is newer", evidence.instant_of(since)),
        ),
    )


RULE = Rule(
    code="S06",
    title=Text(en="Merged, still in progress in Jira", zh="代码已合并，Jira 仍在进行中"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{requests} is merged, but {issue} is still {status}",
        zh="{requests} 已合并，但 {issue} 仍是“{status}”",
    ),
    means=Text(
        en="{issue} is built and still counts as being worked on: nobody has taken it over",
        zh="{issue} 已构建完成，却仍计为进行中：无人接手",
    ),
    clears=Text(
        en="Move {issue} on in Jira, or push the work that is left",
        zh="推进 {issue} 的状态，或推送剩余的工作",
    ),
    find=_find,
    grace=timedelta(days=3),
    thresholds=(("warning_days", 5),),
    absence=frozenset({"merge_requests", "commits", "branches"}),
)
