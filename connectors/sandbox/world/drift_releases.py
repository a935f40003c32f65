"""Planted drift of released versions: what is still open in one (R11), what was resolved after it (R12)."""

from __future__ import annotations

from connectors.sandbox.world.drift_flow import LAST_ORDINARY
from connectors.sandbox.world.programmes import PILOT, due_on
from connectors.sandbox.world.workshop import SHANGHAI, Workshop


def released(shop: Workshop) -> None:
    """R11 and R12: the pilot's items that nobody began before its release, and those that were resolved on a later day."""
    release_on = due_on(shop, PILOT.due_days or 0)
    for item in shop.items:
        if item.versions != (PILOT.version,) or item.type == "Epic":
            continue
        if not item.moves:
            shop.plant("R11", PILOT.commitment, item, "never begun, its version is released")
            continue
        shop.decoy("R11", PILOT.commitment, item, "done, or dropped")
        if item.number > LAST_ORDINARY:
            continue  # planted by a story of its own
        is_late = item.moves[-1][0].astimezone(SHANGHAI).date() > release_on
        mark = shop.plant if is_late else shop.decoy
        mark("R12", PILOT.commitment, item, "resolved after the release" if is_late else "resolved in time")
