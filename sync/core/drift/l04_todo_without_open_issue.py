"""A TODO in the code refers to an issue that is closed or missing, or many of them to none.

What drifts: a comment in a file that Tandem may read says that something is left to do for an issue that is closed or does not exist, or ``todos`` comments or more below one
mapped place (TODO and FIXME) name no issue at all.
Why it matters: nobody plans by comments. What is left to do there has no owner, no date and no priority.
Stays quiet: for comments that name an open issue, for marks in strings, vendored folders, fixtures and test data (those are not read), for addresses and numbers of other trackers, for repaid debt
(D03 speaks of it), and while issues or the files that may be read were not completely read. One finding for each issue, key or place, never one for each comment.
Clears when the comment goes, or names an open issue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.records import GitlabIssue, Issue, Ref, Todo, TodoScan
from mappings.commitments import Commitment
from mappings.touched import is_below
from sync.core.drift import evidence
from sync.core.drift.marks import places_of, untracked
from sync.core.drift.members import closed_at, debt_issue, is_open, is_repaid
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_SHOWN = 5
_PROMISES = frozenset({"TODO", "FIXME"})
_MISSING = Text(
    en="Code says TODO for {key}, and no such issue is known: {places}",
    zh="代码中的 TODO 提到 {key}，但没有这样的工作项：{places}",
)
_MISSING_MEANS = Text(
    en="Something is left to do for {key}, which nobody plans with",
    zh="有遗留工作记在 {key} 名下，而没有人以它做计划",
)
_MISSING_CLEARS = Text(
    en="Correct {key} in the comment, or make the issue visible",
    zh="更正注释中的 {key}，或使该工作项可见",
)
_UNNAMED = Text(
    en="{count} of {total} TODOs in {place} name no issue",
    zh="{place} 的 {total} 个 TODO 中有 {count} 个未注明工作项",
)
_UNNAMED_MEANS = Text(
    en="{count} notes of unfinished work in {place} are in no plan",
    zh="{place} 中有 {count} 条遗留工作不在任何计划中",
)
_UNNAMED_CLEARS = Text(
    en="Name an issue in the comments in {place}, or remove what nobody will do",
    zh="在 {place} 的注释中写明工作项，或删除不再打算做的内容",
)


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    yield from _closed(world)
    yield from _missing(world)
    yield from _unnamed(world, options)


def _closed(world: World) -> Iterator[Drift]:
    repaid = frozenset(_repaid_debt(world))
    for ref, todos in world.todos.by_issue.items():
        issue = world.observed.by_ref[ref]
        if not isinstance(issue, Issue | GitlabIssue) or is_open(world, issue) or ref in repaid:
            continue
        if left := untracked(world, todos):
            yield _of_closed(world, issue, left)


def _repaid_debt(world: World) -> Iterator[Ref]:
    for commitment in world.commitments:
        issue = debt_issue(world, commitment)
        if issue and is_repaid(world, issue):
            yield issue.ref


def _of_closed(world: World, issue: Issue | GitlabIssue, todos: tuple[Todo, ...]) -> Drift:
    status, places = evidence.status_of(issue), places_of(todos)
    return Drift(
        subject=issue.ref,
        since=closed_at(world, issue),
        values=(("issue", evidence.label_of(issue)), ("status", status), ("places", places)),
        evidence=(evidence.of_issue(world, issue), *map(evidence.of_todo, todos[:_SHOWN])),
        trace=(
            evidence.held("the issue is closed", status),
            evidence.held("comments in files name it", f"{len(todos)}: {places}"),
        ),
    )


def _missing(world: World) -> Iterator[Drift]:
    ours = {project for source in world.spec.sources.jira for project in source.projects}
    for key, naming in world.todos.by_unknown_key.items():
        todos = untracked(world, naming)
        if todos and key.rpartition("-")[0] in ours:
            yield Drift(
                subject=todos[0].ref,
                discriminator=key,
                since=None,
                values=(("key", key), ("places", places_of(todos))),
                evidence=tuple(map(evidence.of_todo, todos[:_SHOWN])),
                trace=(
                    evidence.held("the key's project is mapped", key.rpartition("-")[0]),
                    evidence.held("no issue has or had this key", key),
                ),
                says=_MISSING,
                clears=_MISSING_CLEARS,
                means=_MISSING_MEANS,
            )


def _unnamed(world: World, options: Options) -> Iterator[Drift]:
    for scan in world.observed.all(TodoScan):
        here = tuple(t for t in world.todos.all if _is_in(scan, t) and t.mark in _PROMISES)
        loose = tuple(t for t in here if not world.todos.names_an_issue(t))
        if len(loose) >= options.thresholds["todos"] and loose:
            yield _of_unnamed(world, scan, loose, total=len(here))


def _is_in(scan: TodoScan, todo: Todo) -> bool:
    is_of_project = (todo.source, todo.project_id) == (scan.source, scan.project_id)
    return is_of_project and is_below(todo.path, scan.path)


def _of_unnamed(world: World, scan: TodoScan, loose: tuple[Todo, ...], *, total: int) -> Drift:
    count = str(len(loose))
    subject = evidence.of_scan(world, scan, observed=f"{count} of {total} TODOs name no issue")
    return Drift(
        subject=scan.ref,
        since=None,
        values=(("count", count), ("total", str(total)), ("place", subject.label)),
        evidence=(subject, *map(evidence.of_todo, loose[:_SHOWN])),
        trace=(evidence.held("comments that name no issue", f"{count} of {total}"),),
        says=_UNNAMED,
        clears=_UNNAMED_CLEARS,
        means=_UNNAMED_MEANS,
    )


RULE = Rule(
    code="L04",
    title=Text(en="TODO without an open issue", zh="TODO 没有对应的未关闭工作项"),
    severity=Severity.NOTICE,
    audience=Audience.TECHNICAL,
    says=Text(
        en="Code says TODO for {issue}, which is {status}: {places}",
        zh="代码中仍有 {issue} 的 TODO，而它已是“{status}”：{places}",
    ),
    means=Text(
        en="{issue} counts as finished, and its authors noted that something is left to do",
        zh="{issue} 已计为完成，但其作者注明仍有遗留",
    ),
    clears=Text(
        en="Do or remove what the comments say, or name an open issue in them instead of {issue}",
        zh="完成或删除注释所说的事，或在其中以未关闭的工作项代替 {issue}",
    ),
    find=_find,
    thresholds=(("todos", 10),),
    absence=frozenset({"issues", "todos"}),
    is_global=True,
)
