"""A debt is marked as repaid, and GitLab shows otherwise.

What drifts: the debt's issue is delivered, and neither a merged merge request nor a commit on the default branch implements it or a child of it; or a comment in a
file that Tandem may read still says TODO for it.
Why it matters: the register says that a risk is gone which is probably still there.
Stays quiet: for dropped debt, for debt whose children were built, for comments that name an open issue as well, for marks in vendored code and fixtures (those are not read), while merge requests, commits or the files that
may be read were not completely read, and within ``grace``.
Clears when the work is linked by the issue's key and its TODOs are gone, or the debt is reopened or dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import GitlabIssue, Issue, Todo
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.marks import places_of, untracked
from sync.core.drift.members import closed_at, debt_issue, in_state, is_repaid
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.landed import has_landed
from sync.core.language import Text
from sync.core.world import World

_SHOWN = 5
_LEFT = Text(
    en="Debt {issue} is {status}, but code still says TODO for it: {places}",
    zh="技术债 {issue} 已是“{status}”，但代码中仍有它的 TODO：{places}",
)
_LEFT_MEANS = Text(
    en="The risk {issue} is reported as gone, and those who wrote the code noted that it is not",
    zh="风险 {issue} 被报告为已消除，但代码作者注明并未消除",
)
_LEFT_CLEARS = Text(
    en="Do or remove what the comments say, or reopen or drop {issue}",
    zh="完成或删除注释所说的事，或重新打开或放弃 {issue}",
)


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    issue = debt_issue(world, commitment) if commitment else None
    if issue is None or not is_repaid(world, issue):
        return
    if todos := untracked(world, world.todos.by_issue.get(issue.ref, ())):
        yield _left(world, issue, todos)
    elif isinstance(issue, Issue) and not any(_is_built(world, one) for one in _with_children(world, issue)):
        yield _drift(world, issue)


def _with_children(world: World, issue: Issue) -> tuple[Issue, ...]:
    return (issue, *world.observed.children_of.get(issue.key, ()))


def _is_built(world: World, issue: Issue) -> bool:
    is_merged = bool(in_state(world.work_on(issue), "merged"))
    return is_merged or any(has_landed(world, commit) for commit in world.commits_on(issue))


def _left(world: World, issue: Issue | GitlabIssue, todos: tuple[Todo, ...]) -> Drift:
    status, places = evidence.status_of(issue), places_of(todos)
    return Drift(
        subject=issue.ref,
        since=closed_at(world, issue),
        values=(("issue", evidence.label_of(issue)), ("status", status), ("places", places)),
        evidence=(evidence.of_issue(world, issue), *map(evidence.of_todo, todos[:_SHOWN])),
        trace=(
            evidence.held("the debt is delivered", status),
            evidence.held("comments in files still name it", f"{len(todos)}: {places}"),
        ),
        says=_LEFT,
        clears=_LEFT_CLEARS,
        means=_LEFT_MEANS,
    )


def _drift(world: World, issue: Issue) -> Drift:
    return Drift(
        subject=issue.ref,
        since=closed_at(world, issue),
        values=(("issue", issue.key), ("status", issue.status)),
        evidence=(evidence.of_issue(world, issue), *map(evidence.of_request, world.work_on(issue))),
        trace=(
            evidence.held("the debt is delivered", issue.status),
            evidence.held("merged merge requests and landed commits of it", "0"),
        ),
    )


RULE = Rule(
    code="D03",
    title=Text(en="Debt repaid, evidence says not", zh="技术债已标记偿还，但证据不符"),
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
    absence=frozenset({"merge_requests", "commits", "todos"}),
    judges_closed=True,
)
