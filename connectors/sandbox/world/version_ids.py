"""Version ids: the ids of the Jira versions of the programmes, by name."""

from __future__ import annotations

from connectors.sandbox.world.programmes import FEATURES, MES, PILOT, PORTAL, RISK, VISION

VERSION_IDS = {
    MES.version: "12001",
    "MES core 2.0 RC": "12002",
    PORTAL.version: "12003",
    VISION.version: "12004",
    PILOT.version: "12005",
    RISK.version: "13001",
    "Risk engine 1.3": "13002",
    FEATURES.version: "13003",
}
