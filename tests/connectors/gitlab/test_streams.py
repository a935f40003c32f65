"""Streams: what is asked, how often, and that nothing is lost in windows and broken walks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.cursor import Cursor
from tests.connectors.gitlab.fake_gitlab import NOW, stamp
from tests.connectors.gitlab.rows import pipeline_row, request_row


def test_an_unchanged_world_of_six_projects_costs_41_requests_where_everything_is_asked(
    company, connector, store
):
    opened = connector()
    assert store.pull(opened) == {}
    company.at = later = NOW + timedelta(minutes=5)
    before = opened.requests_made
    company.log.clear()
    assert store.pull(opened, now=later) == {}
    assert opened.requests_made - before == len(company.log) == 41


def test_a_project_that_was_active_is_asked_for_everything(company, connector, store):
    store.pull(connector())
    company.at = NOW + timedelta(minutes=30)
    company.projects[3]["last_activity_at"] = stamp(NOW + timedelta(minutes=20))
    company.log.clear()
    store.pull(connector(), now=company.at, max_age=timedelta(hours=1))
    assert [line.partition("?")[0] for line in company.asked("/releases")] == ["projects/3/releases"]
    assert len(company.asked("source=parent_pipeline")) == 1
    assert len([line for line in company.asked("/milestones") if line.startswith("projects/")]) == 1


def test_child_pipelines_left_out_by_an_earlier_version_are_made_up_for(company, connector, store):
    store.pull(connector())
    child = pipeline_row(77, at=NOW + timedelta(minutes=1), source="parent_pipeline")
    company.lists["projects/1/pipelines"].append(child)
    company.at = NOW + timedelta(minutes=90)
    kept = store.cursors["pipelines", "1"]
    store.cursors["pipelines", "1"] = Cursor(read_to=company.at - timedelta(minutes=5), tips=kept.tips)
    store.pull(connector(), now=company.at)
    assert store.of("pipeline")["77"].origin == "parent_pipeline"


def test_merge_requests_of_a_group_name_their_project_and_its_pages(company, connector, store):
    store.pull(connector())
    request = store.of("merge_request")["1008"]
    assert (request.project_id, request.reference, request.author_id) == ("3", "!8", "liwei")
    assert request.url == "https://git.example.com/team/p3/-/merge_requests/8"
    assert "non_archived=false" in company.asked("groups/team/merge_requests")[0]
    assert "scope=all&state=all" in company.asked("groups/team/merge_requests")[0]


def test_the_window_reaches_ten_minutes_behind_the_cursor(company, connector, store):
    store.pull(connector())
    company.at = NOW + timedelta(hours=1)
    company.log.clear()
    store.pull(connector(), now=company.at)
    assert "updated_after=2026-11-20T11:50:00.000Z" in company.asked("groups/team/merge_requests")[0]


def test_the_cursor_follows_the_tools_clock_where_ours_is_ahead(company, connector, store):
    store.pull(connector(), now=NOW + timedelta(hours=3))
    assert store.cursors["merge_requests", "team"].read_to == NOW


def test_a_merge_request_updated_during_a_window_is_read_in_the_next_one(company, connector, store):
    rows = [request_row(n, at=NOW - timedelta(minutes=500 - n)) for n in range(1, 351)]
    company.lists["groups/team/merge_requests"] = rows
    store.pull(connector())
    assert len(store.of("merge_request")) == 350
    for row in rows[:150]:
        row["updated_at"] = stamp(NOW + timedelta(seconds=row["iid"]))
        row["state"] = "merged"
    company.at = NOW + timedelta(minutes=20)
    company.log.clear()
    store.pull(connector(), now=company.at)
    assert sum(r.state == "merged" for r in store.of("merge_request").values()) == 150
    assert len(company.asked("groups/team/merge_requests")) == 2


@pytest.mark.parametrize("stop_after", [1, 2, 3, 4])
def test_a_crash_in_a_first_walk_of_merge_requests_loses_nothing(  # noqa: PLR0917
    company, connector, store, stream_of, stop_after
):
    rows = [request_row(n, at=NOW - timedelta(minutes=500 - n)) for n in range(1, 351)]
    company.lists["groups/team/merge_requests"] = rows
    opened = connector()
    opened.connect()
    pages = store.pages(stream_of(opened, "merge_requests"), "team")
    for _ in range(stop_after):
        store.land("merge_requests", "team", next(pages))
    pages.close()
    assert store.cursors["merge_requests", "team"].read_to is None
    rows[0] |= {"state": "closed", "updated_at": stamp(NOW + timedelta(minutes=1))}
    company.at = NOW + timedelta(hours=2)
    store.pull(connector(), now=company.at)
    assert store.cursors["merge_requests", "team"].read_to == NOW  # the walk's own start
    store.pull(connector(), now=company.at)
    assert len(store.of("merge_request")) == 350
    assert store.of("merge_request")["1001"].state == "closed"


def test_a_malformed_row_is_skipped_with_its_reason_and_the_page_lands(company, connector, store):
    company.lists["projects/1/pipelines"] = [
        pipeline_row(1),
        {**pipeline_row(2), "sha": None},
        "nonsense" and {**pipeline_row(3), "status": {}},
    ]
    assert store.pull(connector()) == {}
    assert "1" in store.of("pipeline")
    assert [(s.what, s.reason[:24]) for s in store.skipped] == [
        ("pipeline 2", "not in the expected form"),
        ("pipeline 3", "not in the expected form"),
    ]


def test_milestones_of_the_group_and_of_a_project_know_their_owner(company, connector, store):
    row = {
        "id": 1,
        "iid": 4,
        "title": "2.0",
        "state": "active",
        "updated_at": stamp(NOW),
        "due_date": "2026-12-15",
        "group_id": 900,
    }
    company.lists["groups/team/milestones"] = [row]
    company.lists["projects/1/milestones"] = [{**row, "id": 2, "group_id": None, "project_id": 1}]
    assert store.pull(connector()) == {}
    of_group, of_project = store.of("milestone")["1"], store.of("milestone")["2"]
    assert (of_group.group_id, of_group.url) == ("900", "https://git.example.com/groups/team/-/milestones/4")
    assert (of_project.project_id, of_project.url) == ("1", "https://git.example.com/team/p1/-/milestones/4")
    assert str(of_group.due_on) == "2026-12-15"


def test_deployments_are_read_again_when_their_status_flips(company, connector, store):
    row = {
        "id": 1,
        "iid": 1,
        "ref": "main",
        "sha": "1-2",
        "status": "running",
        "created_at": stamp(NOW),
        "updated_at": stamp(NOW),
        "environment": {"name": "production"},
        "deployable": {"finished_at": None},
    }
    company.lists["projects/1/deployments"] = [row]
    store.pull(connector())
    row |= {
        "status": "success",
        "updated_at": stamp(NOW + timedelta(minutes=3)),
        "deployable": {"finished_at": "2026-11-20T20:03:00+08:00"},
    }
    company.at = NOW + timedelta(minutes=5)
    store.pull(connector(), now=company.at)
    deployment = store.of("deployment")["1"]
    assert (deployment.status, deployment.finished_at) == ("success", NOW + timedelta(minutes=3))


def test_a_second_full_walk_yields_the_same_records(company, connector, store):
    store.pull(connector())
    first = dict(store.records)
    store.pull(connector(), is_full=True)
    assert store.records == first
