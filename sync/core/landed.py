"""Landed: which commits are part of a project's default branch."""

from __future__ import annotations

from connectors.records import Commit
from sync.core.world import World


def has_landed(world: World, commit: Commit) -> bool:
    """True if the commit is on its project's default branch. Where that branch was never read, being reachable at all counts."""
    tips = tuple(
        b.sha
        for b in world.observed.branches_of.get((commit.source, commit.project_id), ())
        if b.is_default
    )
    return commit.is_reachable and (not tips or any(_contains(world, commit, tip) for tip in tips))


def _contains(world: World, commit: Commit, tip: str) -> bool:
    """True if ``commit`` is ``tip`` or one of its ancestors as far as the graph is known."""
    seen, open_ = {tip}, [tip]
    while open_ and commit.sha not in seen:
        found = world.observed.commit.get((commit.source, commit.project_id, open_.pop()))
        parents = {*found.parent_shas} - seen if found else set()
        seen |= parents
        open_ += parents
    return commit.sha in seen
