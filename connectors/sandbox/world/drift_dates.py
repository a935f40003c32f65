"""Planted drift of commitments themselves: dates that differ (R07), dates that have passed (T02), owners that are missing (G01)."""

from __future__ import annotations

from connectors.sandbox.world.programmes import FEATURES, LAKE, MES, PILOT, PLATFORM, PORTAL, VISION, due_on
from connectors.sandbox.world.version_ids import VERSION_IDS
from connectors.sandbox.world.workshop import Workshop

FEATURES_DUE = -6
"""Days after the anchor at which the mapping sees Feature store 2.1 end; its version says otherwise."""
PLATFORM_DUE = 33
"""The same of Platform 5.1 and GitLab's milestone."""
PORTAL_DUE = -12
"""The same of the line portal in a small company."""
VISION_DUE = -20
PILOT_DUE = -75
EXPIRED_DAYS = -3
"""Day until which two suppressions held that nobody has renewed."""


def _ref(commitment: str) -> str:
    return f"tandem:commitment:{commitment}"


def dated(shop: Workshop) -> None:
    """R07 and T02: what the mapping's dates and the tools' dates make of the milestones."""
    features, portal, lake = FEATURES.commitment, PORTAL.commitment, LAKE.commitment
    shop.plant("T02", portal, _ref(portal), "due nine days ago, work is open")
    if shop.is_small:
        version = f"jira:version:{VERSION_IDS[PORTAL.version]}"
        shop.plant("R07", portal, version, "the version is due later than the mapping says")
        return
    version = f"jira:version:{VERSION_IDS[FEATURES.version]}"
    shop.plant("R07", features, version, "the version is due later than the mapping says")
    shop.plant(
        "R07", PLATFORM, "gitlab:milestone:704", "the GitLab milestone is due earlier than the mapping says"
    )
    shop.plant("T02", lake, _ref(lake), "due twelve days ago, work is open")
    shop.decoy("T02", features, _ref(features), "its version has a later date")
    shop.plant("R10", VISION.commitment, _ref(VISION.commitment), "nothing is in it")
    shop.decoy("T02", VISION.commitment, _ref(VISION.commitment), "nothing is in it")
    shop.decoy("T02", PILOT.commitment, _ref(PILOT.commitment), "released")
    shop.decoy(
        "R07", VISION.commitment, f"jira:version:{VERSION_IDS[VISION.version]}", "the version has no date"
    )
    shop.decoy("R07", PILOT.commitment, f"jira:version:{VERSION_IDS[PILOT.version]}", "released")
    shop.decoy("R07", MES.commitment, f"jira:version:{VERSION_IDS['MES core 2.0 RC']}", "an archived version")


def expired(shop: Workshop) -> None:
    """G10: two suppressions of the mapping that nobody has renewed; a third one holds."""
    until = due_on(shop, EXPIRED_DAYS)
    for aim in ("S07 mes-core-2.0", "R01 risk-engine-1.4"):
        shop.plant("G10", "*", f"tandem:suppression:{aim} until {until}", "expired three days ago")
    shop.decoy("G10", "*", f"tandem:suppression:S04 IMP-90 until {due_on(shop, 21)}", "still holds")


def owned(shop: Workshop) -> None:
    """G01: a milestone without technical owner, one whose owner has left, and closed ones that need none."""
    shop.plant("G01", PORTAL.commitment, _ref(PORTAL.commitment), "its technical owner has left")
    if shop.is_small:
        return
    shop.plant("G01", PLATFORM, _ref(PLATFORM), "no technical owner")
    shop.decoy("G01", PILOT.commitment, _ref(PILOT.commitment), "released, needs no owners")
