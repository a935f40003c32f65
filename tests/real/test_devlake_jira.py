"""Recorded Jira payloads, served and pulled over HTTP into the store, against what an independent system derived from them."""

from __future__ import annotations

import pytest

from connectors.records import FieldChange, Issue, Sprint, Version, Worklog
from mappings.schema import Vocabulary
from mappings.statuses import Progress, progress_of
from tests.real import devlake, differences_jira
from tests.real.columns import NO_ORACLE, Listed, against, pairs
from tests.real.compared import compared
from tests.real.devlake import day, flag, last, moment, number, payloads, table, text
from tests.real.recorded import read_recorded

pytestmark = devlake.NEEDED

WORDS = {
    Progress.TO_DO: "TODO",
    Progress.IN_PROGRESS: "IN_PROGRESS",
    Progress.IN_REVIEW: "IN_PROGRESS",
    Progress.DELIVERED: "DONE",
    Progress.DROPPED: "DONE",
}
KEPT = {
    "status": "status",
    "resolution": "resolution",
    "Fix Version": "fix_version",
    "assignee": "assignee",
    "timeoriginalestimate": "estimate",
    "Sprint": "sprint",
    "Epic Link": "parent",
    "Parent": "parent",
}
"""The names of changed fields in the tables, and what Tandem calls those that it keeps."""


def _minutes(seconds):
    return None if seconds is None else seconds / 60


def _lead_minutes(issue):
    return issue.resolved_at and (issue.resolved_at - issue.created_at).total_seconds() // 60


def _word(value):
    """Where the origin's test renamed statuses to nonsense on purpose, the column says nothing."""
    return value if value in WORDS.values() else NO_ORACLE


ISSUE = (
    ("issue_key", str, lambda i: i.key),
    ("url", str, lambda i: i.url),
    ("title", str, lambda i: i.title),
    ("original_type", str, lambda i: i.type),
    ("status", _word, lambda i: WORDS[progress_of(i, Vocabulary())]),
    ("original_status", str, lambda i: i.status),
    ("story_point", number, lambda i: i.story_points),
    ("created_date", moment, lambda i: i.created_at),
    ("updated_date", moment, lambda i: i.updated_at),
    ("resolution_date", moment, lambda i: i.resolved_at),
    ("lead_time_minutes", number, _lead_minutes),
    ("parent_issue_id", last, lambda i: i.parent_id),
    ("epic_key", text, lambda i: i.epic_key),
    ("priority", text, lambda i: i.priority),
    ("original_estimate_minutes", number, lambda i: _minutes(i.original_estimate_s)),
    ("time_spent_minutes", number, lambda i: _minutes(i.spent_s)),
    ("time_remaining_minutes", number, lambda i: _minutes(i.remaining_estimate_s)),
    ("assignee_id", last, lambda i: i.assignee_id),
    ("assignee_name", text, lambda i: i.assignee_name),
    ("component", text, lambda i: ",".join(i.components) or None),
    ("due_date", day, lambda i: i.due_on),
)
PLACE = (
    ("status_key", str, lambda i: i.status_category),
    ("subtask", flag, lambda i: i.is_subtask),
    ("parent_id", last, lambda i: i.parent_id),
    ("priority_name", text, lambda i: i.priority),
    ("assignee_account_id", text, lambda i: i.assignee_id),
)
SPRINT = (
    ("name", str, lambda s: s.name),
    ("state", str, lambda s: s.state),
    ("start_date", moment, lambda s: s.starts_at),
    ("end_date", moment, lambda s: s.ends_at),
    ("complete_date", moment, lambda s: s.completed_at),
    ("origin_board_id", last, lambda s: s.board_id),
)
WORKLOG = (
    ("issue_id", str, lambda w: w.issue_id),
    ("author_id", text, lambda w: w.author_id),
    ("time_spent_seconds", number, lambda w: w.spent_s),
    ("started", moment, lambda w: w.started_at),
    ("updated", moment, lambda w: w.updated_at),
)
CHANGE = (
    ("issue_id", str, lambda c: c.issue_id),
    ("author_account_id", text, lambda c: c.author_id),
    ("author_display_name", text, lambda c: c.author_name),
    ("created", moment, lambda c: c.at),
    ("from_value", text, lambda c: c.from_value),
    ("from_string", text, lambda c: c.from_text),
    ("to_value", text, lambda c: c.to_value),
    ("to_string", text, lambda c: c.to_text),
)
STATUS_CHANGE = (
    ("issue_id", last, lambda c: c.issue_id),
    ("author_name", text, lambda c: c.author_name),
    ("original_from_value", text, lambda c: c.from_text),
    ("original_to_value", text, lambda c: c.to_text),
    ("created_date", moment, lambda c: c.at),
)


def test_every_recorded_jira_payload_is_read_and_none_is_skipped(recorded):
    assert [v for v in recorded.verdicts if v.scope.source == "jira" and not v.is_complete] == []
    assert [row for row in recorded.skipped if row[0].startswith("jira/")] == []
    for kind, name in ((Issue, "issues"), (Version, "versions"), (Sprint, "sprints"), (Worklog, "worklogs")):
        assert {str(p["id"]) for p in payloads(f"jira/{name}")} <= recorded.all(kind).keys(), name


