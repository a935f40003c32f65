"""A date or a fix version was changed by somebody who may not plan.

What drifts: the mapping names who may plan (``planners``), and a due date or fix version of an item was changed within the last ``days`` days by another person.
Why it matters: the plan moved and nobody who answers for it decided so.
Stays quiet: where the mapping names no planners, for the commitment's owners, for delegates (they are named among the planners), for accounts that the
mapping does not know as a person (automation), for changes at the creation of the item, and where nothing was planned before (triage).
Clears when ``days`` days have gone by, or a planner confirms the change by setting it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from connectors.records import FieldChange, Issue
from mappings.commitments import Commitment
from mappings.people import People
from sync.core.drift import evidence
from sync.core.drift.changes import is_recent
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_FIELDS = {"due": "due date", "fix_version": "fix version"}
_AT_CREATION = timedelta(minutes=5)


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    if commitment is None or not world.spec.planners:
        return
    owners = (commitment.technical_owner, commitment.engineering_owner)
    may = frozenset(world.spec.planners).union(owner for owner in owners if owner)
    people = People.of(world.spec)
    for item in world.issues_in(commitment):
        for change in _newest(world, item, options):
            person = people.by_jira(change.author_id)
            if person and person.name not in may:
                yield _drift(world, item, change, name=person.name)


def _newest(world: World, item: Issue, options: Options) -> Iterator[FieldChange]:
    """The newest change of each planning field, if it is recent; what came before it has been decided anew."""
    changes = world.observed.changes_of.get(item.ref, ())
    for field in _FIELDS:
        found = [c for c in changes if c.field == field and c.at <= world.now]
        is_late = found and found[-1].from_text and found[-1].at - item.created_at > _AT_CREATION
        if is_late and is_recent(world, found[-1].at, options):
            yield found[-1]


def _drift(world: World, item: Issue, change: FieldChange, *, name: str) -> Drift:
    before, after = change.from_text or "none", change.to_text or "none"
    return Drift(
        subject=item.ref,
        discriminator=change.field,
        since=change.at,
        values=(
            ("issue", item.key),
            ("who", name),
            ("field", _FIELDS[change.field]),
            ("before", before),
            ("after", after),
        ),
        evidence=(evidence.of_issue(world, item),),
        trace=(
            evidence.held(f"{_FIELDS[change.field]} changed", f"{before} -> {after}"),
            evidence.held("by somebody who is neither owner nor planner", name),
        ),
    )


RULE = Rule(
    code="R08",
    title=Text(en="Plan changed without the role", zh="无权限者更改计划"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{who} changed the {field} of {issue} from {before} to {after}, without being a planner",
        zh="{who} 并非计划负责人，却将 {issue} 的 {field} 由 {before} 改为 {after}",
    ),
    means=Text(
        en="The plan of {issue} was moved from {before} to {after} without those who answer for it",
        zh="{issue} 的计划由 {before} 改为 {after}，而负责人并未参与",
    ),
    clears=Text(
        en="Have a planner confirm or undo the change of {issue}, or name {who} among the planners",
        zh="由计划负责人确认或撤销 {issue} 的更改，或将 {who} 列为计划负责人",
    ),
    find=_find,
    thresholds=(("days", 14),),
)
