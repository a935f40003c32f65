"""Issues of every shape become one record."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connectors.jira.fields import Fields, SiteField
from connectors.jira.parse import sprint_ids_of, texts_of
from connectors.jira.parse_issue import IssueContext, parse_issue
from connectors.parsing import instant, parsed
from connectors.records import IssueLink, LinkDirection

pytestmark = pytest.mark.pure

FIELDS = Fields(
    story_points=SiteField(id="customfield_10016", name="Story Points"),
    sprint=SiteField(id="customfield_10020", name="Sprint"),
    epic_link=SiteField(id="customfield_10014", name="Epic Link"),
    others=(
        ("Reason", SiteField(id="customfield_7", name="Reason")),
        ("Gate", SiteField(id="c8", name="Gate")),
    ),
)
CONTEXT = IssueContext(source="jira", browse_url="https://people.test/jira", fields=FIELDS)


def test_an_issue_is_read_with_all_its_fields(issue):
    read = parse_issue(
        issue(
            7,
            "PAY-7",
            assignee={"accountId": "a1", "displayName": "李伟", "active": False},
            reporter={"name": "zhang", "displayName": "Zhang Min"},
            labels=["z", "a"],
            components=[{"id": "1", "name": "core"}],
            fixVersions=[{"id": "20"}, {"id": "10"}],
            resolution={"name": "Done"},
            resolutiondate="2026-11-19T09:00:00.000+0800",
            duedate="2026-12-15",
            timeoriginalestimate=7200,
            description="plain {code}",
            customfield_10016=3,
            customfield_7={"value": "cost"},
        ),
        CONTEXT,
    )
    assert (read.assignee_id, read.assignee_name, read.is_assignee_active) == ("a1", "李伟", False)
    assert (read.reporter_id, read.labels, read.components) == ("zhang", ("a", "z"), ("core",))
    assert (read.fix_version_ids, read.story_points) == (("10", "20"), 3.0)
    assert (read.due_on, read.resolved_at) == (date(2026, 12, 15), datetime(2026, 11, 19, 1, tzinfo=UTC))
    assert (read.original_estimate_s, read.description) == (7200, "plain {code}")
    assert read.fields == (("Gate", ()), ("Reason", ("cost",)))
    assert read.url == "https://people.test/jira/browse/PAY-7"


@pytest.mark.parametrize(
    ("fields", "epic"),
    [
        (
            {
                "parent": {
                    "id": "1",
                    "key": "PAY-1",
                    "fields": {"issuetype": {"name": "长篇", "hierarchyLevel": 1}},
                }
            },
            "PAY-1",
        ),
        ({"parent": {"id": "1", "key": "PAY-1", "fields": {"issuetype": {"name": "Epic"}}}}, "PAY-1"),
        (
            {
                "parent": {
                    "id": "1",
                    "key": "PAY-2",
                    "fields": {"issuetype": {"name": "Story", "hierarchyLevel": 0}},
                }
            },
            None,
        ),
        ({"customfield_10014": "PAY-3"}, "PAY-3"),
        ({}, None),
    ],
)
def test_the_epic_is_the_parent_or_the_epic_link(issue, fields, epic):
    assert parse_issue(issue(7, "PAY-7", **fields), CONTEXT).epic_key == epic


def test_links_are_seen_from_the_issue_and_hidden_ends_are_left_out(issue):
    kind = {"name": "Blocks"}
    links = [
        {"type": kind, "outwardIssue": {"id": "8", "key": "PAY-8"}},
        {"type": kind, "inwardIssue": {"id": "9", "key": "RISK-9"}},
        {"type": kind},
    ]
    assert parse_issue(issue(7, "PAY-7", issuelinks=links), CONTEXT).links == (
        IssueLink(type="Blocks", direction=LinkDirection.OUTWARD, other_id="8", other_key="PAY-8"),
        IssueLink(type="Blocks", direction=LinkDirection.INWARD, other_id="9", other_key="RISK-9"),
    )


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ([{"id": 175, "name": "S1"}, {"id": 176}], ("175", "176")),
        (
            ["com.atlassian.greenhopper.service.sprint.Sprint@1f[id=12,rapidViewId=3,name=x,goal=[id=9]]"],
            ("12",),
        ),
        (["com.atlassian.greenhopper.service.sprint.Sprint@1f[rapidViewId=3,id=12,state=CLOSED]"], ("12",)),
        (
            [
                "com.atlassian.greenhopper.service.sprint.Sprint@2f[endDate=<null>,goal=see ,id=9 or [id=8],id=12,name=x,id=7,rapidViewId=1,state=ACTIVE]"
            ],
            ("12",),
        ),
        (None, ()),
        ([], ()),
    ],
)
def test_sprint_ids_come_from_objects_and_from_texts(value, ids):
    assert sprint_ids_of(value) == ids


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ({"value": "High"}, ("High",)),
        ({"value": "Parent", "child": {"value": "Child"}}, ("Parent", "Child")),
        ([{"value": "a"}, {"name": "b"}], ("a", "b")),
        ({"accountId": "x", "displayName": "李伟"}, ("李伟",)),
        ("2026-12-15", ("2026-12-15",)),
        (3.0, ("3",)),
        (2.5, ("2.5",)),
        (0, ("0",)),
        (True, ("true",)),
        ("", ()),
        (
            {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "hi"}]}]},
            ("hi",),
        ),
    ],
)
def test_custom_values_become_texts(value, texts):
    assert texts_of(value) == texts


@pytest.mark.parametrize("value", ["2026-11-01T11:00:00", "yesterday", "", 1e400])
def test_an_instant_without_a_zone_is_refused(value):
    with pytest.raises((ValueError, OverflowError)):
        instant(value)


@pytest.mark.parametrize("payload", [None, 3, "x", [], {}, {"id": 1, "key": 2, "fields": None}])
def test_hostile_payloads_are_skipped_never_raised(payload):
    good, bad = parsed([payload], lambda row: parse_issue(row, CONTEXT), what="issue")
    assert good == ()
    assert len(bad) == 1
