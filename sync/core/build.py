"""Build: from what was observed and what the mapping says to the world that is judged. Pure."""

from __future__ import annotations

from datetime import datetime

from mappings.discovery import commitments_of
from mappings.graph import carried_commits
from mappings.links import links_of
from mappings.observed import Observed
from mappings.reverts import reverts_of
from mappings.schema import MappingSpec
from mappings.scope import memberships_of
from sync.core.condition import Condition
from sync.core.world import World


def world_of(
    spec: MappingSpec, observed: Observed, *, now: datetime, condition: Condition | None = None
) -> World:
    """Links, commitments, memberships and reverts laid over the records; ``condition`` is what Tandem knows about itself."""
    carried = carried_commits(observed)
    links = links_of(spec, observed, carried=carried)
    commitments = commitments_of(spec, observed, links=links)
    return World(
        now=now,
        spec=spec,
        observed=observed,
        commitments=commitments,
        memberships=memberships_of(spec, commitments, observed, links),
        links=links,
        reverts=reverts_of(observed, carried),
        condition=condition or Condition(),
    )
