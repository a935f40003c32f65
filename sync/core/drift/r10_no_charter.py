"""A milestone has no items, or the mapping does not say what ends it or when its scope was agreed.

What drifts: an open milestone holds no item at all; or one that the mapping names has no exit criteria or no baseline.
Why it matters: without them nobody can say whether it was reached, or how much it has grown.
Stays quiet: for ``grace`` (a new milestone), for closed ones, and for exit criteria and baseline of milestones that were discovered: there is no place to write them.
Clears when items are planned, and ``exit_criteria`` and ``baseline_on`` stand in the mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from connectors.records import Milestone, Version
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import is_open_milestone
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    if commitment is None or not is_open_milestone(commitment):
        return
    if lacking := tuple(_lacking(world, commitment)):
        yield _drift(world, commitment, lacking)


def _lacking(world: World, commitment: Commitment) -> Iterator[str]:
    if not world.memberships_in(commitment):
        yield "items"
    if commitment.charter and not commitment.charter.exit_criteria:
        yield "exit_criteria"
    if commitment.charter and not commitment.charter.baseline_on:
        yield "baseline_on"


def _drift(world: World, commitment: Commitment, lacking: tuple[str, ...]) -> Drift:
    names = evidence.joined(lacking)
    return Drift(
        subject=evidence.commitment_ref(commitment),
        since=_begun_at(world, commitment),
        values=(("commitment", commitment.title), ("lacking", names)),
        evidence=(evidence.of_commitment(world, commitment, observed=f"without {names}"),),
        trace=(
            evidence.held("the milestone is open", commitment.title),
            evidence.held("it lacks", names),
        ),
    )


def _begun_at(world: World, commitment: Commitment) -> datetime | None:
    """When the first of its versions and GitLab milestones began; None if none of them tells."""
    anchors = (world.observed.by_ref.get(ref) for ref in commitment.anchors)
    days = [a.start_on for a in anchors if isinstance(a, Version | Milestone) and a.start_on]
    begun = Calendar(world.spec.calendar).start_of(min(days)) if days else None
    return begun if begun and begun <= world.now else None


RULE = Rule(
    code="R10",
    title=Text(en="Milestone without a charter", zh="里程碑缺少约定"),
    severity=Severity.NOTICE,
    audience=Audience.BOTH,
    says=Text(en="{commitment} has no: {lacking}", zh="{commitment} 缺少：{lacking}"),
    means=Text(
        en="It cannot be said when {commitment} is reached, or how much it has grown (no: {lacking})",
        zh="无法判断 {commitment} 何时算达成或增长了多少（缺少：{lacking}）",
    ),
    clears=Text(
        en="Plan items into {commitment}, or write what is lacking into the mapping: {lacking}",
        zh="为 {commitment} 安排事项，或在映射文件中补充：{lacking}",
    ),
    find=_find,
    grace=timedelta(days=14),
)
