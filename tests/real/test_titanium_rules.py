"""Versions and resolutions of a real Jira archive: rules R11, R12 and S17 find what the payloads themselves say, item by item."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from connectors.sandbox.replay import sandbox_of
from mappings.schema import MappingSpec
from sync.core.build import world_of
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import findings_of
from tests.real.pulled import NOW, pulled
from tests.real.test_titanium_replay import FOLDER, PROJECTS

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="the Jira archive (../shared/data/titanium_jira beside the checkout) is absent",
)


def _found(tmp_path):
    """Keys of the items by rule, with one milestone that holds the three projects."""
    observed = pulled(
        sandbox_of(FOLDER, clock=lambda: NOW), tmp_path, {"jira": {"projects": PROJECTS}}
    ).observed
    everything = {"key": "all", "title": "All", "scope": {"project": list(PROJECTS)}}
    spec = MappingSpec.model_validate(
        {"version": 1, "sources": {"jira": [{"projects": PROJECTS}]}, "milestones": [everything]}
    )
    judged = {code: rules()[code] for code in ("R11", "R12", "S17")}
    keys = defaultdict(set)
    for finding in findings_of(world_of(spec, observed, now=NOW), judged).findings:
        keys[finding.rule].add(finding.subject_label)
    return keys


def _is_late(fields):
    resolved, released = fields["resolutiondate"], [v.get("releaseDate") for v in fields["fixVersions"]]
    return bool(resolved and released) and all(day and resolved[:10] > day for day in released)


def _is_open_in_released(fields):
    """Open is what has no resolution; the archive has no item that is resolved and not done."""
    return not fields["resolutiondate"] and any(v["released"] for v in fields["fixVersions"])


def _is_done_without_resolution(fields):
    return fields["status"]["statusCategory"]["key"] == "done" and not fields["resolutiondate"]


def test_the_rules_on_versions_and_resolutions_find_what_the_archive_says(tmp_path, tell):
    with (FOLDER / "jira" / "issues.jsonl").open(encoding="utf-8") as lines:
        fields = {issue["key"]: issue["fields"] for issue in map(json.loads, lines)}
    found = _found(tmp_path)
    kept = {k for k in found["S17"] if fields[k]["status"]["statusCategory"]["key"] != "done"}
    tell(
        f"Titanium archive: {len(found['R11'])} open in a released version, {len(found['R12'])} resolved after it, "
        f"{len(found['S17'] - kept)} done without a resolution, {len(kept)} resolved and not done"
    )
    assert found["R11"] == {key for key, f in fields.items() if _is_open_in_released(f)}
    assert found["R12"] == {key for key, f in fields.items() if _is_late(f)}
    assert found["S17"] - kept == {key for key, f in fields.items() if _is_done_without_resolution(f)}
    assert (len(found["R11"]), len(found["R12"]), len(found["S17"]), len(kept)) == (3, 90, 5, 0)
