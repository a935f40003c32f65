"""The world over a snapshot of the store: what rules ask for is looked up, and what they are going to ask for is fetched together before."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection

from connectors.records import Branch, Commit, Issue, MergeRequest, Ref
from mappings.code import Code
from mappings.commitments import Commitment
from mappings.discovery import commitments_of
from mappings.schema import MappingSpec
from mappings.scope import Memberships
from mappings.slots import with_slots
from sync.core.condition import Condition
from sync.core.world import World
from sync.store.kept import lookup
from sync.store.kept.code import StoredCode
from sync.store.kept.held import StoredMemberships
from sync.store.kept.observed import StoredObserved

LATELY = timedelta(days=31)
"""How far back most rules look that are about no single commitment. What is older is looked up where it is asked for."""


def commitments_in(connection: Connection, spec: MappingSpec) -> tuple[Commitment, ...]:
    """The commitments of the mapping, without the slots that are found by what belongs to them."""
    return commitments_of(spec, StoredObserved(connection))


def world_in(
    connection: Connection,
    spec: MappingSpec,
    *,
    now: datetime,
    condition: Condition | None = None,
    observed: StoredObserved | None = None,
) -> World:
    """The world as the snapshot holds it. What is kept must be fresh. ``observed`` is over the same snapshot, where there is one already."""
    observed, code = observed or StoredObserved(connection), StoredCode(connection)
    memberships = StoredMemberships(connection)
    found = commitments_of(spec, observed)
    return World(
        now=now,
        spec=spec,
        observed=observed,
        commitments=with_slots(found, spec=spec, observed=observed, memberships=memberships, code=code),
        memberships=memberships,
        code=code,
        condition=condition or Condition(),
    )


def world_of_listings(connection: Connection, spec: MappingSpec) -> World:
    """A world without commitments, for what only looks at the small listings. Its clock stands still."""
    observed = StoredObserved(connection)
    return World(
        now=datetime.min.replace(tzinfo=UTC),
        spec=spec,
        observed=observed,
        commitments=(),
        memberships=Memberships(),
        code=Code(),
    )


def anew(connection: Connection, world: World, *, for_: tuple[Commitment, ...]) -> World:
    """The same world with nothing looked up yet but what the judgement of some commitments needs."""
    fresh, refs = _around(connection, world, for_)
    _fetch(fresh.observed, fresh.code, refs)
    return fresh.of(world)


def for_asking(connection: Connection, world: World, *, for_: tuple[Commitment, ...]) -> World:
    """The same, with no more than it takes to tell what must be asked one by one about some commitments: their items, and the merge requests for them."""
    fresh, refs = _around(connection, world, for_)
    fresh.observed.by_ref.fetch(refs)
    items = [ref for ref in refs if ref.kind == Issue.kind]
    fresh.code.links_by_issue.fetch(items)
    links = (link for ref in items for link in fresh.code.links_by_issue.get(ref, ()))
    changes = tuple({link.change for link in links if link.change.kind == MergeRequest.kind})
    fresh.observed.by_ref.fetch(changes)
    _fetch_reviews_and_runs(fresh.observed, _requests_among(fresh.observed, changes))
    return fresh.of(world)


class _Views(Struct, frozen=True, kw_only=True):
    """Views of one snapshot in which nothing was looked up yet."""

    observed: StoredObserved
    code: StoredCode
    memberships: StoredMemberships

    def of(self, world: World) -> World:
        """The world as these views show it."""
        return replace(world, observed=self.observed, code=self.code, memberships=self.memberships)


def _views(connection: Connection, world: World) -> _Views:
    return _Views(
        observed=StoredObserved(connection, small=world.observed),
        code=StoredCode(connection, small=world.code),
        memberships=StoredMemberships(connection),
    )


def _around(
    connection: Connection, world: World, commitments: tuple[Commitment, ...]
) -> tuple[_Views, set[Ref]]:
    """Fresh views, and what belongs to the commitments."""
    fresh = _views(connection, world)
    held = fresh.memberships.by_commitment
    held.fetch(commitment.key for commitment in commitments)
    refs = {m.record for c in commitments for m in held.get(c.key, ())}
    refs |= {ref for c in commitments for ref in c.anchors}
    fresh.memberships.by_record.fetch(refs)
    return fresh, refs


def for_everyone(connection: Connection, world: World) -> World:
    """The same world with what the rules about no single commitment need: the links of all that was opened, merged or pushed of late, and what was opened from it."""
    fresh, late = _views(connection, world), world.now - LATELY
    branches = tuple(fresh.observed.branches_since(late))
    changes = (*fresh.observed.requests_since(late), *branches)
    fresh.code.links_by_change.fetch(change.ref for change in changes)
    fresh.observed.requests_from.fetch((b.source, b.project_id, b.name) for b in branches)
    return fresh.of(world)


def forget(world: World) -> None:
    """Let go at once of all that the world was asked for, which refers to itself in circles. It answers no more."""
    for part in (world.observed, world.code, world.memberships):
        lookup.forget(part)


def commitments_about(world: World, issues: Collection[Ref]) -> frozenset[str]:
    """Keys of the commitments that hold the issues, or those above or below them."""
    observed = world.observed
    found = [issue for ref in issues if isinstance(issue := observed.by_ref.get(ref), Issue)]
    above = (observed.issue_by_key.get(key) for i in found for key in (i.parent_key, i.epic_key) if key)
    below = (child for i in found for child in observed.children_of.get(i.key, ()))
    refs = {*issues, *(kin.ref for kin in (*above, *below) if kin)}
    return frozenset(m.commitment_key for ref in refs for m in world.memberships_by_record.get(ref, ()))


def _fetch(observed: StoredObserved, code: StoredCode, refs: set[Ref]) -> None:
    observed.by_ref.fetch(refs)
    issues = [record for ref in refs if isinstance(record := observed.by_ref.get(ref), Issue)]
    own = [issue.ref for issue in issues]
    observed.changes_of.fetch(own)
    observed.worklogs_of.fetch(own)
    observed.children_of.fetch(issue.key for issue in issues)
    observed.issue_by_key.fetch(key for i in issues for key in (i.key, i.parent_key, i.epic_key) if key)
    kin = [child.ref for issue in issues for child in observed.children_of.get(issue.key, ())]
    code.links_by_issue.fetch((*own, *kin))
    _fetch_changes(observed, code, {x.change for ref in own for x in code.links_by_issue.get(ref, ())} | refs)


def _fetch_changes(observed: StoredObserved, code: StoredCode, changes: Iterable[Ref]) -> None:
    named = tuple(changes)
    observed.by_ref.fetch(named)
    code.links_by_change.fetch(ref for ref in named if ref.kind != Commit.kind)
    requests = _requests_among(observed, named)
    observed.commit.fetch((r.source, r.project_id, r.sha) for r in requests if r.sha)
    branches = [b for ref in named if isinstance(b := observed.by_ref.get(ref), Branch)]
    places = [(r.source, r.project_id, r.target_branch) for r in requests]
    observed.requests_from.fetch([*places, *((b.source, b.project_id, b.name) for b in branches)])
    _fetch_reviews_and_runs(observed, requests)


def _requests_among(observed: StoredObserved, changes: Iterable[Ref]) -> tuple[MergeRequest, ...]:
    return tuple(r for ref in changes if isinstance(r := observed.by_ref.get(ref), MergeRequest))


def _fetch_reviews_and_runs(observed: StoredObserved, requests: Iterable[MergeRequest]) -> None:
    told = [(r.source, r.id) for r in requests]
    observed.approval_of.fetch(told)
    observed.notes_of.fetch(told)
