"""An item was carried over from sprint to sprint.

What drifts: an open item was still in ``sprints`` or more sprints when they were closed.
Why it matters: it is planned again and again and not finished: too large, blocked, or not wanted.
Stays quiet: for items that were taken out of a sprint before it closed (Jira then forgets that sprint), for closed items, and while the sprints of
an item are not all known.
Clears when the item is done or dropped.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Issue, Sprint
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import open_items
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_MANY = 3
"""So many sprints are told by the first and the last."""


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for item in open_items(world, commitment) if commitment else ():
        sprints = _closed(world, item)
        if len(sprints) >= options.thresholds["sprints"]:
            yield _drift(world, item, sprints)


def _closed(world: World, item: Issue) -> tuple[Sprint, ...]:
    """Closed sprints that the item was in to their end, oldest first; none where one of its sprints is unknown."""
    found = [world.observed.sprint.get((item.source, id_)) for id_ in item.sprint_ids]
    if not all(found):
        return ()
    closed = [sprint for sprint in found if sprint and sprint.state == "closed"]
    began_in = [s for s in closed if s.completed_at is None or s.completed_at > item.created_at]
    return tuple(sorted(began_in, key=lambda s: (str(s.completed_at or ""), len(s.id), s.id)))


def _drift(world: World, item: Issue, sprints: tuple[Sprint, ...]) -> Drift:
    first, last = sprints[0].name, sprints[-1].name
    names = evidence.joined((first, last)) if len(sprints) < _MANY else f"{first} ... {last}"
    return Drift(
        subject=item.ref,
        since=sprints[-1].completed_at,
        values=(("issue", item.key), ("count", str(len(sprints))), ("sprints", names)),
        evidence=(evidence.of_issue(world, item),),
        trace=(
            evidence.held("the item is open", item.status),
            evidence.held("closed sprints that it was in to the end", f"{len(sprints)} ({names})"),
        ),
    )


RULE = Rule(
    code="T07",
    title=Text(en="Carried over", zh="多次顺延"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{issue} was not finished in {count} sprints ({sprints})",
        zh="{issue} 在 {count} 个冲刺中均未完成（{sprints}）",
    ),
    means=Text(
        en="{issue} was promised and not finished {count} times in a row",
        zh="{issue} 连续 {count} 次承诺而未完成",
    ),
    clears=Text(en="Finish, split or drop {issue}", zh="完成、拆分或放弃 {issue}"),
    explained_by=frozenset({"S11"}),  # what went out is carried over only because nobody closed it
    find=_find,
    thresholds=(("sprints", 2),),
)
