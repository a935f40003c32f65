"""A debt has no date until which it is accepted, or no reason.

What drifts: the register has a place for the date and the reason (the mapping names the debt itself, or the fields of discovered debt), and one of them is empty.
Why it matters: debt without terms is never decided about again. A missing owner is G01's matter.
Stays quiet: for repaid and dropped debt, for entries for which the mapping gives no place, for ``grace`` after the debt was noted, and for imported backlogs
(label ``imported``).
Clears when the terms are written down.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import GitlabIssue, Issue
from mappings.commitments import Commitment
from mappings.terms import Debt
from sync.core.drift import evidence
from sync.core.drift.members import debt_issue, has_label, is_open
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_IMPORTED = frozenset({"imported", "导入"})


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    issue = debt_issue(world, commitment) if commitment else None
    if commitment is None or commitment.debt is None or issue is None or not is_open(world, issue):
        return
    lacking = _lacking(commitment.debt)
    if lacking and not has_label(issue, _IMPORTED):
        yield _drift(world, issue, lacking)


def _lacking(debt: Debt) -> tuple[str, ...]:
    held = {"accepted_until": debt.accepted_until, "reason": debt.reason}
    return tuple(name for name, value in held.items() if name in debt.asked and not value)


def _drift(world: World, issue: Issue | GitlabIssue, lacking: tuple[str, ...]) -> Drift:
    label, names = evidence.label_of(issue), evidence.joined(lacking)
    return Drift(
        subject=issue.ref,
        since=issue.created_at,
        values=(("issue", label), ("lacking", names)),
        evidence=(evidence.of_issue(world, issue),),
        trace=(
            evidence.held("the debt is open", evidence.status_of(issue)),
            evidence.held("terms that the register asks for and that are empty", names),
        ),
    )


RULE = Rule(
    code="D05",
    title=Text(en="Debt without terms", zh="技术债缺少约定"),
    severity=Severity.NOTICE,
    audience=Audience.BOTH,
    says=Text(en="Debt {issue} has no: {lacking}", zh="技术债 {issue} 缺少：{lacking}"),
    means=Text(
        en="Nobody has written down how long, or why, the risk {issue} is carried",
        zh="没有人写明风险 {issue} 承担到何时或为何承担",
    ),
    clears=Text(en="Write down for {issue}: {lacking}", zh="为 {issue} 补充：{lacking}"),
    find=_find,
    grace=timedelta(days=14),
)
