"""Work goes on in GitLab for an item that Jira calls to do.

What drifts: a branch or an open merge request implements the item, and the plan does not know that it was begun.
Why it matters: work in progress is larger than the plan shows, and somebody else may start the same item.
Stays quiet: for the type ``Spike``, for weak links, where all merge requests are merged (that is S05), and for branches that are merged or whose merge
request was closed or merged.
Clears when the item is moved into progress, or the branch is given up.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Branch, Issue, MergeRequest
from mappings.commitments import Commitment
from mappings.links import Role
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import in_state, items_at
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_SPIKE = "spike"


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for item in items_at(world, commitment, Progress.TO_DO):
        work = world.work_on(item)
        is_merged = bool(work) and all(request.state == "merged" for request in work)
        if item.type.casefold() == _SPIKE or is_merged:
            continue
        active: tuple[MergeRequest | Branch, ...] = (
            *in_state(work, "opened"),
            *(b for b in world.branches_on(item) if _is_live(world, item, b)),
        )
        if active:
            yield _drift(world, item, active)


def _is_live(world: World, item: Issue, branch: Branch) -> bool:
    requests = world.requests_from.get((branch.source, branch.project_id, branch.name), ())
    links = world.links_by_change.get(branch.ref, ())
    implements = any(x.issue == item.ref and x.role is Role.IMPLEMENTS for x in links)
    return implements and not branch.is_merged and not in_state(requests, "closed", "merged")


def _drift(world: World, item: Issue, active: tuple[MergeRequest | Branch, ...]) -> Drift:
    labels = evidence.labels_of(active)
    return Drift(
        subject=item.ref,
        since=min(c.created_at if isinstance(c, MergeRequest) else c.committed_at for c in active),
        values=(("issue", item.key), ("status", item.status), ("changes", labels)),
        evidence=(evidence.of_issue(world, item), *map(evidence.of_change, active)),
        trace=(
            evidence.held("the item is to do", item.status),
            evidence.held("open merge requests or live branches > 0", f"{len(active)} ({labels})"),
        ),
    )


RULE = Rule(
    code="S08",
    title=Text(en="Git active, Jira to do", zh="Git 已有活动，Jira 仍未开始"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{issue} is still {status}, but work goes on in {changes}",
        zh="{issue} 仍是“{status}”，但 {changes} 中已有工作",
    ),
    means=Text(
        en="Somebody works on {issue} although it was not begun in the plan",
        zh="有人在做 {issue}，而计划中尚未开始",
    ),
    clears=Text(
        en="Move {issue} into progress, or close {changes}", zh="将 {issue} 移到进行中，或关闭 {changes}"
    ),
    find=_find,
)
