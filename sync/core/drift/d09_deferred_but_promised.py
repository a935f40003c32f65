"""A feature that a debt defers is promised elsewhere.

What drifts: the register says that a feature waits for the repayment of a debt, and the feature's issue is being worked on, has a due date or stands in a sprint
that is running.
Why it matters: either the promise cannot be kept, or the debt is not what holds the feature up.
Stays quiet: for features in an open milestone (D02 speaks of them), for done and dropped features, for debt that is repaid, and where the feature has children: its
scope was split, and its parts are planned by themselves.
Clears when the promise is taken back, or the debt no longer defers the feature.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.records import GitlabIssue, Issue
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import debt_issue, is_open, is_open_milestone
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    debt = debt_issue(world, commitment) if commitment else None
    if commitment is None or commitment.debt is None or debt is None or not is_open(world, debt):
        return
    for key in commitment.debt.deferred_features:
        feature = world.observed.issue_by_key.get(key)
        promises = tuple(_promises(world, feature)) if feature else ()
        if feature and promises and not _is_told_elsewhere(world, feature):
            yield _drift(world, debt, feature, promises)


def _promises(world: World, feature: Issue) -> Iterator[str]:
    progress = world.progress_of(feature)
    if progress.is_done:
        return
    if progress in {Progress.IN_PROGRESS, Progress.IN_REVIEW}:
        yield feature.status
    if feature.due_on:
        yield feature.due_on.isoformat()
    sprints = (world.observed.sprint.get((feature.source, id_)) for id_ in feature.sprint_ids)
    yield from (sprint.name for sprint in sprints if sprint and sprint.state == "active")


def _is_told_elsewhere(world: World, feature: Issue) -> bool:
    keys = (m.commitment_key for m in world.memberships_by_record.get(feature.ref, ()))
    is_planned = any(is_open_milestone(world.commitment[key]) for key in keys)
    return is_planned or bool(world.observed.children_of.get(feature.key))


def _drift(world: World, debt: Issue | GitlabIssue, feature: Issue, promises: tuple[str, ...]) -> Drift:
    label, said = evidence.label_of(debt), evidence.joined(promises)
    return Drift(
        subject=feature.ref,
        since=None,
        values=(("debt", label), ("feature", feature.key), ("promise", said)),
        evidence=(evidence.of_issue(world, feature), evidence.of_issue(world, debt)),
        trace=(
            evidence.held("the open debt defers the feature", label),
            evidence.held("the feature is promised", said),
        ),
    )


RULE = Rule(
    code="D09",
    title=Text(en="Deferred feature promised", zh="已推迟的功能另有承诺"),
    severity=Severity.HIGH,
    audience=Audience.BOTH,
    says=Text(
        en="{feature} waits for debt {debt}, but is promised elsewhere: {promise}",
        zh="{feature} 需等待技术债 {debt} 偿还，但已另有承诺：{promise}",
    ),
    means=Text(
        en="{feature} has been promised ({promise}), but cannot be delivered before {debt} is dealt with",
        zh="{feature} 已有承诺（{promise}），但在处理 {debt} 之前无法交付",
    ),
    clears=Text(
        en="Take the promise of {feature} back, or correct what {debt} defers",
        zh="收回对 {feature} 的承诺，或更正 {debt} 所推迟的内容",
    ),
    find=_find,
)
