"""Membership history: which items joined or left a milestone after its scope was agreed, and who did it, from the changelogs.

Fix versions and epics leave traces in the changelog; an item that belongs by another rule (a label, a component) counts from its creation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from connectors.records import FieldChange, Issue, Ref, Version
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.progress import items_of
from sync.core.world import World

_TOGETHER = timedelta(minutes=10)
_MANY = 5


class Joined(Struct, frozen=True, kw_only=True):
    """One item that joined (or left) at ``at``; ``author_id`` and ``author_name`` are None where it did so by being created."""

    item: Issue
    at: datetime
    author_id: str | None = None
    author_name: str | None = None


class Scope(Struct, frozen=True, kw_only=True):
    """The counted items of a milestone: those of the baseline, and those that joined late, oldest first."""

    early: tuple[Issue, ...]
    late: tuple[Joined, ...]


def baseline_of(world: World, commitment: Commitment | None) -> datetime | None:
    """The end of the day on which the scope was agreed; None without a baseline or before that day is over."""
    day = commitment.charter.baseline_on if commitment and commitment.charter else None
    end = Calendar(world.spec.calendar).end_of(day) if day else None
    return end if end and end <= world.now else None


def joined_after(world: World, commitment: Commitment, end: datetime) -> Scope:
    """The items that stand in the milestone now, split by when they joined. Dropped items and sub-tasks are left out."""
    items = [i for i in items_of(world, commitment) if not i.is_subtask]
    kept = [i for i in items if world.progress_of(i) is not Progress.DROPPED]
    joined = [_joined(world, commitment, item) for item in kept]
    late = sorted((j for j in joined if j.at > end), key=lambda j: (j.at, j.item.ref))
    return Scope(early=tuple(j.item for j in joined if j.at <= end), late=tuple(late))


def removed_after(world: World, commitment: Commitment, end: datetime) -> tuple[Joined, ...]:
    """Items that stood in the milestone at ``end`` and were taken out of it since, oldest first."""
    ids = _anchor_ids(world, commitment)
    members = {item.ref for item in world.issues_in(commitment)}
    taken: dict[str, Joined] = {}
    for change in world.observed.taken_out(ids):
        if not end < change.at <= world.now or not _leaves(change, ids):
            continue
        issue = world.observed.by_ref.get(Ref(source=change.source, kind="issue", id=change.issue_id))
        if not isinstance(issue, Issue) or issue.ref in members or issue.is_subtask:
            continue
        if _joined_before(world, issue, change, ids) <= end:
            taken[issue.id] = _by(issue, change)
    return tuple(sorted(taken.values(), key=lambda j: (j.at, j.item.ref)))


def is_bulk(one: Joined, all_of_them: Iterable[Joined]) -> bool:
    """True if the same person moved five or more items, each older than a day, within ten minutes of this one: a clean-up."""
    if one.author_id is None or one.at - one.item.created_at < timedelta(days=1):
        return False
    near = [o for o in all_of_them if o.author_id == one.author_id and abs(o.at - one.at) <= _TOGETHER]
    return len(near) >= _MANY


def _anchor_ids(world: World, commitment: Commitment) -> frozenset[str]:
    """What a changelog calls the versions and epics that the milestone stands for: ids, and the keys of epics."""
    anchors = [a for ref in commitment.anchors if (a := world.observed.by_ref.get(ref))]
    ids = {anchor.id for anchor in anchors if isinstance(anchor, Version | Issue)}
    return frozenset(ids | {anchor.key for anchor in anchors if isinstance(anchor, Issue)})


def _joined(world: World, commitment: Commitment, item: Issue) -> Joined:
    ids = _anchor_ids(world, commitment)
    changes = world.observed.changes_of.get(item.ref, ())
    entered = [c for c in changes if _enters(c, ids) and c.at <= world.now]
    return _by(item, entered[-1]) if entered else Joined(item=item, at=item.created_at)


def _joined_before(world: World, item: Issue, left: FieldChange, ids: frozenset[str]) -> datetime:
    """When the item had joined before it left."""
    changes = world.observed.changes_of.get(item.ref, ())
    entered = [c.at for c in changes if _enters(c, ids) and c.at < left.at]
    return entered[-1] if entered else item.created_at


def _enters(change: FieldChange, ids: frozenset[str]) -> bool:
    is_planning = change.field in {"fix_version", "parent"}
    return is_planning and not ids.isdisjoint(_values(change.to_value, change.to_text))


def _leaves(change: FieldChange, ids: frozenset[str]) -> bool:
    is_left = not ids.isdisjoint(_values(change.from_value, change.from_text))
    return is_left and ids.isdisjoint(_values(change.to_value, change.to_text))


def _values(*texts: str | None) -> Iterator[str]:
    """A change names a value by its id, and an epic by its key as well."""
    return (text for text in texts if text)


def _by(item: Issue, change: FieldChange) -> Joined:
    return Joined(item=item, at=change.at, author_id=change.author_id, author_name=change.author_name)
