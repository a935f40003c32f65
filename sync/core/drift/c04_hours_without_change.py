"""Hours and changes of a milestone do not fit together.

What drifts: ``items`` or more of its items have hours and no change in GitLab, or a change and no hours although the team logs hours.
Why it matters: cost that is told by hours, and progress that is told by code, speak of different work.
Stays quiet: for types that need no code, below ``hours`` hours on one item, and for missing hours where fewer than half of the delivered items have any (the team does
not log). Meetings and pairing explain single items, so only sums over the milestone are told, and never a person.
Clears when hours and changes are booked on the items they belong to.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Issue
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import is_open_milestone
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.progress import items_of
from sync.core.world import World

_UNBOOKED = Text(
    en="{commitment} holds {count} delivered items with changes and no hours",
    zh="{commitment} 有 {count} 个已交付事项有代码变更而没有工时",
)
_HOUR_S = 3600


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    if commitment is None or not is_open_milestone(commitment):
        return
    items = [i for i in items_of(world, commitment) if i.type in world.spec.vocabulary.code_types]
    hours = {item.ref: sum(log.spent_s for log in world.worklogs_on(item)) / _HOUR_S for item in items}
    bare = tuple(i for i in items if hours[i.ref] >= options.thresholds["hours"] and not _is_coded(world, i))
    if len(bare) >= options.thresholds["items"]:
        yield _drift(world, commitment, bare, side="hours")
    done = [i for i in items if world.progress_of(i) is Progress.DELIVERED and _is_coded(world, i)]
    unbooked = tuple(i for i in done if not hours[i.ref])
    if options.thresholds["items"] <= len(unbooked) <= len(done) / 2:
        yield _drift(world, commitment, unbooked, side="changes")


def _is_coded(world: World, item: Issue) -> bool:
    family = (item, *world.observed.children_of.get(item.key, ()))
    return any(world.links_by_issue.get(one.ref) for one in family)


def _drift(world: World, commitment: Commitment, items: tuple[Issue, ...], *, side: str) -> Drift:
    count = str(len(items))
    is_hours = side == "hours"
    return Drift(
        subject=evidence.commitment_ref(commitment),
        discriminator=side,
        since=None,
        values=(("commitment", commitment.title), ("count", count)),
        evidence=(
            evidence.of_commitment(world, commitment, observed=f"{count} items with {side} only"),
            *(evidence.of_issue(world, item) for item in items[:5]),
        ),
        trace=(
            evidence.held("items that need code, with " + ("hours" if is_hours else "changes"), count),
            evidence.held("and without " + ("any change" if is_hours else "any hours"), count),
        ),
        says=None if is_hours else _UNBOOKED,
    )


RULE = Rule(
    code="C04",
    title=Text(en="Hours and changes do not fit", zh="工时与变更不匹配"),
    severity=Severity.INFO,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{commitment} holds {count} items with hours and no change in GitLab",
        zh="{commitment} 有 {count} 个事项有工时而没有代码变更",
    ),
    means=Text(
        en="On {commitment} effort and results do not match for {count} items",
        zh="{commitment} 有 {count} 个事项的投入与成果对不上",
    ),
    clears=Text(
        en="Book hours and changes of {commitment} on the items they belong to",
        zh="将 {commitment} 的工时与变更登记到所属事项",
    ),
    find=_find,
    thresholds=(("items", 3), ("hours", 8)),
    absence=frozenset({"merge_requests", "commits", "branches", "worklogs"}),
)
