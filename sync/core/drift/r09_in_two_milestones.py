"""An open item belongs to two open milestones.

What drifts: the scopes of two milestones of the mapping hold the same item.
Why it matters: it is counted twice, and each side may believe that the other will do it.
Stays quiet: for work that is shared on purpose (a label such as ``shared`` or ``platform``), and for closed milestones. It is told in the first of the milestones only.
Clears when the item is planned in one of them, or labelled as shared.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Issue
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import has_label, is_open_milestone, open_items
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import standing_of
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    if commitment is None or not is_open_milestone(commitment):
        return
    for item in open_items(world, commitment):
        held_by = _open_milestones(world, item)
        is_first = held_by[0].key == commitment.key
        if len(held_by) > 1 and is_first and not has_label(item, world.spec.vocabulary.shared_labels):
            yield _drift(world, item, held_by)


def _open_milestones(world: World, item: Issue) -> tuple[Commitment, ...]:
    keys = sorted({m.commitment_key for m in world.memberships_by_record.get(item.ref, ())})
    return tuple(world.commitment[key] for key in keys if is_open_milestone(world.commitment[key]))


def _drift(world: World, item: Issue, held_by: tuple[Commitment, ...]) -> Drift:
    titles = evidence.joined(commitment.title for commitment in held_by)
    return Drift(
        subject=item.ref,
        since=None,
        values=(("issue", item.key), ("milestones", titles)),
        evidence=(evidence.of_issue(world, item),),
        trace=(
            evidence.held(
                "the item is open", f"{item.status}, {evidence.instant_of(standing_of(world, item).at)}"
            ),
            evidence.held("open milestones that hold it > 1", titles),
        ),
    )


RULE = Rule(
    code="R09",
    title=Text(en="Item in two milestones", zh="事项属于两个里程碑"),
    severity=Severity.INFO,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{issue} belongs to several milestones: {milestones}",
        zh="{issue} 同时属于多个里程碑：{milestones}",
    ),
    means=Text(
        en="{issue} is promised twice: {milestones}",
        zh="{issue} 被重复承诺：{milestones}",
    ),
    clears=Text(
        en="Plan {issue} in one of {milestones}, or label it as shared",
        zh="只在 {milestones} 之一中计划 {issue}，或标记为共享",
    ),
    find=_find,
)
