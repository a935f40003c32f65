"""Released versions of a real Jira archive: rules R11 and R12 find what the payloads themselves say, item by item."""

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
    judged = {code: rules()[code] for code in ("R11", "R12")}
    keys = defaultdict(set)
    for finding in findings_of(world_of(spec, observed, now=NOW), judged).findings:
        keys[finding.rule].add(finding.subject_label)
    return keys


def _is_late(fields):
    resolved, released = fields["resolutiondate"], [v.get("releaseDate") for v in fields["fixVersions"]]
    return bool(resolved and released) and all(day and resolved[:10] > day for day in released)


def _is_open_in_released(fields):
    versions, category = fields["fixVersions"], fields["status"]["statusCategory"]["key"]
    return category != "done" and bool(versions) and all(v["released"] for v in versions)


def test_the_rules_on_released_versions_find_what_the_archive_says(tmp_path, tell):
    """ALOY-1743, Resolved without a resolution in a released and an unreleased version, is none of them: its category is done."""
    with (FOLDER / "jira" / "issues.jsonl").open(encoding="utf-8") as lines:
        fields = {issue["key"]: issue["fields"] for issue in map(json.loads, lines)}
    found = _found(tmp_path)
    tell(
        f"Titanium archive: {len(found['R11'])} open in a released version, {len(found['R12'])} resolved after it"
    )
    assert found["R11"] == {key for key, f in fields.items() if _is_open_in_released(f)}
    assert found["R12"] == {key for key, f in fields.items() if _is_late(f)}
    assert (len(found["R11"]), len(found["R12"])) == (2, 90)
