"""Changes: branches, merge requests and commits by when they were made, whatever they are linked to."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.records import Branch, Commit, MergeRequest
from sync.core.drift.evidence import Change
from sync.core.drift.rule import Options
from sync.core.world import World


def made_at(change: Change) -> datetime:
    """When a merge request was opened, or a commit or branch tip committed."""
    return change.created_at if isinstance(change, MergeRequest) else change.committed_at


def oldest(world: World, options: Options) -> datetime:
    """The earliest instant that lies within the threshold ``days`` before now."""
    return world.now - timedelta(days=options.thresholds["days"])


_FIRST = (MergeRequest, Commit, Branch)


def naming(world: World, key: str) -> tuple[Change, ...]:
    """Changes that name a key that no issue has: merge requests, commits, branches, each oldest first."""
    refs = {link.change for link in world.unclaimed.get(key, ())}
    found = (change for ref in refs if isinstance(change := world.observed.by_ref.get(ref), _FIRST))
    return tuple(sorted(found, key=lambda c: (_FIRST.index(type(c)), made_at(c), c.ref)))


def is_recent(world: World, at: datetime | None, options: Options) -> bool:
    """True if ``at`` lies within the threshold ``days`` before now."""
    return at is not None and oldest(world, options) <= at <= world.now


def is_blind_to(world: World, change: Change, *streams: str) -> bool:
    """True if one of the streams was not completely read for the change's project."""
    project = world.observed.project.get((change.source, change.project_id))
    path = f"{project.path}/" if project else ""
    return any(
        v.scope.stream in streams
        and v.scope.source == change.source
        and (v.scope.partition in {"*", change.project_id} or path.startswith(f"{v.scope.partition}/"))
        for v in world.blind
    )
