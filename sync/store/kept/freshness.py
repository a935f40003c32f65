"""Freshness: whether what is kept is what the records and the mapping say now, and the step that makes it so."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, Engine

from mappings.schema import MappingSpec
from sync.store import marks
from sync.store.copy import snapshot
from sync.store.kept import judgements, members, readings
from sync.store.kept.observed import StoredObserved


def refresh(
    engine: Engine, spec: MappingSpec, *, guard: Callable[[Connection], None] = lambda _: None
) -> None:
    """Work out anew what changed since it was last worked out. Safe to repeat; a crash leaves what is left to do marked. Where nothing changed, nothing is written."""
    if _is_settled(engine, spec):
        return
    is_code_new = bool(readings.refreshed(engine, spec, guard=guard))
    members.refreshed(engine, spec, is_code_new=is_code_new, guard=guard)
    judgements.forget_touched(engine, spec, guard=guard)


def _is_settled(engine: Engine, spec: MappingSpec) -> bool:
    with snapshot(engine) as connection:
        return not marks.are_left(connection, but=marks.MEMBERSHIPS) and is_fresh(connection, spec)


def is_fresh(connection: Connection, spec: MappingSpec, *, observed: StoredObserved | None = None) -> bool:
    """True if nothing changed since what is kept was worked out, by the mapping as it is now. ``observed`` is over the same snapshot, where there is one already."""
    observed = observed or StoredObserved(connection)
    return not readings.due(connection, spec, observed.aliases) and not members.is_due(
        connection, spec, observed
    )
