from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import yaml

from connectors.sandbox.world import company
from connectors.sandbox.world.workdays import exchanged, holidays, maintenance_stop, workdays_before
from mappings.load import parsed

ANCHORS = [
    datetime(2026, 11, 23, 3, tzinfo=UTC),
    datetime(2024, 5, 2, 17, tzinfo=UTC),
    datetime(2027, 2, 8, tzinfo=UTC),
    datetime(2026, 1, 7, 17, tzinfo=UTC),  # the stop takes in a Sunday that was to be worked
]


@pytest.mark.parametrize("anchor", ANCHORS)
@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_the_mapping_is_valid_for_both_products_on_any_day(anchor, flavour):
    spec = parsed(company(anchor, flavour=flavour).mapping, name="mapping.yaml").spec
    assert len(spec.milestones) == 10
    assert spec.write.enabled
    assert spec.write.max_writes_per_run == 100
    assert (spec.sources.jira[0].fields.epic_link is None) is (flavour == "cloud")


def test_people_are_spelt_as_the_product_spells_them(nova):
    cloud = {p["jira"] for p in yaml.safe_load(nova.mapping)["people"]}
    assert cloud <= nova.sandbox.jira.users.keys()
    twin = company(nova.anchor, flavour="datacenter")
    assert "li.wei" in {p["jira"] for p in yaml.safe_load(twin.mapping)["people"]}
    assert {p["gitlab"] for p in yaml.safe_load(nova.mapping)["people"]} <= {
        u["username"] for u in nova.sandbox.gitlab.users.values()
    }


def test_slots_and_named_issues_exist(nova):
    keys = {i["key"] for i in nova.sandbox.jira.issues.values()}
    tree = yaml.safe_load(nova.mapping)
    slots = [m["slot"]["issue"] for m in tree["milestones"] if "slot" in m]
    slots += [o["slot"]["issue"] for m in tree["milestones"] for o in m.get("overrides", {}).values()]
    assert len(slots) == 9
    assert set(slots) <= keys
    assert {d["issue"] for d in tree["debt"] if "issue" in d} <= keys
    assert tree["suppressions"][0]["record"] in keys


def test_the_mapping_of_a_small_company_names_what_is_there(nova):
    little = company(nova.anchor, size="small")
    keys = {i["key"] for i in little.sandbox.jira.issues.values()}
    spec, tree = parsed(little.mapping, name="mapping.yaml").spec, yaml.safe_load(little.mapping)
    assert (len(spec.milestones), len(spec.debt)) == (3, 1)
    slots = [m["slot"]["issue"] for m in tree["milestones"] if "slot" in m]
    assert {*slots, "IMP-2", tree["suppressions"][0]["record"]} <= keys
    paths = {p["path_with_namespace"] for p in little.sandbox.gitlab.projects.values()}
    assert {name for m in tree["milestones"] for name in m.get("repositories", ())} <= paths


def test_the_suppression_ends_after_the_anchor(nova):
    assert yaml.safe_load(nova.mapping)["suppressions"][0]["until"] == nova.anchor.date() + timedelta(days=21)


@pytest.mark.parametrize("days", range(0, 400, 7))
def test_the_maintenance_stop_is_four_workdays_just_before_the_last_one(days):
    anchor = datetime(2026, 1, 3, 5, tzinfo=UTC) + timedelta(days=days)
    stop = maintenance_stop(anchor)
    assert len(stop) == 4
    assert all(a < b for a, b in pairwise(stop))
    assert all(d not in holidays(anchor) for d in stop)
    assert all(d.weekday() < 5 or d in exchanged(anchor) for d in stop)
    assert workdays_before(anchor, 1).date() > stop[-1]
    assert workdays_before(anchor, 2).date() < stop[0]
    assert anchor - workdays_before(anchor, 2) > timedelta(days=5)
