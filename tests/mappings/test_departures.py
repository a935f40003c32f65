"""Departures: what issues that are gone were to the plan."""

from __future__ import annotations

from mappings.departures import departures_of
from mappings.discovery import commitments_of
from mappings.observed import Gone, Observed
from tests import builders


def departures(*gone_issues, records=(), aliases=(), **mapping):
    spec = builders.spec(**mapping)
    gone = [Gone(issue=issue, noticed_at=builders.NOW) for issue in gone_issues]
    observed = Observed.of(records, aliases=aliases, gone=gone)
    return departures_of(spec, commitments_of(spec, observed), observed)


def test_without_gone_issues_there_is_nothing_to_tell():
    assert departures(records=[builders.issue("PAY-1")]) == ()


def test_a_departure_tells_by_which_rule_the_issue_belonged():
    milestone = {"key": "m", "title": "M", "scope": {"project": "PAY", "not": {"label": "spike"}}}
    kept, left_out = builders.issue("PAY-1"), builders.issue("PAY-2", labels=("spike",))
    (one,) = departures(kept, left_out, milestones=[milestone])
    assert (one.commitment_key, one.issue, one.names) == ("m", kept, ())
    assert one.because == "project = PAY and not (label = spike)"


def test_every_place_that_names_an_issue_is_told():
    milestone = {
        "key": "m",
        "title": "M",
        "scope": {"any": [{"key": "PAY-1"}, {"epic": "PAY-1"}]},
        "slot": {"issue": "PAY-1"},
    }
    (one,) = departures(builders.issue("PAY-1", type="Epic"), milestones=[milestone])
    assert one.names == (
        ("PAY-1", "milestones[0].scope.any[0].key"),
        ("PAY-1", "milestones[0].scope.any[1].epic"),
        ("PAY-1", "milestones[0].slot.issue"),
    )


def test_a_link_of_the_mapping_makes_no_commitment_miss_its_issue():
    confirmed = [{"change": "acme/pay!1", "issue": "RISK-1"}]
    assert departures(builders.issue("RISK-1"), links={"confirmed": confirmed}) == ()


def test_a_commitment_found_in_an_epic_goes_with_it_unless_it_was_closed():
    found = [{"from": "jira_epics", "where": {"open_only": False}}]
    epic, done = builders.issue("PAY-1", type="Epic"), builders.issue("PAY-2", type="Epic", status="Done")
    (one,) = departures(epic, done, milestones=found)
    assert (one.commitment_key, one.issue, one.made) == ("*", epic, "Title of PAY-1")


def test_a_sub_task_is_missed_where_its_parent_is_there_again_under_another_id():
    parent = builders.issue("PAY-1")
    child = builders.issue("PAY-2", is_subtask=True, parent_id=parent.id, parent_key="PAY-1")
    assert [d.issue for d in departures(parent, child)] == [parent]
    again = builders.issue("PAY-1", id="77")
    assert [d.issue for d in departures(parent, child, records=[again])] == [child]
