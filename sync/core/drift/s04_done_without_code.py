"""Jira says done for an item that needs code, and nothing in GitLab names it.

What drifts: the item counts as delivered without any branch, commit or merge request.
Why it matters: either the work is missing or it cannot be traced from the plan.
Stays quiet: for types that need no code (``vocabulary.code_types``; so for epics), for sub-tasks, and where the parent or any child is linked.
It takes silence as evidence, so it is not asked while merge requests, commits or branches were not completely read.
Clears when the change is linked by the item's key, or the item gets a type that needs no code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.records import Issue
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import items_at
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import done_at
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    types = world.spec.vocabulary.code_types
    for item in items_at(world, commitment, Progress.DELIVERED):
        is_code = item.type in types and not item.is_subtask
        if is_code and not any(kin.ref in world.links_by_issue for kin in _kin(world, item)):
            yield _drift(world, item)


def _kin(world: World, item: Issue) -> Iterator[Issue]:
    """The item, all that is below it, and the parent that it was split from (an epic is no such parent)."""
    yield from _with_children(world, item)
    parent = world.observed.issue_by_key.get(item.parent_key or "")
    if parent and parent.type not in world.spec.vocabulary.epic_types:
        yield parent


def _with_children(world: World, item: Issue) -> Iterator[Issue]:
    seen: set[str] = set()
    waiting = [item]
    while waiting:
        issue = waiting.pop()
        if issue.key not in seen:
            seen.add(issue.key)
            yield issue
            waiting += world.observed.children_of.get(issue.key, ())


def _drift(world: World, item: Issue) -> Drift:
    return Drift(
        subject=item.ref,
        since=done_at(world, item),
        values=(("issue", item.key), ("status", item.status), ("type", item.type)),
        evidence=(evidence.of_issue(world, item),),
        trace=(
            evidence.held("the item is delivered", item.status),
            evidence.held("its type needs code", item.type),
            evidence.held("no branch, commit or merge request names it", "0 links"),
        ),
    )


RULE = Rule(
    code="S04",
    title=Text(en="Done in Jira, no code at all", zh="Jira 已完成，没有任何代码"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{issue} ({type}) is {status}, but no branch, commit or merge request names it",
        zh="{issue}（{type}）已是“{status}”，但没有任何分支、提交或合并请求提到它",
    ),
    means=Text(
        en="{issue} counts as delivered, and nothing shows that anything was built",
        zh="{issue} 已计为交付，但没有任何构建的痕迹",
    ),
    clears=Text(
        en="Name {issue} in the merge request that delivered it, or reopen it",
        zh="在交付它的合并请求中注明 {issue}，或重新打开它",
    ),
    find=_find,
    absence=frozenset({"merge_requests", "commits", "branches"}),
)