def test_jira_issues_have_the_expected_status_points_and_times(recorded, agree):
    listed = Listed(name="DevLake Jira issues", key=lambda row: last(row["id"]), rows=table("jira/issues"))
    agree(against(listed, recorded.all(Issue), ISSUE, differences_jira.ISSUES))


def test_jira_issues_have_the_expected_category_and_parent(recorded, agree):
    listed = Listed(
        name="DevLake Jira issues, vendor-near",
        key=lambda row: row["issue_id"],
        rows=table("jira/_tool_jira_issues"),
    )
    agree(against(listed, recorded.all(Issue), PLACE))


def test_jira_issues_have_the_expected_fix_versions(recorded, agree):
    versions = recorded.all(Version)
    column = (
        "fix_versions",
        lambda names: frozenset(filter(None, names.split(","))),
        lambda i: frozenset(versions[id_].name for id_ in i.fix_version_ids),
    )
    listed = Listed(
        name="DevLake Jira version membership", key=lambda row: last(row["id"]), rows=table("jira/issues")
    )
    agree(against(listed, recorded.all(Issue), (column,)))


def test_jira_sprint_membership_is_as_expected(recorded, agree):
    known = {last(row["id"]) for row in table("jira/issues")}
    issues = [issue for id_, issue in recorded.all(Issue).items() if id_ in known]
    theirs = pairs((last(row["sprint_id"]), last(row["issue_id"])) for row in table("jira/sprint_issues"))
    ours = pairs((sprint, issue.id) for issue in issues for sprint in issue.sprint_ids)
    agree(compared("DevLake Jira sprint membership", ours, theirs))


def test_jira_labels_are_as_expected(recorded, agree):
    known = {row["issue_id"] for row in table("jira/_tool_jira_issues")}
    issues = [issue for id_, issue in recorded.all(Issue).items() if id_ in known]
    theirs = pairs((row["issue_id"], row["label_name"]) for row in table("jira/_tool_jira_issue_labels"))
    agree(compared("DevLake Jira labels", pairs((i.id, label) for i in issues for label in i.labels), theirs))


def test_jira_sprints_have_the_expected_state_and_times(recorded, agree):
    listed = Listed(
        name="DevLake Jira sprints",
        key=lambda row: row["sprint_id"],
        rows=table("jira/_tool_jira_sprints"),
    )
    agree(against(listed, recorded.all(Sprint), SPRINT))


def test_jira_worklogs_have_the_expected_seconds_start_and_author(recorded, agree):
    listed = Listed(
        name="DevLake Jira worklogs",
        key=lambda row: row["worklog_id"],
        rows=table("jira/_tool_jira_worklogs"),
    )
    agree(against(listed, recorded.all(Worklog), WORKLOG))


@pytest.fixture(scope="module")
def as_data_center(tmp_path_factory):
    return read_recorded(tmp_path_factory.mktemp("data_center"), flavour="datacenter")


def _changes(recorded):
    """Changes by ``HISTORY/FIELD``; where a history changes a field more than once, the earlier ones also name their place."""
    found = {}
    for id_, change in recorded.all(FieldChange).items():
        key = f"{id_.partition('.')[0]}/{change.field}"
        if key in found:
            found[f"{key}/{found[key].id.partition('.')[2]}"] = found[key]
        found[key] = change
    return found


def _items(which):
    """Changed fields, each with the history that it belongs to."""
    histories = {row["changelog_id"]: row for row in table(f"jira/_tool_jira_issue_changelogs{which}")}
    items = table(f"jira/_tool_jira_issue_changelog_items{which}")
    return [item | histories[item["changelog_id"]] for item in items]


@pytest.mark.parametrize(
    ("which", "chosen"), [("", differences_jira.CHANGES), ("_extractor", ())], ids=["issues", "long history"]
)
def test_jira_changelogs_have_the_expected_field_values_author_and_time(recorded, agree, which, chosen):
    items = _items(which)
    histories = {row["changelog_id"] for row in items}
    listed = Listed(
        name=f"DevLake Jira changelogs{which.replace('_', ' of the ')}",
        key=lambda row: f"{row['changelog_id']}/{KEPT[row['field']]}",
        rows=[row for row in items if row["field"] in KEPT],
        covers=lambda key: key.partition("/")[0] in histories,
    )
    agree(against(listed, _changes(recorded), CHANGE, chosen))


def test_every_changed_field_is_kept_or_left_out_for_a_reason():
    changed = {row["field"] for which in ("", "_extractor") for row in _items(which)}
    assert changed == KEPT.keys() | differences_jira.NOT_KEPT.keys()


def test_jira_status_changes_have_the_expected_names(recorded, agree):
    listed = Listed(
        name="DevLake Jira status changes",
        key=lambda row: f"{row['id'].split(':')[3]}/status",
        rows=[row for row in table("jira/issue_changelogs") if row["field_name"] == "status"],
    )
    agree(against(listed, _changes(recorded), STATUS_CHANGE, differences_jira.STATUS_CHANGES))


@pytest.mark.parametrize("kind", [Issue, FieldChange, Version, Sprint, Worklog])
def test_as_data_center_the_same_records_arrive(recorded, as_data_center, kind):
    """Another way of the same payloads: histories come inside the issues, with zones; Cloud sends them apart, in milliseconds."""
    assert as_data_center.all(kind) == recorded.all(kind)
    assert recorded.all(kind)
