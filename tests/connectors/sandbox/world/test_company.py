from __future__ import annotations

import copy
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from connectors.marks import marks_in
from connectors.sandbox.world import company
from connectors.sandbox.world.scenes import SCENES
from sync.core.drift.catalogue import rules

PLAYED = {"L06"}
"""Rules about what happened under a reader's eyes: scenes play them, for one who comes to the company today sees no deletion of yesterday."""
RULES = {code for code in rules() if not code.startswith("X")} - PLAYED
"""Every other rule about the tools; rules X are about Tandem itself, and scenes play them."""
IN_SMALL = {f"S0{n}" for n in (1, 2, 3, 4, 5, 7, 8, 9)} | {
    "R01",
    "R07",
    "T02",
    "D01",
    "D02",
    "G01",
    "L01",
    "L03",
    "L04",
}


def test_the_company_has_the_size_that_it_promises(view):
    assert len(view.jira.issues) in range(470, 530)
    assert sum(map(len, view.gitlab.commits.values())) in range(2700, 3500)
    assert len(view.requests) in range(490, 570)
    assert sum(map(len, view.gitlab.pipelines.values())) in range(1100, 1350)
    assert {p["path_with_namespace"] for p in view.gitlab.projects.values()} == {
        "nova/mes/line-gateway",
        "nova/mes/scheduler",
        "nova/mes/portal",
        "nova/risk/engine",
        "nova/risk/features",
        "nova/platform/common",
    }


def test_a_small_company_has_a_quarter_of_the_issues_and_the_same_kinds_of_drift(nova):
    little = company(nova.anchor, size="small")
    jira, gitlab = little.sandbox.jira, little.sandbox.gitlab
    assert len(jira.issues) in range(90, 120)
    assert sum(map(len, gitlab.commits.values())) in range(250, 400)
    assert [p["path"] for p in gitlab.projects.values()] == ["line-gateway", "scheduler", "engine"]
    assert {p.rule for p in little.truth} >= IN_SMALL
    assert {p.rule for p in nova.truth} == RULES
    assert {id_ for id_, _ in little.requests.values()} <= gitlab.projects.keys()


def test_a_small_company_has_every_actor_of_the_full_one(nova):
    little = company(nova.anchor, size="small")
    assert set(little.issues) == set(nova.issues)
    assert set(little.requests) == set(nova.requests)
    assert set(little.issues.values()) <= little.sandbox.jira.issues.keys()


def test_a_copied_company_lives_on_its_own(nova):
    little = company(nova.anchor, size="small")
    clock, sandbox = copy.deepcopy((little.clock, little.sandbox))
    twin = replace(little, clock=clock, sandbox=sandbox)
    SCENES["overnight"].play(twin)
    assert twin.sandbox.jira.clock() == little.clock.now() + timedelta(hours=26)
    assert little.sandbox.jira.clock() == little.sandbox.gitlab.clock() == nova.anchor
    assert little.sandbox.jira.issues == company(nova.anchor, size="small").sandbox.jira.issues


def test_the_same_arguments_give_the_same_company_and_a_seed_another(nova):
    twin, other = company(nova.anchor), company(nova.anchor, seed=8)
    assert twin.sandbox.jira.issues == nova.sandbox.jira.issues
    assert twin.sandbox.gitlab.commits == nova.sandbox.gitlab.commits
    assert (twin.truth, twin.decoys, twin.mapping) == (nova.truth, nova.decoys, nova.mapping)
    assert other.sandbox.gitlab.commits != nova.sandbox.gitlab.commits


def test_an_anchor_in_another_zone_is_the_same_instant(nova):
    elsewhere = nova.anchor.astimezone(timezone(timedelta(hours=-5)))
    assert company(elsewhere).truth == nova.truth


def test_a_naive_anchor_is_refused():
    with pytest.raises(ValueError, match="aware"):
        company(datetime(2026, 11, 23))  # noqa: DTZ001  # the naive instant is the point


def test_every_rule_is_planted_at_least_twice_and_has_a_decoy(nova):
    planted = Counter(p.rule for p in nova.truth)
    assert set(planted) == RULES
    assert min(planted.values()) >= 2
    assert {p.rule for p in nova.decoys} == RULES


def test_what_only_scenes_can_play_is_planted_at_least_twice_and_has_decoys_that_are_no_truth():
    planted = Counter(p.rule for scene in SCENES.values() for p in scene.adds)
    assert min(planted[code] for code in PLAYED) >= 2
    assert {p.rule for scene in SCENES.values() for p in scene.decoys} >= PLAYED
    for scene in SCENES.values():
        assert not {(p.rule, p.subject) for p in scene.adds} & {(p.rule, p.subject) for p in scene.decoys}


def test_a_decoy_is_never_planted_for_the_same_rule(nova):
    truth = {(p.rule, p.commitment, p.subject) for p in nova.truth}
    assert not truth & {(p.rule, p.commitment, p.subject) for p in nova.decoys}
    assert len(truth) == len(nova.truth)


def test_one_item_stands_in_two_commitments_and_one_finding_is_accepted(nova):
    subjects = Counter((p.rule, p.subject) for p in nova.truth)
    assert [rule for (rule, _), n in subjects.items() if n > 1] == ["S01"]
    assert [p.rule for p in nova.truth if p.suppressed] == ["S04"]


def test_subjects_exist(view):
    jira, gitlab = view.jira, view.gitlab
    known = {f"jira:issue:{i}" for i in jira.issues} | {f"jira:version:{i}" for i in jira.versions}
    known |= {f"gitlab:merge_request:{m['id']}" for m in view.requests}
    known |= {f"gitlab:branch:{p}/{b['name']}" for p, b in view.branches()}
    known |= {f"gitlab:commit:{p}/{sha}" for p, held in gitlab.commits.items() for sha in held}
    known |= {
        f"gitlab:todo:{p}/{path}/{mark.digest}"
        for p, held in gitlab.files.items()
        for path, content in held.items()
        for mark in marks_in(path, content.decode())
    }
    known |= {
        f"gitlab:todo_scan:{p}/src" for p, held in gitlab.files.items() if "src/session/pool.py" in held
    }
    known |= {f"gitlab:todo_scan:{p}/src" for p, held in gitlab.files.items() if "src/rules/pool.py" in held}
    known |= {f"gitlab:milestone:{m}" for m in gitlab.group_milestones[100]}
    no_record = ("tandem:commitment:", "tandem:suppression:", "jira:jira_project:")
    marked = {s for s in view.marked if not s.startswith(no_record)}
    assert marked <= known
