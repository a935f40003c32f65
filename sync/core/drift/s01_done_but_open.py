"""Jira says done while a merge request that implements the item is still open.

What drifts: the item counts as delivered and part of its code is not on the target branch.
Why it matters: a release built now does not hold what the plan calls finished.
Stays quiet: for drafts, for merge requests that only mention the key, for documentation (source branch ``docs/...`` or label ``documentation``),
and for back-ports and follow-ups (opened after the item was done, while another merge request of it is merged).
Clears when the merge request is merged or closed, or the item is reopened.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import Issue, MergeRequest
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import in_state, is_docs, items_at
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import done_at
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for item in items_at(world, commitment, Progress.DELIVERED):
        if requests := _unfinished(world, item):
            yield _drift(world, item, requests)


def _unfinished(world: World, item: Issue) -> tuple[MergeRequest, ...]:
    work = world.work_on(item)
    is_merged = bool(in_state(work, "merged"))
    done = done_at(world, item)
    return tuple(
        request
        for request in in_state(work, "opened")
        if not request.is_draft and not is_docs(request) and not (is_merged and request.created_at > done)
    )


def _drift(world: World, item: Issue, requests: tuple[MergeRequest, ...]) -> Drift:
    done, labels = done_at(world, item), evidence.labels_of(requests)
    return Drift(
        subject=item.ref,
        since=max(done, min(request.created_at for request in requests)),
        values=(("issue", item.key), ("status", item.status), ("requests", labels)),
        evidence=(evidence.of_issue(world, item), *map(evidence.of_request, requests)),
        trace=(
            evidence.held("the item is delivered", f"{item.status} since {evidence.instant_of(done)}"),
            evidence.held("open implementing merge requests > 0", f"{len(requests)} ({labels})"),
        ),
    )


RULE = Rule(
    code="S01",
    title=Text(en="Done in Jira, merge request open", zh="Jira 已完成，合并请求仍未合并"),
    severity=Severity.HIGH,
    audience=Audience.BOTH,
    says=Text(
        en="{issue} is {status}, but {requests} is still open",
        zh="{issue} 已是“{status}”，但 {requests} 仍未合并",
    ),
    means=Text(
        en="{issue} counts as delivered, but part of it is not in the product yet",
        zh="{issue} 已计为交付，但仍有部分未进入产品",
    ),
    clears=Text(
        en="Merge or close {requests}, or reopen {issue}", zh="合并或关闭 {requests}，或重新打开 {issue}"
    ),
    explained_by=frozenset({"S09"}),  # whoever reopens what was reverted clears both
    find=_find,
    grace=timedelta(hours=24),
)
