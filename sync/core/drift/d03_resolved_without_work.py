"""A debt is marked as repaid, and nothing in GitLab shows that anything was done.

What drifts: the debt's issue is delivered, and neither a merged merge request nor a commit on the default branch implements it or a child of it.
Why it matters: the register says that a risk is gone which is probably still there.
Stays quiet: for dropped debt, for debt whose children were built, while merge requests or commits were not completely read, and within ``grace``.
Clears when the work is linked by the issue's key, or the debt is reopened or dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import Issue
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import debt_issue, in_state
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import done_at
from sync.core.landed import has_landed
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    issue = debt_issue(world, commitment) if commitment else None
    if not isinstance(issue, Issue) or world.progress_of(issue) is not Progress.DELIVERED:
        return
    built = [one for one in (issue, *world.observed.children_of.get(issue.key, ())) if _is_built(world, one)]
    if not built:
        yield _drift(world, issue)


def _is_built(world: World, issue: Issue) -> bool:
    is_merged = bool(in_state(world.work_on(issue), "merged"))
    return is_merged or any(has_landed(world, commit) for commit in world.commits_on(issue))


def _drift(world: World, issue: Issue) -> Drift:
    return Drift(
        subject=issue.ref,
        since=done_at(world, issue),
        values=(("issue", issue.key), ("status", issue.status)),
        evidence=(evidence.of_issue(world, issue), *map(evidence.of_request, world.work_on(issue))),
        trace=(
            evidence.held("the debt is delivered", issue.status),
            evidence.held("merged merge requests and landed commits of it", "0"),
        ),
    )


RULE = Rule(
    code="D03",
    title=Text(en="Debt repaid without work", zh="技术债已标记偿还，但无任何工作"),
    severity=Severity.WARNING,
    audience=Audience.TECHNICAL,
    says=Text(
        en="Debt {issue} is {status}, but no merged work names it",
        zh="技术债 {issue} 已是“{status}”，但没有任何已合并的工作提到它",
    ),
    means=Text(
        en="The risk {issue} is reported as gone, and nothing shows that anybody worked on it",
        zh="风险 {issue} 被报告为已消除，但没有任何工作记录",
    ),
    clears=Text(
        en="Link the work by the key {issue}, or reopen or drop {issue}",
        zh="以 {issue} 为键关联工作，或重新打开或放弃 {issue}",
    ),
    find=_find,
    grace=timedelta(hours=24),
    absence=frozenset({"merge_requests", "commits"}),
    judges_closed=True,
)
