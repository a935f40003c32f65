"""New debt was taken on in a core module.

What drifts: a debt whose modules overlap with those that the mapping calls core was noted within the last ``days`` days.
Why it matters: debt in the core is paid by everybody, so it deserves a decision of its own.
Stays quiet: where the mapping names no core, for repaid and dropped debt, and for generated code (a path with a part such as ``generated`` or ``gen``).
Clears when the debt is repaid, or ``days`` days have gone by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.records import GitlabIssue, Issue
from mappings.commitments import Commitment
from mappings.terms import Debt
from sync.core.drift import evidence
from sync.core.drift.changes import is_recent
from sync.core.drift.members import debt_issue, is_open
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_GENERATED = frozenset({"generated", "gen", "autogen", "_generated"})


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    issue = debt_issue(world, commitment) if commitment else None
    if commitment is None or commitment.debt is None or issue is None or not is_open(world, issue):
        return
    modules = tuple(_core_modules(world, commitment.debt))
    if modules and is_recent(world, issue.created_at, options):
        yield _drift(world, issue, modules)


def _core_modules(world: World, debt: Debt) -> Iterator[str]:
    for project, prefix in debt.modules:
        is_generated = not _GENERATED.isdisjoint(prefix.casefold().split("/"))
        is_core = any(
            str(core.project).casefold() == project.casefold() and _overlap(prefix, core.prefix)
            for core in world.spec.core
        )
        if is_core and not is_generated:
            yield f"{project}:{prefix}"


def _overlap(one: str, other: str) -> bool:
    """True if one path lies at or below the other."""
    first, second = (f"{path.strip('/')}/" if path.strip("/") else "" for path in (one, other))
    return first.startswith(second) or second.startswith(first)


def _drift(world: World, issue: Issue | GitlabIssue, modules: tuple[str, ...]) -> Drift:
    label, names = evidence.label_of(issue), evidence.joined(modules)
    return Drift(
        subject=issue.ref,
        since=issue.created_at,
        values=(("issue", label), ("modules", names), ("day", f"{issue.created_at:%Y-%m-%d}")),
        evidence=(evidence.of_issue(world, issue),),
        trace=(
            evidence.held("the debt weighs on a core module", names),
            evidence.held("it is new", evidence.instant_of(issue.created_at)),
        ),
    )


RULE = Rule(
    code="D06",
    title=Text(en="New debt in a core module", zh="核心模块新增技术债"),
    severity=Severity.WARNING,
    audience=Audience.TECHNICAL,
    says=Text(
        en="Debt {issue} was taken on in core module {modules} on {day}",
        zh="技术债 {issue} 于 {day} 在核心模块 {modules} 中产生",
    ),
    means=Text(
        en="Since {day} a central part of the product carries a new risk ({issue})",
        zh="自 {day} 起，产品核心部分新增了一项风险（{issue}）",
    ),
    clears=Text(en="Repay {issue}, or decide to carry it", zh="偿还 {issue}，或决定承担它"),
    find=_find,
    thresholds=(("days", 30),),
)
