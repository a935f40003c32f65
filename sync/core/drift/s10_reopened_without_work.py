"""An item was reopened in Jira, and nothing was reopened in GitLab.

What drifts: the item was done, its code was merged, it was taken up again, and since then no commit, branch or merge request has been made for it.
Why it matters: either the defect that was found waits for somebody, or the item was reopened for a reason that its status hides.
Stays quiet: for types that need no code and items that never had any (reopened for paperwork), for items on hold by label, while the reopening is young, and
for items in review.
Clears when work is pushed, or the item is closed again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from connectors.records import Issue
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import has_label, in_state, items_at, newest_work
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import reopened_at
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    open_items = (
        *items_at(world, commitment, Progress.TO_DO),
        *items_at(world, commitment, Progress.IN_PROGRESS),
    )
    for item in open_items:
        at, newest = reopened_at(world, item), newest_work(world, item)
        was_built = bool(in_state(world.work_on(item), "merged"))
        if at is None or not was_built or (newest and newest > at) or not _needs_code(world, item):
            continue
        yield _drift(world, item, at)


def _needs_code(world: World, item: Issue) -> bool:
    vocabulary = world.spec.vocabulary
    return item.type in vocabulary.code_types and not has_label(item, vocabulary.parked_labels)


def _drift(world: World, item: Issue, at: datetime) -> Drift:
    merged = in_state(world.work_on(item), "merged")
    return Drift(
        subject=item.ref,
        since=at,
        values=(("issue", item.key), ("status", item.status), ("day", f"{at:%Y-%m-%d}")),
        evidence=(evidence.of_issue(world, item), *map(evidence.of_request, merged)),
        trace=(
            evidence.held("the item was done and is open again", evidence.instant_of(at)),
            evidence.held("its type needs code", item.type),
            evidence.held("it had merged work", evidence.labels_of(merged)),
            evidence.held("nothing was made for it since", "no commit, branch or merge request"),
        ),
    )


RULE = Rule(
    code="S10",
    title=Text(en="Reopened in Jira, no work in GitLab", zh="Jira 已重新打开，GitLab 无新工作"),
    severity=Severity.WARNING,
    audience=Audience.TECHNICAL,
    says=Text(
        en="{issue} was reopened on {day} and is {status}, but nothing has been pushed for it since",
        zh="{issue} 于 {day} 重新打开，现为“{status}”，此后没有任何代码提交",
    ),
    means=Text(
        en="{issue} came back on {day}, and nobody has taken it up",
        zh="{issue} 于 {day} 退回，至今无人处理",
    ),
    clears=Text(
        en="Push the work under the key {issue}, or close {issue} again",
        zh="以 {issue} 为键推送代码，或再次关闭 {issue}",
    ),
    find=_find,
    grace=timedelta(days=3),
    absence=frozenset({"merge_requests", "commits", "branches"}),
)
