from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.sandbox.world import company
from connectors.sandbox.world.scenes import SCENES

ANCHOR = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def played(name):
    nova = company(ANCHOR)
    return nova, SCENES[name].play(nova)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_scene_tells_what_happened(name):
    _, told = played(name)
    assert told
    assert all(sentence.endswith(".") and sentence[0].isalnum() for sentence in told)
    assert SCENES[name].name == name


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_scene_can_be_told_on_any_day_and_for_both_products(name):
    nova = company(datetime(2026, 2, 18, 22, 15, tzinfo=UTC), seed=3, flavour="datacenter")
    assert SCENES[name].play(nova)


def test_overnight_moves_the_clock_and_reddens_reverts_and_adds():
    nova, _ = played("overnight")
    assert nova.clock.now() == ANCHOR + timedelta(hours=26)
    jira, gitlab = nova.sandbox.jira, nova.sandbox.gitlab
    project_id, iid = nova.requests["reviewed"]
    request = gitlab.merge_requests[project_id][iid]
    assert request["state"] == "merged"
    assert gitlab.branches[project_id]["main"]["commit"]["id"] == request["merge_commit_sha"]
    newest = max(gitlab.pipelines[project_id].values(), key=lambda p: p["id"])
    assert (newest["status"], newest["ref"]) == ("failed", "main")
    assert gitlab.jobs[newest["id"]]
    assert jira.issues[nova.issues["reviewed"]]["fields"]["status"]["name"] == "Done"
    added = jira.issues[nova.issues["added"]]
    assert [v["name"] for v in added["fields"]["fixVersions"]] == ["Risk engine 1.4"]
    assert jira.histories[nova.issues["added"]][-1]["items"][0]["field"] == "Fix Version"
    assert {p.rule for p in SCENES["overnight"].adds} == {"S03", "S09", "D01"}


def test_a_late_push_brings_a_commit_that_is_older_than_its_branch():
    nova, _ = played("late_push")
    branch = next(b for b in nova.sandbox.gitlab.branches[203].values() if "from-the-train" in b["name"])
    assert datetime.fromisoformat(branch["commit"]["committed_date"]) < ANCHOR - timedelta(days=39)


def test_a_force_push_leaves_the_former_head_outside_every_branch():
    nova = company(ANCHOR)
    project_id, iid = nova.requests["busy"]
    request = nova.sandbox.gitlab.merge_requests[project_id][iid]
    before = request["sha"]
    SCENES["force_push"].play(nova)
    commits = nova.sandbox.gitlab.commits[project_id]
    reached, ahead = set(), [b["commit"]["id"] for b in nova.sandbox.gitlab.branches[project_id].values()]
    while ahead:
        sha = ahead.pop()
        if sha not in reached:
            reached.add(sha)
            ahead += commits[sha]["parent_ids"]
    assert before in commits
    assert before not in reached
    assert request["sha"] in reached


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


def test_a_persons_comment_is_theirs_and_every_playing_adds_one():
    nova, _ = played("new_comment_by_person")
    SCENES["new_comment_by_person"].play(nova)
    comments = nova.sandbox.jira.comments[nova.issues["slot"]]
    assert len({c["id"] for c in comments}) == 2
    assert {c["author"]["displayName"] for c in comments} == {"Emma Larsen"}
