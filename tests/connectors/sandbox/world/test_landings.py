from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox.gitlab_routes.graph import reachable
from connectors.sandbox.world import company
from connectors.sandbox.world.landings import last_switch
from connectors.sandbox.world.scenes import SCENES
from connectors.sandbox.world.stamps import gitlab_time
from tests.connectors.sandbox.world.playing import ANCHOR, played


def test_a_rerun_pipeline_keeps_its_id_and_creation_and_has_a_newer_job():
    nova, twin = company(ANCHOR), company(ANCHOR)
    SCENES["pipeline_rerun"].play(nova)
    (old, new) = next(
        (twin.sandbox.gitlab.pipelines[202][id_], held)
        for id_, held in nova.sandbox.gitlab.pipelines[202].items()
        if held != twin.sandbox.gitlab.pipelines[202][id_]
    )
    assert {key for key in old if old[key] != new[key]} == {"status", "updated_at"}
    assert (old["status"], new["status"], new["updated_at"]) == ("failed", "success", gitlab_time(ANCHOR))
    jobs = nova.sandbox.gitlab.jobs[new["id"]]
    newest = {job["name"]: job["status"] for job in sorted(jobs, key=lambda one: one["id"])}
    assert newest["unit-test"] == "success"


@pytest.mark.parametrize("name", ["squash_merge", "rebase_merge"])
def test_work_that_landed_under_new_shas_is_on_main_and_its_former_commits_are_in_no_branch(name):
    actor = "unfinished IMP" if name == "squash_merge" else "unfinished RISK"
    nova, twin = company(ANCHOR), company(ANCHOR)
    SCENES[name].play(nova)
    project_id, iid = nova.requests[actor]
    request = nova.sandbox.gitlab.merge_requests[project_id][iid]
    former = twin.sandbox.gitlab.merge_requests[project_id][iid]
    assert (request["state"], request["merge_commit_sha"]) == ("merged", None)
    tips = [b["commit"]["id"] for b in nova.sandbox.gitlab.branches[project_id].values()]
    reached = reachable(nova.sandbox.gitlab, project_id, *tips)
    assert (request["squash_commit_sha"] or request["sha"]) in reached
    assert former["sha"] not in reached
    assert former["source_branch"] not in nova.sandbox.gitlab.branches[project_id]


def test_the_sha_of_a_merged_result_is_in_no_branch():
    nova, _ = played("merged_results_pipeline")
    gitlab = nova.sandbox.gitlab
    for actor, status in (("busy", "failed"), ("red", "success")):
        project_id, iid = nova.requests[actor]
        made = max(gitlab.pipelines[project_id].values(), key=lambda one: one["id"])
        assert (made["ref"], made["status"]) == (f"refs/merge-requests/{iid}/merge", status)
        tips = [b["commit"]["id"] for b in gitlab.branches[project_id].values()]
        assert made["sha"] not in reachable(gitlab, project_id, *tips)
        assert made["sha"] in gitlab.commits[project_id]


@pytest.mark.parametrize(
    ("anchor", "switch"),
    [
        (ANCHOR, datetime(2026, 10, 25, 1, tzinfo=UTC)),
        (datetime(2026, 3, 29, 2, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (datetime(2026, 3, 29, 1, 59, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)),
    ],
)
def test_the_last_change_of_clocks_is_the_instant_at_which_the_offset_changed(anchor, switch):
    assert last_switch(anchor, ZoneInfo("Europe/Berlin")) == switch


def test_commits_around_a_change_of_clocks_are_told_in_local_time():
    nova, _ = played("release_day_dst")
    project_id, iid = nova.requests["busy"]
    sha, told = nova.sandbox.gitlab.merge_requests[project_id][iid]["sha"], []
    for _ in range(4):
        commit = nova.sandbox.gitlab.commits[project_id][sha]
        told.append(commit["committed_date"][11:])
        (sha,) = commit["parent_ids"]
    assert told[::-1] == [
        "02:29:00.000+02:00",
        "02:59:00.000+02:00",
        "02:00:00.000+01:00",
        "02:29:00.000+01:00",
    ]
