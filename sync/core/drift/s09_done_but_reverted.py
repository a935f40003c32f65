"""Jira says done, and the merge request that delivered the item was reverted.

What drifts: the item counts as delivered and its code has been taken out again.
Why it matters: nobody plans the work anew, and the release goes out without it.
Stays quiet: where the revert was itself reverted, where only some of the commits were taken back, and where a later merge request of the item was merged
after the revert and stands. It is judged for closed commitments too: what was delivered can still be taken back.
Clears when the item is reopened, or its code is merged again.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Branch, Commit, Issue, MergeRequest
from mappings.commitments import Commitment
from mappings.reverts import Revert
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import in_state, items_at, stands_reverted
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for item in items_at(world, commitment, Progress.DELIVERED):
        merged = in_state(world.work_on(item), "merged")
        reverts = [
            (revert.at, revert.by, revert, request)
            for request in merged
            for revert in world.reverts_by_change.get(request.ref, ())
            if not revert.is_partial and not _is_merged_again(world, merged, revert)
        ]
        if reverts:
            _, _, revert, request = max(reverts, key=lambda found: found[:2])
            yield _drift(world, item, request, revert=revert)


def _is_merged_again(world: World, merged: tuple[MergeRequest, ...], revert: Revert) -> bool:
    return any(
        request.merged_at is not None
        and request.merged_at > revert.at
        and request.ref != revert.by
        and not stands_reverted(world, request)
        for request in merged
    )


def _drift(world: World, item: Issue, request: MergeRequest, *, revert: Revert) -> Drift:
    by = world.observed.by_ref.get(revert.by)
    reverting = (by,) if isinstance(by, MergeRequest | Commit | Branch) else ()
    label = evidence.labels_of(reverting) or revert.by.id
    return Drift(
        subject=item.ref,
        since=revert.at,
        values=(
            ("issue", item.key),
            ("status", item.status),
            ("request", request.reference),
            ("revert", label),
        ),
        evidence=(
            evidence.of_issue(world, item),
            evidence.of_request(request),
            *map(evidence.of_change, reverting),
        ),
        trace=(
            evidence.held("the item is delivered", item.status),
            evidence.held(
                f"{request.reference} stands reverted", f"by {label} at {evidence.instant_of(revert.at)}"
            ),
            evidence.held("no other merge request of it was merged since", "none"),
        ),
    )


RULE = Rule(
    code="S09",
    title=Text(en="Done in Jira, reverted in GitLab", zh="Jira 已完成，GitLab 已回滚"),
    severity=Severity.CRITICAL,
    audience=Audience.BOTH,
    says=Text(
        en="{request} was reverted by {revert}, but {issue} is still {status}",
        zh="{request} 已被 {revert} 回滚，但 {issue} 仍是“{status}”",
    ),
    means=Text(
        en="{issue} counts as delivered, but was taken out of the product again",
        zh="{issue} 已计为交付，但已从产品中撤回",
    ),
    clears=Text(en="Reopen {issue}, or merge its code again", zh="重新打开 {issue}，或再次合并其代码"),
    find=_find,
    judges_closed=True,
)
