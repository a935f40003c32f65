"""Histories: which changes are kept and under which name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.jira.fields import Fields, SiteField
from connectors.jira.parse_changelog import normal_field, parse_history

pytestmark = pytest.mark.pure

FIELDS = Fields(
    story_points=SiteField(id="customfield_10016", name="Story Points"),
    sprint=SiteField(id="customfield_10020", name="迭代"),
    epic_link=SiteField(id="customfield_10014", name="Epic Link"),
)


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"field": "status", "fieldId": "status"}, "status"),
        ({"field": "status", "fieldtype": "jira"}, "status"),
        ({"field": "Status", "fieldtype": "custom"}, None),
        ({"field": "Status", "fieldtype": "custom", "fieldId": "customfield_1"}, None),
        ({"field": "Fix Version", "fieldId": "fixVersions"}, "fix_version"),
        ({"field": "Fix Version", "fieldtype": "jira"}, "fix_version"),
        ({"field": "duedate"}, "due"),
        ({"field": "timeoriginalestimate"}, "estimate"),
        ({"field": "timeestimate", "fieldId": "timeestimate"}, None),
        ({"field": "assignee"}, "assignee"),
        ({"field": "Sprint", "fieldtype": "custom", "fieldId": "customfield_10020"}, "sprint"),
        ({"field": "Sprint", "fieldtype": "custom"}, "sprint"),
        ({"field": "Story Points", "fieldtype": "custom"}, "story_points"),
        ({"field": "估算", "fieldtype": "custom", "fieldId": "customfield_10016"}, "story_points"),
        ({"field": "IssueParentAssociation", "fieldtype": "jira"}, "parent"),
        ({"field": "Parent", "fieldtype": "jira"}, "parent"),
        ({"field": "Epic Link", "fieldtype": "custom"}, "parent"),
        ({"field": "Key", "fieldtype": "jira"}, "key"),
        ({"field": "Key", "fieldtype": "jira", "fieldId": "issuekey"}, "key"),
        ({"field": "Key", "fieldtype": "jira", "fieldId": "Key"}, "key"),
        ({"field": "Story Points", "fieldtype": "custom", "fieldId": "customfield_99"}, None),
        ({"field": "resolution"}, "resolution"),
        ({"field": "description", "fieldId": "description"}, None),
        ({"field": "RemoteIssueLink", "fieldtype": "jira"}, None),
    ],
)
def test_a_change_has_its_normal_name(item, name):
    assert normal_field(item, FIELDS) == name


@pytest.mark.parametrize(
    "created",
    [1793530800000, "1793530800000", 1793530800, "2026-11-01T11:00:00.000+0000", "2026-11-01T19:00:00+08:00"],
)
def test_created_may_be_a_number_or_a_text(created):
    payload = {"id": "5", "created": created, "items": [{"field": "status", "toString": "Done"}]}
    (change,) = parse_history(payload, source="jira", issue_id="1", fields=FIELDS)
    assert change.at == datetime(2026, 11, 1, 11, tzinfo=UTC)


def test_the_id_counts_every_item_of_the_history_not_only_the_kept_ones():
    items = [{"field": "description"}, {"field": "status", "from": "", "fromString": "", "toString": "Done"}]
    payload = {"id": 5, "created": "2026-11-01T11:00:00.000+0000", "items": items, "author": {"name": "li"}}
    (change,) = parse_history(payload, source="jira", issue_id="1", fields=FIELDS)
    assert (change.id, change.author_id, change.from_value, change.from_text) == ("5.1", "li", None, None)
