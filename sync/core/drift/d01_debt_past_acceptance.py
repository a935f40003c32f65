"""A tech debt is still there after the last day on which it was accepted.

What drifts: the register says until when the debt is accepted, that day has ended, and the debt is not repaid.
Why it matters: an acceptance that nobody renews is no decision any more.
Stays quiet: on the last day itself (the date is inclusive, in the calendar's zone), for repaid and dropped debt, and for debt without a date.
Clears when the debt is repaid, or its acceptance is renewed.
"""

from __future__ import annotations

from collections.abc import Iterable

from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import debt_issue, is_open
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    until = commitment.debt.accepted_until if commitment and commitment.debt else None
    issue = debt_issue(world, commitment) if commitment else None
    if until is None or issue is None or not is_open(world, issue):
        return
    ended = Calendar(world.spec.calendar).end_of(until)
    if ended > world.now:
        return
    day = until.isoformat()
    yield Drift(
        subject=issue.ref,
        since=ended,
        values=(("issue", evidence.label_of(issue)), ("until", day), ("status", evidence.status_of(issue))),
        evidence=(evidence.of_issue(world, issue),),
        trace=(
            evidence.held("the debt is open", evidence.status_of(issue)),
            evidence.held("the day after its acceptance has begun", f"accepted until {day}"),
        ),
    )


RULE = Rule(
    code="D01",
    title=Text(en="Debt past its acceptance", zh="技术债已过接受期限"),
    severity=Severity.HIGH,
    audience=Audience.TECHNICAL,
    says=Text(
        en="Debt {issue} was accepted until {until} and is still {status}",
        zh="技术债 {issue} 的接受期限为 {until}，目前仍是“{status}”",
    ),
    means=Text(
        en="The agreed time for carrying the risk {issue} ended on {until}, and the risk is still there",
        zh="风险 {issue} 的约定承担期已于 {until} 结束，风险仍在",
    ),
    clears=Text(en="Repay {issue}, or renew its acceptance", zh="偿还 {issue}，或更新其接受期限"),
    find=_find,
)
