"""Payloads recorded from live servers give what an independent system derived from the same payloads."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.jira.fields import Fields, SiteField
from connectors.jira.parse import parse_sprint, parse_version, parse_worklog
from connectors.jira.parse_changelog import parse_history
from connectors.jira.parse_issue import IssueContext, parse_issue
from connectors.parsing import parsed

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "devlake"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the folder with recorded payloads (../shared/data/devlake) is absent"
)
FIELDS = Fields(
    story_points=SiteField(id="customfield_10024", name="Story Points"),
    sprint=SiteField(id="customfield_10020", name="Sprint"),
    epic_link=SiteField(id="customfield_10014", name="Epic Link"),
)
CONTEXT = IssueContext(source="jira", browse_url="https://merico.atlassian.net", fields=FIELDS)


def _payloads(name):
    return [json.loads(line) for line in (FOLDER / "jira" / f"{name}.jsonl").read_text("utf-8").splitlines()]


def _table(name, key):
    with (FOLDER / "expected" / "jira" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def _at(text):
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


@pytest.fixture(scope="module")
def issues():
    good, bad = parsed(_payloads("issues"), lambda row: parse_issue(row, CONTEXT), what="issue")
    assert bad == ()
    return good


def _compared(issues):
    expected = _table("_tool_jira_issues", "issue_id")
    pairs = [(issue, expected[issue.id]) for issue in issues if issue.id in expected]
    assert len(pairs) >= 15
    return pairs


def test_every_recorded_issue_has_the_expected_identity_status_and_times(issues):
    for issue, row in _compared(issues):
        assert (issue.key, issue.status, issue.status_category) == (
            row["issue_key"],
            row["status_name"],
            row["status_key"],
        )
        assert (issue.created_at, issue.updated_at) == (_at(row["created"]), _at(row["updated"]))
        assert issue.resolved_at == _at(row["resolution_date"])


def test_every_recorded_issue_has_the_expected_numbers_and_people(issues):
    for issue, row in _compared(issues):
        assert (issue.story_points or 0.0) == float(row["story_point"] or 0)
        assert (issue.assignee_id or "") == row["assignee_account_id"]
        assert (issue.priority, issue.type) == (row["priority_name"], row["type"])
        assert (issue.original_estimate_s or 0) == 60 * int(row["original_estimate_minutes"] or 0)


def test_sprint_membership_is_as_expected(issues):
    with (FOLDER / "expected" / "jira" / "_tool_jira_sprint_issues.csv").open(encoding="utf-8") as file:
        expected = {(row["sprint_id"], row["issue_id"]) for row in csv.DictReader(file)}
    ours = {(sprint, issue.id) for issue in issues for sprint in issue.sprint_ids}
    known = {issue_id for _, issue_id in expected}
    compared = {pair for pair in ours if pair[1] in known}
    assert len(compared) >= 10
    assert compared == {pair for pair in expected if pair[1] in {issue.id for issue in issues}}


def test_recorded_sprints_have_the_expected_states_and_times():
    expected = _table("_tool_jira_sprints", "sprint_id")
    sprints, bad = parsed(_payloads("sprints"), lambda row: parse_sprint(row, source="jira"), what="sprint")
    compared = [(sprint, expected[sprint.id]) for sprint in sprints if sprint.id in expected]
    assert (bad, len(compared) > 20) == ((), True)
    for sprint, row in compared:
        assert (sprint.state, sprint.name, sprint.board_id) == (
            row["state"],
            row["name"],
            row["origin_board_id"],
        )
        assert (sprint.starts_at, sprint.ends_at, sprint.completed_at) == (
            _at(row["start_date"]),
            _at(row["end_date"]),
            _at(row["complete_date"]),
        )


def test_recorded_worklogs_have_the_expected_seconds_and_times():
    expected = _table("_tool_jira_worklogs", "worklog_id")
    worklogs, bad = parsed(
        _payloads("worklogs"), lambda row: parse_worklog(row, source="jira"), what="worklog"
    )
    compared = [(worklog, expected[worklog.id]) for worklog in worklogs if worklog.id in expected]
    assert (bad, len(compared) > 0) == ((), True)
    for worklog, row in compared:
        assert (worklog.issue_id, worklog.spent_s) == (row["issue_id"], int(row["time_spent_seconds"]))
        assert worklog.started_at == _at(row["started"])


def test_every_recorded_version_and_history_can_be_read():
    versions, bad = parsed(
        _payloads("versions"),
        lambda row: parse_version(row, source="jira", project_key="EE", browse_url="https://x.test"),
        what="version",
    )
    assert (len(versions), bad) == (3, ())
    changes, bad = parsed(
        _payloads("changelogs"),
        lambda row: parse_history(row, source="jira", issue_id=str(row["_issue_id"]), fields=FIELDS),
        what="history",
    )
    kept = [change.field for group in changes for change in group]
    assert bad == ()
    assert {name: kept.count(name) for name in set(kept)} == {"sprint": 11, "status": 6}


def test_recorded_history_items_have_the_expected_values(issues):
    with (FOLDER / "expected" / "jira" / "_tool_jira_issue_changelog_items.csv").open(
        encoding="utf-8"
    ) as file:
        expected = {
            (row["changelog_id"], row["field"]): row
            for row in csv.DictReader(file)
            if row["field"] == "status"
        }
    compared = 0
    for payload in _payloads("issues"):
        for history in (payload.get("changelog") or {}).get("histories") or ():
            for change in parse_history(history, source="jira", issue_id=payload["id"], fields=FIELDS):
                row = expected.get((str(history["id"]), "status")) if change.field == "status" else None
                if row:
                    compared += 1
                    assert (change.from_text, change.to_text) == (row["from_string"], row["to_string"])
                    assert (change.from_value, change.to_value) == (row["from_value"], row["to_value"])
    assert compared > 20
