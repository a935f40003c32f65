"""Scope was added to a milestone after its baseline.

What drifts: items joined after the day at whose end the scope was agreed (``baseline_on`` in the mapping), ``warning_percent`` of the baseline or more.
Why it matters: the date was promised for less work.
Stays quiet: for milestones without a baseline, for dropped items and sub-tasks, for parts of an item of the baseline (a child of it, or linked to it as a split), for
moved and re-keyed issues (an issue keeps its age), and for bulk edits: five or more old items that one person put in within ten minutes.
An item joined when the fix version or epic that the milestone stands for was set, and with its creation where no such change is known.
Clears when the scope is reduced, or the baseline is agreed anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from connectors.records import Issue
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import is_open_milestone
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.membership_history import Joined, baseline_of, is_bulk, joined_after
from sync.core.world import World

_SHOWN = 5


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    end = baseline_of(world, commitment)
    if commitment is None or end is None or not is_open_milestone(commitment):
        return
    joined = joined_after(world, commitment, end)
    late = {j.item.ref for j in joined.late}
    agreed = tuple(item for item in world.issues_in(commitment) if item.ref not in late)
    added = tuple(
        j for j in joined.late if not is_bulk(j, joined.late) and not _is_part(world, j.item, agreed)
    )
    percent = 100 * len(added) / max(1, len(joined.early))
    if added and percent >= options.thresholds["warning_percent"]:
        trace = (
            evidence.held("the scope was agreed by", evidence.instant_of(end)),
            evidence.held(
                f"added scope >= {options.thresholds['warning_percent']:g} % of it",
                f"{percent:.0f} % ({len(added)} items)",
            ),
        )
        is_high = percent >= options.thresholds["high_percent"]
        drift = _drift(world, commitment, added, percent=percent)
        yield replace(drift, trace=trace, severity=Severity.HIGH if is_high else Severity.WARNING)


def _is_part(world: World, item: Issue, agreed: tuple[Issue, ...]) -> bool:
    """True for a child of an item of the baseline, and for one that is linked to it as a split."""
    ids, keys = {i.id for i in agreed}, {i.key for i in agreed}
    epics = world.spec.vocabulary.epic_types
    parent = world.observed.issue_by_key.get(item.parent_key or "")
    is_child = item.parent_key in keys and parent is not None and parent.type not in epics
    return is_child or any("split" in link.type.casefold() and link.other_id in ids for link in item.links)


def _drift(world: World, commitment: Commitment, added: tuple[Joined, ...], *, percent: float) -> Drift:
    labels = evidence.joined(j.item.key for j in added[:_SHOWN])
    return Drift(
        subject=evidence.commitment_ref(commitment),
        since=min(j.at for j in added),
        values=(
            ("commitment", commitment.title),
            ("count", str(len(added))),
            ("percent", f"{percent:.0f}"),
            ("issues", labels),
        ),
        evidence=(
            evidence.of_commitment(world, commitment, observed=f"{len(added)} items added"),
            *(evidence.of_joined(j.item, j.at, j.author_name) for j in added[:_SHOWN]),
        ),
    )


RULE = Rule(
    code="R04",
    title=Text(en="Scope added after the baseline", zh="基线之后新增范围"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(
        en="{commitment} has grown by {percent} % since its baseline; items added: {count} ({issues})",
        zh="{commitment} 自基线以来范围增长 {percent} %，新增 {count} 项（{issues}）",
    ),
    means=Text(
        en="{commitment} is {percent} % larger than what its date was promised for ({count} items)",
        zh="{commitment} 比承诺日期时增大了 {percent} %（{count} 项）",
    ),
    clears=Text(
        en="Take scope out of {commitment}, or agree on a new baseline and date",
        zh="缩减 {commitment} 的范围，或商定新的基线与日期",
    ),
    find=_find,
    thresholds=(("warning_percent", 10), ("high_percent", 25)),
)
