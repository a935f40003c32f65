"""Landed: which commits are part of a project's default branch."""

from __future__ import annotations

from connectors.records import Commit
from sync.core.world import World


def has_landed(world: World, commit: Commit) -> bool:
    """True if the commit is on its project's default branch. Where that branch was never read, being reachable at all counts."""
    place = (commit.source, commit.project_id, commit.sha)
    branches = world.observed.branches_of.get((commit.source, commit.project_id), ())
    is_known = any(branch.is_default for branch in branches)
    return place in world.default_branch_shas if is_known else commit.is_reachable
