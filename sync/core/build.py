"""Build: from what was observed and what the mapping says to the world that is judged. Pure."""

from __future__ import annotations

from datetime import datetime

from mappings.code import code_of
from mappings.discovery import commitments_of
from mappings.observed import Observed
from mappings.schema import MappingSpec
from mappings.scope import Memberships, memberships_of
from mappings.slots import with_slots
from sync.core.condition import Condition
from sync.core.world import World


def world_of(
    spec: MappingSpec, observed: Observed, *, now: datetime, condition: Condition | None = None
) -> World:
    """Links, commitments, memberships and reverts laid over the records; ``condition`` is what Tandem knows about itself."""
    code = code_of(spec, observed)
    found = commitments_of(spec, observed)
    memberships = Memberships(memberships_of(spec, found, observed, code.links))
    return World(
        now=now,
        spec=spec,
        observed=observed,
        commitments=with_slots(found, spec=spec, observed=observed, memberships=memberships, code=code),
        memberships=memberships,
        code=code,
        condition=condition or Condition(),
    )
