"""The work on a debt is merged, and the debt is still open.

What drifts: every merge request of the debt is merged, nothing newer was pushed for it, and the register still lists it.
Why it matters: the debt seems larger than it is, and others plan around something that is gone.
Stays quiet: for partial fixes (an open child, a title that speaks of a part, a step or a first attempt, or a comment that still says TODO for it), where a merge stands reverted, and within ``grace``.
It speaks in the place of S05 and S06, which leave debt alone.
Clears when the debt's issue is closed, or the rest of the work is pushed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from connectors.records import Issue, MergeRequest
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import debt_issue, is_open, is_settled, merged_at_of
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import standing_of
from sync.core.language import Text
from sync.core.world import World

_PART = re.compile(
    r"\b(?:parts?|partial(?:ly)?|steps?|first|phase|wip|prepare|[1-9]/[1-9])\b|部分|第一步|阶段",
    re.IGNORECASE,
)


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    issue = debt_issue(world, commitment) if commitment else None
    if not isinstance(issue, Issue) or not is_open(world, issue):
        return
    children = world.observed.children_of.get(issue.key, ())
    work = world.work_on(issue)
    is_partial = any(is_open(world, child) for child in children) or any(_PART.search(r.title) for r in work)
    if is_settled(world, issue) and not is_partial and not world.todos.by_issue.get(issue.ref):
        yield _drift(world, issue, work)


def _drift(world: World, issue: Issue, work: tuple[MergeRequest, ...]) -> Drift:
    labels = evidence.labels_of(work)
    return Drift(
        subject=issue.ref,
        since=max(standing_of(world, issue).at, *map(merged_at_of, work)),
        values=(("issue", issue.key), ("status", issue.status), ("requests", labels)),
        evidence=(evidence.of_issue(world, issue), *map(evidence.of_request, work)),
        trace=(
            evidence.held("the debt is open", issue.status),
            evidence.held("all its merge requests are merged, none reverted", labels),
            evidence.held(
                "none of them speaks of a part, no child is open, no TODO in files names it", "none"
            ),
        ),
    )


RULE = Rule(
    code="D04",
    title=Text(en="Debt repaid, still open", zh="技术债已偿还，仍未关闭"),
    severity=Severity.NOTICE,
    audience=Audience.TECHNICAL,
    says=Text(
        en="{requests} of debt {issue} is merged, but {issue} is still {status}",
        zh="技术债 {issue} 的 {requests} 已合并，但 {issue} 仍是“{status}”",
    ),
    means=Text(
        en="The work on the risk {issue} seems to be over, and it is still counted as open",
        zh="风险 {issue} 的处理看来已完成，却仍计为未结",
    ),
    clears=Text(en="Close {issue}, or push the rest of the work", zh="关闭 {issue}，或推送剩余的工作"),
    find=_find,
    grace=timedelta(days=3),
    absence=frozenset({"merge_requests", "commits", "branches", "todos"}),
)
