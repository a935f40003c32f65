"""A write to Jira failed so often that it is not tried any more.

What drifts: what Tandem has to say and what stands in Jira.
Why it matters: the comment or property there is old, and nobody who reads it can see that.
Stays quiet: while a write is still tried, and for writes that were given up with ``tandem outbox drop``.
Clears when the write succeeds, is dropped, or there is something new to say (which is tried anew).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from mappings.commitments import Commitment
from sync.core.condition import DeadLetter
from sync.core.drift import evidence
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for dead in world.condition.dead:
        yield _drift(world, dead)


def _drift(world: World, dead: DeadLetter) -> Drift:
    times, at = str(dead.attempts), evidence.instant_of(dead.since)
    issue = evidence.of_slot(
        world, dead.slot, observed=f"{dead.target} failed {times} times, last {at}: {dead.reason}"
    )
    values = {"issue": issue.label, "target": dead.target, "times": times, "at": at, "reason": dead.reason}
    return Drift(
        subject=issue.record,
        discriminator=f"{dead.slot.commitment_key}/{dead.target}",
        since=dead.since,
        values=tuple(values.items()),
        evidence=(issue,),
        trace=(
            evidence.held("the write is a dead letter", f"{dead.slot} {dead.target}, {times} attempts"),
            evidence.held("last attempt", at),
        ),
    )


RULE = Rule(
    code="X03",
    title=Text(en="Write failed", zh="写入失败"),
    severity=Severity.WARNING,
    audience=Audience.OPERATOR,
    says=Text(
        en="The {target} on {issue} was not written: {times} attempts failed, the last one at {at}: {reason}",
        zh="{issue} 上的 {target} 未能写入：已失败 {times} 次，最近一次在 {at}：{reason}",
    ),
    clears=Text(
        en="Remove the cause, then: tandem outbox retry {issue}; to give it up: tandem outbox drop {issue}",
        zh="排除原因后运行：tandem outbox retry {issue}；放弃则运行：tandem outbox drop {issue}",
    ),
    find=_find,
    lag=timedelta(0),
    is_global=True,
)
