"""Censuses: what is counted, what a direct read confirms as gone, what is found elsewhere; and the long reach of windows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.errors import ForbiddenError
from connectors.port import Request, Scope
from tests.connectors.gitlab.fake_gitlab import NOW, stamp
from tests.connectors.gitlab.rows import request_row


def opened_on(connector, **selection):
    opened = connector(**selection)
    opened.connect()
    return opened


def stream_named(opened, name):
    return next(s for s in opened.streams() if s.name == name)


def census_of(opened, kind):
    return next(c for c in opened.censuses() if c.kind == kind)


def test_every_census_names_a_stream_that_reads_its_partitions(company, connector):
    opened = opened_on(connector)
    streams = {s.name: set(s.partitions(frozenset())) for s in opened.streams()}
    for census in opened.censuses():
        assert set(census.partitions()) <= streams[census.stream]


def test_a_merge_request_of_a_project_that_left_the_group_is_found_there_and_not_gone(
    company, connector, store
):
    store.pull(connector())
    company.projects[4]["path_with_namespace"] = "elsewhere/p4"
    company.lists["projects/4/merge_requests"] = [request_row(3, project=4, path="elsewhere/p4")]
    opened = connector()
    store.pull(opened)
    settled = census_of(opened, "merge_request").settled("team", frozenset({"1003", "9999"}))
    assert settled.gone == {"9999"}
    ((partition, page),) = settled.moved
    assert (partition, [r.reference for r in page.records]) == ("4", ["!3"])


def test_a_merge_request_that_its_groups_list_left_out_is_neither_gone_nor_moved(company, connector):
    company.lists["projects/4/merge_requests"] = [request_row(3, project=4)]
    settled = census_of(opened_on(connector), "merge_request").settled("team", frozenset({"1003"}))
    assert (settled.gone, settled.moved) == (frozenset(), ())


def test_releases_are_counted_per_project_and_gone_only_by_a_direct_read(company, connector):
    census = census_of(opened_on(connector), "release")
    assert set(census.partitions()) == set("123456")
    assert census.ids("4") == {"4/v1"}
    company.answers["projects/4/releases/v2"] = (200, {"tag_name": "v2"})
    company.answers["projects/4/releases/v3"] = (404, {})
    assert census.settled("4", frozenset({"4/v2", "4/v3"})).gone == {"4/v3"}


def milestone_row(n, **owner):
    return {
        "id": n,
        "iid": n,
        "title": f"M{n}",
        "state": "active",
        "created_at": stamp(NOW),
        "updated_at": stamp(NOW),
        **owner,
    }


def test_milestones_are_counted_per_group_and_project(company, connector):
    company.lists["groups/team/milestones"] = [milestone_row(1, group_id=900), milestone_row(2, project_id=4)]
    company.lists["projects/4/milestones"] = [milestone_row(2, project_id=4)]
    census = census_of(opened_on(connector), "milestone")
    assert (census.ids("team"), census.ids("4"), census.ids("5")) == ({"1", "2"}, {"2"}, frozenset())


def test_a_milestone_is_gone_once_none_of_its_possible_owners_has_it(company, connector):
    census = census_of(opened_on(connector), "milestone")
    owners = [f"projects/{n}" for n in range(1, 7)] + ["groups/team"]
    company.answers |= {f"{owner}/milestones/{n}": (404, {}) for owner in owners for n in (1, 2, 3)}
    company.answers["projects/6/milestones/2"] = (200, milestone_row(2, project_id=6))
    assert census.settled("team", frozenset({"1", "2"})).gone == {"1"}
    company.answers["projects/6/milestones/3"] = (403, {})
    with pytest.raises(ForbiddenError):
        census.settled("team", frozenset({"3"}))


def test_features_that_are_switched_off_are_not_counted(company, connector):
    company.projects[4] |= {
        "releases_access_level": "disabled",
        "issues_access_level": "disabled",
        "merge_requests_access_level": "disabled",
    }
    opened = opened_on(connector)
    assert "4" not in census_of(opened, "release").partitions()
    assert "4" not in census_of(opened, "milestone").partitions()


@pytest.mark.parametrize(
    ("stream", "partition"),
    [("merge_requests", "team"), ("gitlab_issues", "team"), ("pipelines", "4"), ("deployments", "4")],
)
def test_a_long_reach_moves_the_lower_bound_of_a_window(company, connector, store, stream, partition):  # noqa: PLR0917  # fixtures
    opened = connector()
    store.pull(opened)
    company.log.clear()
    scope = Scope(source="gitlab", stream=stream, partition=partition)
    request = Request(
        scope=scope, cursor=store.cursors[stream, partition], now=NOW, reach=timedelta(hours=48)
    )
    list(stream_named(opened, stream).pages(request))
    bounds = [line.partition("updated_after=")[2][:10] for line in company.log if "updated_after" in line]
    assert set(bounds) == {"2026-11-18"}


@pytest.mark.parametrize("stream", ["releases", "milestones"])
def test_a_long_reach_asks_quiet_projects_too(company, connector, store, stream):
    store.pull(connector())
    opened = opened_on(connector)
    company.log.clear()
    scope = Scope(source="gitlab", stream=stream, partition="4")
    cursor = store.cursors[stream, "4"]
    later, hour = NOW + timedelta(minutes=30), timedelta(hours=1)
    company.at = later
    list(stream_named(opened, stream).pages(Request(scope=scope, cursor=cursor, now=later, max_age=hour)))
    assert company.asked(f"projects/4/{stream}") == []
    list(
        stream_named(opened, stream).pages(
            Request(scope=scope, cursor=cursor, now=later, max_age=hour, reach=48 * hour)
        )
    )
    assert len(company.asked(f"projects/4/{stream}")) == 1
