"""Something that a milestone waits for will be late.

What drifts: an open item of the milestone is blocked by an item that is not done, and that item is overdue or due after the milestone.
Why it matters: the milestone's date cannot hold, whatever its own team does.
Stays quiet: for links between items of which either is done (stale links), for blockers without any date, for blockers inside the same milestone, and
for debt (D02 speaks of it). A blocker's date is its own due date, else the latest release date of its unreleased fix versions.
Clears when the blocker is done or gets an earlier date, or the link is removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from connectors.records import Issue, LinkDirection, Ref
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.deadline import due_on_of
from sync.core.drift import evidence
from sync.core.drift.members import fix_versions, is_open, is_open_milestone, open_items
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    due = due_on_of(world, commitment) if commitment else None
    if commitment is None or due is None or not is_open_milestone(commitment):
        return
    today = Calendar(world.spec.calendar).day_of(world.now)
    items = open_items(world, commitment)
    inside = {item.ref for item in world.issues_in(commitment)} | _debts(world)
    stopped: dict[Issue, list[Issue]] = {}
    for item in items:
        for blocker in _blockers_of(world, item):
            on = _date_of(world, blocker)
            if blocker.ref not in inside and is_open(world, blocker) and on and (on > due or on < today):
                stopped.setdefault(blocker, []).append(item)
    for blocker, waiting in stopped.items():
        yield _drift(world, commitment, blocker, waiting=tuple(waiting), due=due)


def _blockers_of(world: World, item: Issue) -> Iterator[Issue]:
    """Known issues that block the item, by the links that the item itself holds; each once."""
    ids = {
        link.other_id
        for link in item.links
        if "block" in link.type.casefold() and link.direction is LinkDirection.INWARD
    }
    for id_ in sorted(ids):
        found = world.observed.by_ref.get(Ref(source=item.source, kind="issue", id=id_))
        if isinstance(found, Issue):
            yield found


def _debts(world: World) -> set[Ref]:
    keys = (c.debt.issue_key for c in world.commitments if c.debt)
    return {issue.ref for key in keys if (issue := world.observed.issue_by_key.get(key))}


def _date_of(world: World, blocker: Issue) -> date | None:
    days = [v.release_on for v in fix_versions(world, blocker) if v.release_on and not v.is_released]
    return blocker.due_on or max(days, default=None)


def _drift(
    world: World, commitment: Commitment, blocker: Issue, *, waiting: tuple[Issue, ...], due: date
) -> Drift:
    labels, on = evidence.labels_of(waiting), str(_date_of(world, blocker))
    return Drift(
        subject=blocker.ref,
        since=None,
        values=(
            ("blocker", blocker.key),
            ("issues", labels),
            ("on", on),
            ("commitment", commitment.title),
            ("due", due.isoformat()),
        ),
        evidence=(
            evidence.of_issue(world, blocker),
            *(evidence.of_issue(world, item) for item in waiting),
        ),
        trace=(
            evidence.held("open items that it blocks > 0", labels),
            evidence.held(f"it is overdue, or due after {due.isoformat()}", on),
        ),
    )


RULE = Rule(
    code="T04",
    title=Text(en="Dependency late", zh="依赖项将延期"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(
        en="{blocker} blocks {issues} of {commitment} (due {due}), and is itself due {on}",
        zh="{blocker} 阻塞 {commitment}（截止 {due}）的 {issues}，其自身日期为 {on}",
    ),
    means=Text(
        en="{commitment} cannot be ready on {due}: it waits for {blocker}, which is due {on}",
        zh="{commitment} 无法在 {due} 就绪：它在等待日期为 {on} 的 {blocker}",
    ),
    clears=Text(
        en="Bring {blocker} forward, or remove the link to {issues}",
        zh="提前完成 {blocker}，或移除与 {issues} 的链接",
    ),
    find=_find,
)
