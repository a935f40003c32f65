from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.sandbox.world import company
from connectors.sandbox.world.scenes import SCENES
from tests.connectors.sandbox.world.playing import ANCHOR, played, told


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_scene_tells_what_happened(name):
    _, sentences = played(name)
    assert sentences
    assert all(sentence.endswith(".") and sentence[0].isalnum() for sentence in sentences)
    assert SCENES[name].name == name


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_scene_can_be_told_on_any_day_and_for_both_products(name):
    nova = company(datetime(2026, 2, 18, 22, 15, tzinfo=UTC), seed=3, flavour="datacenter")
    assert told(nova, SCENES[name])


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
    branch = next(b for b in nova.sandbox.gitlab.branches[201].values() if "from-the-train" in b["name"])
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


def test_a_persons_comment_is_theirs_and_every_playing_adds_one():
    nova, _ = played("new_comment_by_person")
    SCENES["new_comment_by_person"].play(nova)
    comments = nova.sandbox.jira.comments[nova.issues["slot"]]
    assert len({c["id"] for c in comments}) == 2
    assert {c["author"]["displayName"] for c in comments} == {"Emma Larsen"}
