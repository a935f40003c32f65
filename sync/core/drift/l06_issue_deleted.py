"""An issue of the plan was deleted.

What drifts: an issue that belonged to a commitment, or that the mapping names (a slot, a debt, a key or epic of a scope), is not in Jira any more; or a debt or
epic that was a commitment by itself is gone, and the commitment with it. The last two are high: what follows from them is more than one item.
Why it matters: what was promised disappears without a decision, and every count looks better for it. Jira keeps no record of a deletion, so nobody else tells.
Stays quiet: while issues were not completely read, and for a project that cannot be seen: lost permission is X01, and what it hides is not deleted. Also for
issues that came back, were moved (L05) or read in again under the same key, for dropped ones, and for sub-tasks that went with their parent. An issue that
issue security hides from Tandem's account, or that moved to where the account cannot look, cannot be told from a deleted one. Whether it belonged is judged by
what was read of it last.
Clears when the issue is restored or, ``days`` days after it was missed, by itself; where the mapping names it, not before the mapping names it no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from mappings.commitments import EVERY, Commitment
from mappings.departures import Departure
from mappings.statuses import Progress
from mappings.unmatched import Named
from sync.core.drift import evidence
from sync.core.drift.changes import is_recent, naming
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Evidence, Severity
from sync.core.language import Text
from sync.core.world import World

_MOST_CHANGES = 5
_NAMED = Text(
    en="{issue} is gone from Jira (deleted, or hidden from Tandem), and the mapping names it",
    zh="{issue} 已从 Jira 消失（被删除，或对 Tandem 隐藏），而映射文件仍引用它",
)
_OUT_OF_MAPPING = Text(
    en="Restore {issue}, or take it out of the mapping ({places})",
    zh="恢复 {issue}，或将其从映射文件中移除（{places}）",
)
_LOST = Text(
    en="{issue} is gone from Jira (deleted, or hidden from Tandem), and what it stood for with it: {made}",
    zh="{issue} 已从 Jira 消失（被删除，或对 Tandem 隐藏），它所代表的“{made}”也随之消失",
)


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for departure in world.departures.get(commitment.key if commitment else EVERY, ()):
        if departure.names or (
            is_recent(world, departure.gone.noticed_at, options) and not _is_dropped(world, departure)
        ):
            yield _drift(world, commitment, departure, options)


def _is_dropped(world: World, departure: Departure) -> bool:
    return world.progress_of(departure.issue) is Progress.DROPPED


def _drift(world: World, commitment: Commitment | None, departure: Departure, options: Options) -> Drift:
    issue, at = departure.issue, departure.gone.noticed_at
    work, places = naming(world, issue.key), evidence.joined(place for _, place in departure.names)
    says, clears = (_NAMED, _OUT_OF_MAPPING) if departure.names else (_LOST if departure.made else None, None)
    return Drift(
        subject=issue.ref,
        since=at,
        severity=Severity.HIGH if departure.names or departure.made else None,
        says=says,
        clears=clears,
        values=(
            ("issue", issue.key),
            ("status", issue.status),
            ("commitment", commitment.title if commitment else departure.made),
            ("made", departure.made),
            ("places", places),
            ("days", f"{options.thresholds['days']:g}"),
        ),
        evidence=(
            evidence.of_gone(departure.gone),
            *_mapped(departure),
            *map(evidence.of_change, work[:_MOST_CHANGES]),
        ),
        covers=frozenset(
            {(evidence.mapping_ref(Named.ISSUE, name), "") for name, _ in departure.names}
            | {(change.ref, issue.key) for change in work}
        ),
        trace=(
            evidence.held("a count did not find it, and a direct read said it is not there", issue.key),
            evidence.held(
                "its project can be seen, and no issue has its key", f"missed {evidence.instant_of(at)}"
            ),
            evidence.held(
                "it belonged to the plan", departure.because or places or f"it made {departure.made}"
            ),
        ),
    )


def _mapped(departure: Departure) -> Iterable[Evidence]:
    for name, place in departure.names:
        ref = evidence.mapping_ref(Named.ISSUE, name)
        yield Evidence(record=ref, label=place, url="", observed=f"names {name}")


RULE = Rule(
    code="L06",
    title=Text(en="Issue deleted", zh="事项已被删除"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(
        en="{issue} ({status}) of {commitment} is gone from Jira: deleted, or hidden from Tandem",
        zh="{commitment} 的 {issue}（{status}）已从 Jira 消失：被删除，或对 Tandem 隐藏",
    ),
    means=Text(
        en="{issue} counted for {commitment} and has disappeared, without anybody's decision",
        zh="{issue} 曾计入 {commitment}，现已消失，而没有人作出决定",
    ),
    clears=Text(
        en="Restore {issue}, or note with tandem ack why it is not needed; it is told for {days} days",
        zh="恢复 {issue}，或用 tandem ack 记录为何不再需要；此项提示 {days} 天",
    ),
    find=_find,
    lag=timedelta(0),
    thresholds=(("days", 30),),
    absence=frozenset({"issues"}),
    is_also_global=True,
)
