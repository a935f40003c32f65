"""Jira says done, but every merge request of the item was closed without being merged.

What drifts: the item counts as delivered and nothing of its code was taken.
Why it matters: the feature is missing although the plan no longer speaks of it.
Stays quiet: for dropped items, and where a commit that implements the item is on the default branch by another way.
Clears when the code is merged, or the item is reopened or resolved as dropped.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Issue, MergeRequest
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import items_at
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import done_at
from sync.core.landed import has_landed
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for item in items_at(world, commitment, Progress.DELIVERED):
        work = world.work_on(item)
        if work and all(r.state == "closed" for r in work) and not _landed_otherwise(world, item):
            yield _drift(world, item, work)


def _landed_otherwise(world: World, item: Issue) -> bool:
    return any(has_landed(world, commit) for commit in world.commits_on(item))


def _drift(world: World, item: Issue, requests: tuple[MergeRequest, ...]) -> Drift:
    done, labels = done_at(world, item), evidence.labels_of(requests)
    closed = (request.closed_at or request.updated_at for request in requests)
    return Drift(
        subject=item.ref,
        since=max(done, *closed),
        values=(("issue", item.key), ("status", item.status), ("requests", labels)),
        evidence=(evidence.of_issue(world, item), *map(evidence.of_request, requests)),
        trace=(
            evidence.held("the item is delivered", f"{item.status} since {evidence.instant_of(done)}"),
            evidence.held("all implementing merge requests are closed unmerged", labels),
            evidence.held("no implementing commit is on the default branch", "none"),
        ),
    )


RULE = Rule(
    code="S02",
    title=Text(en="Done in Jira, nothing merged", zh="Jira 已完成，代码未合并"),
    severity=Severity.HIGH,
    audience=Audience.TECHNICAL,
    says=Text(
        en="{issue} is {status}, but {requests} was closed without a merge",
        zh="{issue} 已是“{status}”，但 {requests} 未合并就被关闭",
    ),
    means=Text(
        en="{issue} counts as delivered, but its work was thrown away",
        zh="{issue} 已计为交付，但其工作已被放弃",
    ),
    clears=Text(
        en="Reopen {issue}, or reopen and merge {requests}",
        zh="重新打开 {issue}，或重新打开并合并 {requests}",
    ),
    find=_find,
)
