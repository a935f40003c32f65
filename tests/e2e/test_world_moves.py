"""The world moves between two runs: what is found afterwards is exactly what then is true, and it is written once."""

from __future__ import annotations

import pytest
from stand import Stand, planted_in, writes_in

from connectors.sandbox.world.scenes import SCENES

WHOLE = {"plan_deleted", *(name for name in SCENES if name.startswith("project_"))}
"""Scenes with what only the whole company has."""
on_both = [("full cloud" if name in WHOLE else "cloud", name) for name in SCENES] + [
    ("datacenter", n) for n in ("overnight", "issue_moved", "late_push")
]


@pytest.mark.parametrize(("synced", "name"), on_both, indirect=["synced"])
def test_after_each_scene_the_drift_is_the_truth_and_the_next_run_writes_nothing(
    synced: Stand, name: str
) -> None:
    scene = SCENES[name]
    if scene.prologue:
        scene.prologue(synced.world)
        assert synced.run("sync", "--full")[0] == 0
    scene.play(synced.world)
    full = ("--full",) if scene.needs_census else ("--everywhere",) if scene.is_unhinted else ()
    code, text, errors = synced.run("sync", *full)
    assert code == (3 if scene.silences else 0), text + errors
    truth = planted_in(scene.truth_after(synced.world))
    found = synced.drift()
    assert {"invented": found - truth, "missed": truth - found} == {"invented": set(), "missed": set()}
    synced.check_kept()
    before = len(synced.world.sandbox.requests)
    synced.run("sync")
    assert writes_in(synced.world.sandbox.requests[before:]) == []
    assert set(map(len, synced.own_comments().values())) == {1}


def test_a_moved_issue_is_explained_under_both_keys(synced: Stand) -> None:
    moved = synced.world.issues["moved"]
    old = synced.world.sandbox.jira.issues[moved]["key"]
    tied = synced.json("links", "why", old)["links"]
    SCENES["issue_moved"].play(synced.world)
    assert synced.run("sync")[0] == 0
    new = synced.world.sandbox.jira.issues[moved]["key"]
    assert new != old
    assert len(tied) > 0
    for key in (old, new):
        assert len(synced.json("links", "why", key)["links"]) == len(tied)
        assert synced.run("explain", key)[0] == 0
