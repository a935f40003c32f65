"""The code is merged, and Jira still says to do.

What drifts: the work is done and the plan does not know it.
Why it matters: progress and forecast are worse on paper than in truth, and somebody may start the item again.
Stays quiet: for debt items (D04 speaks of them), for items that were reopened (S10) or hide behind a feature flag, while any merge request of the item is not merged (the first of several), and where a merged one stands reverted.
Clears when the item is moved to the status that it deserves.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import Issue, MergeRequest
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import beside_debt, is_hidden, items_at, stands_reverted
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import reopened_at
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for item in items_at(world, beside_debt(commitment), Progress.TO_DO):
        work = world.work_on(item)
        is_merged = bool(work) and all(request.state == "merged" for request in work)
        is_reopened = reopened_at(world, item) is not None
        is_quiet = is_reopened or is_hidden(world, item, work)
        if is_merged and not is_quiet and not any(stands_reverted(world, r) for r in work):
            yield _drift(world, item, work)


def _drift(world: World, item: Issue, requests: tuple[MergeRequest, ...]) -> Drift:
    labels = evidence.labels_of(requests)
    return Drift(
        subject=item.ref,
        since=max(request.merged_at or request.updated_at for request in requests),
        values=(("issue", item.key), ("status", item.status), ("requests", labels)),
        evidence=(evidence.of_issue(world, item), *map(evidence.of_request, requests)),
        trace=(
            evidence.held("the item is to do", item.status),
            evidence.held("all implementing merge requests are merged", labels),
            evidence.held("none of them stands reverted", "0 reverted"),
        ),
    )


RULE = Rule(
    code="S05",
    title=Text(en="Merged, still to do in Jira", zh="代码已合并，Jira 仍未开始"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(
        en="{requests} is merged, but {issue} is still {status}",
        zh="{requests} 已合并，但 {issue} 仍是“{status}”",
    ),
    means=Text(
        en="{issue} is further than the plan knows: it is built and counts as not begun",
        zh="{issue} 的进度超出计划所知：已构建完成，却计为未开始",
    ),
    clears=Text(en="Move {issue} on in Jira", zh="在 Jira 中推进 {issue} 的状态"),
    find=_find,
    grace=timedelta(hours=24),
)
