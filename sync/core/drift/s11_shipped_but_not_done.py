"""The work is deployed to production, and Jira does not call it done.

What drifts: every merge request of the item is merged and part of a production deployment or a release, and the item is in progress or in review.
Why it matters: users have what the plan still promises, and nobody has accepted it.
Stays quiet: for debt items (D04 speaks of them) and items that are to do (S05 does), for items or merge requests that are switched off for users on purpose (a label such as ``feature-flag`` or ``dark-launch``), while any merge
request of the item is not merged or not shipped, and where one stands reverted.
Clears when the item is closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import Issue, MergeRequest
from mappings.commitments import Commitment
from mappings.shipments import Shipment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import beside_debt, is_hidden, is_settled, items_at, last_shipment
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for progress in (Progress.IN_PROGRESS, Progress.IN_REVIEW):
        for item in items_at(world, beside_debt(commitment), progress):
            work = world.work_on(item)
            last = last_shipment(world, work) if is_settled(world, item) else None
            if last and not is_hidden(world, item, work):
                yield _drift(world, item, work, last=last)


def _drift(world: World, item: Issue, work: tuple[MergeRequest, ...], *, last: Shipment) -> Drift:
    labels = evidence.labels_of(work)
    return Drift(
        subject=item.ref,
        since=last.at,
        values=(("issue", item.key), ("status", item.status), ("requests", labels), ("place", last.name)),
        evidence=(
            evidence.of_issue(world, item),
            *map(evidence.of_request, work),
            evidence.of_shipment(last),
        ),
        trace=(
            evidence.held("the item is open", item.status),
            evidence.held("all implementing merge requests are merged, none reverted", labels),
            evidence.held("all of them are shipped", f"{last.name}, {evidence.instant_of(last.at)}"),
        ),
    )


RULE = Rule(
    code="S11",
    title=Text(en="Shipped, not done in Jira", zh="已上线，Jira 未完成"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(
        en="{requests} went out with {place}, but {issue} is still {status}",
        zh="{requests} 已随 {place} 上线，但 {issue} 仍是“{status}”",
    ),
    means=Text(
        en="Users have {issue} already, and the plan still waits for it",
        zh="用户已在使用 {issue}，而计划仍在等待它",
    ),
    clears=Text(en="Close {issue}, or say what is left of it", zh="关闭 {issue}，或说明还剩什么"),
    find=_find,
    grace=timedelta(hours=24),
    absence=frozenset({"merge_requests", "commits"}),
)
