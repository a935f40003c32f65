"""Recorded GitLab payloads, served and pulled over HTTP into the store, against what an independent system derived from them."""

from __future__ import annotations

import pytest

from connectors.records import (
    Commit,
    GitlabIssue,
    MergeRequest,
    MergeRequestCommits,
    Milestone,
)
from tests.real import devlake, differences_gitlab
from tests.real.columns import Listed, against, pairs
from tests.real.compared import compared
from tests.real.devlake import flag, joined, last, moment, number, payloads, table, text

pytestmark = devlake.NEEDED

STATES = {"opened": "OPEN", "locked": "OPEN", "merged": "MERGED", "closed": "CLOSED"}
ISSUE_STATES = {"opened": "TODO", "closed": "DONE"}


def _lead_minutes(issue):
    return issue.closed_at and (issue.closed_at - issue.created_at).total_seconds() // 60


REQUEST = (
    ("status", str, lambda r: STATES[r.state]),
    ("original_status", str, lambda r: r.state),
    ("pull_request_key", str, lambda r: r.reference.removeprefix("!")),
    ("url", str, lambda r: r.url),
    ("title", str, lambda r: r.title),
    ("description", str, lambda r: r.description),
    ("author_name", text, lambda r: r.author_id),
    ("created_date", moment, lambda r: r.created_at),
    ("merged_date", moment, lambda r: r.merged_at),
    ("closed_date", moment, lambda r: r.closed_at),
    ("merge_commit_sha", text, lambda r: r.merge_commit_sha),
    ("head_ref", str, lambda r: r.source_branch),
    ("base_ref", str, lambda r: r.target_branch),
    ("is_draft", flag, lambda r: r.is_draft),
)
REQUEST_RAW = (
    ("project_id", str, lambda r: r.project_id),
    ("state", str, lambda r: r.state),
    ("source_branch", str, lambda r: r.source_branch),
    ("target_branch", str, lambda r: r.target_branch),
    ("merge_commit_sha", text, lambda r: r.merge_commit_sha),
    ("gitlab_created_at", moment, lambda r: r.created_at),
    ("merged_at", moment, lambda r: r.merged_at),
    ("closed_at", moment, lambda r: r.closed_at),
    ("merged_by_username", text, lambda r: r.merged_by_id),
    ("author_username", text, lambda r: r.author_id),
    ("user_notes_count", number, lambda r: r.comment_count),
    ("work_in_progress", flag, lambda r: r.is_draft),
)
REQUEST_SHAS = (
    ("squash_commit_sha", text, lambda r: r.squash_commit_sha),
    ("diff_head_sha", text, lambda r: r.sha),
    ("gitlab_updated_at", moment, lambda r: r.updated_at),
)
ISSUE = (
    ("status", str, lambda i: ISSUE_STATES[i.state]),
    ("state", str, lambda i: i.state),
    ("issue_key", str, lambda i: i.reference.rpartition("#")[2]),
    ("url", str, lambda i: i.url),
    ("title", str, lambda i: i.title),
    ("description", str, lambda i: i.description),
    ("created_date", moment, lambda i: i.created_at),
    ("updated_date", moment, lambda i: i.updated_at),
    ("resolution_date", moment, lambda i: i.closed_at),
    ("lead_time_minutes", number, _lead_minutes),
    ("assignee_name", text, lambda i: next(iter(i.assignee_ids), None)),
)
COMMIT = (
    ("title", str, lambda c: c.title),
    ("message", str, lambda c: c.message),
    ("author_name", str, lambda c: c.author_name),
    ("author_email", str, lambda c: c.author_email),
    ("authored_date", moment, lambda c: c.authored_at),
    ("committed_date", moment, lambda c: c.committed_at),
)
MILESTONE = (
    ("title", str, lambda m: m.title),
    ("state", str, lambda m: m.state),
    ("start_date", str, lambda m: m.start_on.isoformat()),
    ("due_date", str, lambda m: m.due_on.isoformat()),
)


def _id(row):
    return last(row["id"])


def _raw(row):
    return row["gitlab_id"]


