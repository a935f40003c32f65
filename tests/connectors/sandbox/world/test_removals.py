from __future__ import annotations

import copy

import pytest

from connectors.sandbox.gitlab_routes.common import projects_in
from connectors.sandbox.jira_routes.common import visible_issue
from connectors.sandbox.world import company, issue_edits
from connectors.sandbox.world.scenes import SCENES
from connectors.sandbox.world.stamps import jira_time
from tests.connectors.sandbox.world.playing import ANCHOR, played


def test_a_moved_issue_keeps_its_id_and_its_old_key_resolves():
    nova, _ = played("issue_moved")
    id_ = nova.issues["moved"]
    assert nova.sandbox.jira.issues[id_]["key"].startswith("RISK-")
    assert nova.sandbox.jira.old_keys["IMP-161"] == id_
    assert nova.sandbox.jira.histories[id_][-1]["items"][0]["fromString"] == "IMP-161"


def test_a_deleted_issue_leaves_nothing_behind():
    nova, _ = played("issue_deleted")
    jira, id_ = nova.sandbox.jira, nova.issues["deleted"]
    assert id_ not in jira.issues
    assert id_ not in jira.histories
    assert id_ not in jira.worklogs


def test_an_issue_that_moved_out_is_found_by_its_old_key_in_a_project_that_the_mapping_lacks():
    nova, _ = played("issue_moved_out")
    jira, id_ = nova.sandbox.jira, nova.issues["secret"]
    issue = jira.issues[id_]
    assert issue["key"].startswith("OPS-")
    assert issue["fields"]["project"]["key"] == "OPS"
    assert issue["fields"]["fixVersions"] == []
    old = jira.histories[id_][-1]["items"][0]["fromString"]
    assert jira.old_keys[old] == id_
    assert "OPS" not in nova.mapping


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_a_restored_issue_is_in_every_part_as_it_was_before(flavour):
    nova, twin = company(ANCHOR, flavour=flavour), company(ANCHOR, flavour=flavour)
    scene, jira, id_ = SCENES["issue_restored"], nova.sandbox.jira, nova.issues["secret"]
    scene.prologue(nova)
    assert id_ not in jira.issues
    assert id_ in jira.trash
    scene.play(nova)
    assert jira.trash == {}
    for part in ("issues", "histories", "worklogs", "comments"):
        assert getattr(jira, part) == getattr(twin.sandbox.jira, part)


def test_a_reused_key_belongs_to_another_id_and_its_former_issue_cannot_come_back():
    nova, _ = played("key_reused")
    jira = nova.sandbox.jira
    (holder,) = [i for i in jira.issues.values() if i["key"] == "IMP-162"]
    assert holder["id"] != nova.issues["deleted"]
    assert jira.trash == {}
    assert holder["fields"]["created"] == jira_time(ANCHOR)
    assert any("IMP-162" in name for name in nova.sandbox.gitlab.branches[201])


def test_a_new_issue_may_get_the_key_that_another_one_left():
    nova, _ = played("issue_moved")
    jira = nova.sandbox.jira
    like = jira.issues[nova.issues["deleted"]]
    issue_edits.create(nova, "10992", "IMP-161", like=like, title="Cost centre, again")
    assert visible_issue(jira, "IMP-161")["id"] == "10992"


def test_a_deleted_project_is_in_no_list_and_its_old_paths_lead_nowhere():
    nova = company(ANCHOR)
    SCENES["project_renamed"].play(nova)
    SCENES["project_deleted"].play(nova)
    assert 221 not in nova.sandbox.gitlab.projects
    assert nova.sandbox.gitlab.old_paths == {}


def test_a_transferred_project_leaves_the_listing_of_its_group_and_returns():
    nova = company(ANCHOR)
    gitlab = nova.sandbox.gitlab

    def listed():
        return {one["id"] for one in projects_in(gitlab, gitlab.groups[100])}

    before = copy.deepcopy(gitlab.projects[221])
    SCENES["project_transferred"].play(nova)
    assert (221 in listed(), gitlab.projects[221]["path_with_namespace"]) == (False, "attic/common")
    assert gitlab.old_paths == {"nova/platform/common": 221}
    SCENES["project_returned"].play(nova)
    assert 221 in listed()
    assert gitlab.old_paths == {"attic/common": 221}
    changed = {key for key in before if before[key] != gitlab.projects[221][key]}
    assert changed == set()


def test_a_renamed_project_keeps_its_id_and_its_old_path_is_known():
    nova, _ = played("project_renamed")
    assert nova.sandbox.gitlab.old_paths == {"nova/platform/common": 221}
    assert nova.sandbox.gitlab.projects[221]["path_with_namespace"] == "nova/platform/foundation"


def test_a_forbidden_project_blinds_its_streams_and_silences_rules_that_need_absence():
    nova, _ = played("project_forbidden")
    scene = SCENES["project_forbidden"]
    assert nova.sandbox.gitlab.projects[221]["_forbidden"]
    assert {p.rule for p in scene.adds} == {"X01"}
    assert not {"S04", "S07"} & {p.rule for p in scene.truth_after(nova)}