def test_every_recorded_gitlab_payload_is_read_and_none_is_skipped(recorded):
    assert [v for v in recorded.verdicts if v.scope.source == "gitlab" and not v.is_complete] == []
    assert [row for row in recorded.skipped if row[0].startswith("gitlab/")] == []
    for kind, name in (
        (MergeRequest, "merge_requests"),
        (GitlabIssue, "issues"),
        (Milestone, "milestones"),
    ):
        assert {str(p["id"]) for p in payloads(f"gitlab/{name}")} <= recorded.all(kind).keys(), name
    shas = {commit.sha for commit in recorded.all(Commit).values()}
    assert {p["id"] for p in payloads("gitlab/commits")} <= shas


def test_merge_requests_have_the_expected_state_times_branches_and_shas(recorded, agree):
    listed = Listed(name="DevLake GitLab merge requests", key=_id, rows=table("gitlab/pull_requests"))
    agree(against(listed, recorded.all(MergeRequest), REQUEST, differences_gitlab.REQUESTS))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("_tool_gitlab_merge_requests", (*REQUEST_RAW, *REQUEST_SHAS)),
        ("_tool_gitlab_merge_requests_for_mr_commit_test", REQUEST_RAW),
        ("_tool_gitlab_merge_requests_for_mr_notes_test", REQUEST_RAW),
    ],
)
def test_merge_requests_have_the_expected_vendor_near_values(recorded, agree, name, columns):
    listed = Listed(name=f"DevLake GitLab {name}", key=_raw, rows=table(f"gitlab/{name}"))
    agree(against(listed, recorded.all(MergeRequest), columns))


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (MergeRequest, ("merge_requests", "mr_labels", "mr_id")),
        (GitlabIssue, ("issues", "issue_labels", "issue_id")),
    ],
)
def test_gitlab_labels_are_as_expected(recorded, agree, kind, what):
    holders, labels, column = what
    known = {_raw(row) for row in table(f"gitlab/_tool_gitlab_{holders}")}
    theirs = pairs((row[column], row["label_name"]) for row in table(f"gitlab/_tool_gitlab_{labels}"))
    ours = pairs((r.id, label) for r in recorded.all(kind).values() if r.id in known for label in r.labels)
    agree(compared(f"DevLake GitLab labels of each {kind.kind}", ours, theirs))


def test_gitlab_issues_have_the_expected_state_times_and_assignee(recorded, agree):
    rows = joined("gitlab/issues", "gitlab/_tool_gitlab_issues", key="gitlab_id", columns={"state": "state"})
    listed = Listed(name="DevLake GitLab issues", key=_id, rows=rows)
    agree(against(listed, recorded.all(GitlabIssue), ISSUE))


def test_commits_have_the_expected_text_people_and_times(recorded, agree):
    rows = table("gitlab/_tool_gitlab_commits")
    listed = Listed(name="DevLake GitLab commits", key=lambda row: row["sha"], rows=rows)
    commits = {commit.sha: commit for commit in recorded.all(Commit).values()}
    agree(against(listed, commits, COMMIT))


def test_merge_requests_carry_the_expected_commits(recorded, agree):
    rows = table("gitlab/_tool_gitlab_mr_commits")
    asked = recorded.all(MergeRequestCommits).values()
    known = {row["merge_request_id"] for row in rows}
    theirs = pairs((row["merge_request_id"], row["commit_sha"]) for row in rows)
    ours = pairs((m.id, sha) for m in asked if m.id in known for sha, _ in m.commits)
    agree(compared("DevLake GitLab commits of merge requests", ours, theirs))


def test_milestones_of_issues_and_merge_requests_resolve_to_what_these_embed(recorded, agree):
    """There is no table of milestones; the other side is what the payloads of issues and merge requests embed."""
    held = [*payloads("gitlab/issues"), *payloads("gitlab/merge_requests")]
    rows = [{"holder": str(p["id"])} | p["milestone"] for p in held if p["milestone"]]
    holders = {**recorded.all(GitlabIssue), **recorded.all(MergeRequest)}
    milestones = recorded.all(Milestone)
    ours = {id_: milestones[h.milestone_id] for id_, h in holders.items() if h.milestone_id}
    listed = Listed(name="DevLake GitLab milestones", key=lambda row: row["holder"], rows=rows)
    agree(against(listed, ours, MILESTONE))
