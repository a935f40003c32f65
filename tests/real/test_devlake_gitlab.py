"""Recorded GitLab payloads, served and pulled over HTTP into the store, against what an independent system derived from them."""

from __future__ import annotations

import pytest

from connectors.records import (
    Commit,
    Deployment,
    GitlabIssue,
    Job,
    MergeRequest,
    MergeRequestCommits,
    Milestone,
    Pipeline,
)
from mappings.schema import Vocabulary
from tests.real import devlake, differences_gitlab
from tests.real.columns import Listed, against, pairs
from tests.real.compared import compared
from tests.real.devlake import flag, last, moment, number, payloads, table, text

pytestmark = devlake.NEEDED

STATES = {"opened": "OPEN", "locked": "OPEN", "merged": "MERGED", "closed": "CLOSED"}
ISSUE_STATES = {"opened": "TODO", "closed": "DONE"}


def _result(run):
    """What the vocabulary makes of a run's word: it passed, it failed, or neither."""
    vocabulary = Vocabulary()
    if run.status in vocabulary.passed_pipelines:
        return "SUCCESS"
    return "FAILURE" if run.status in vocabulary.failed_pipelines else None


def _lead_minutes(issue):
    return issue.closed_at and (issue.closed_at - issue.created_at).total_seconds() // 60


REQUEST = (
    ("status", str, lambda r: STATES[r.state]),
    ("original_status", str, lambda r: r.state),
    ("pull_request_key", str, lambda r: r.reference.removeprefix("!")),
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
    ("gitlab_updated_at", moment, lambda r: r.updated_at),
    ("squash_commit_sha", text, lambda r: r.squash_commit_sha),
    ("diff_head_sha", text, lambda r: r.sha),
    ("merged_by_username", text, lambda r: r.merged_by_id),
    ("user_notes_count", number, lambda r: r.comment_count),
    ("work_in_progress", flag, lambda r: r.is_draft),
)
ISSUE = (
    ("status", str, lambda i: ISSUE_STATES[i.state]),
    ("state", str, lambda i: i.state),
    ("issue_key", str, lambda i: i.reference.rpartition("#")[2]),
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
PIPELINE_RAW = (
    ("project_id", str, lambda p: p.project_id),
    ("status", str, lambda p: p.status),
    ("ref", str, lambda p: p.ref_name),
    ("sha", str, lambda p: p.sha),
    ("gitlab_created_at", moment, lambda p: p.created_at),
)
PIPELINE = (
    ("result", text, _result),
    ("original_status", str, lambda p: p.status),
    ("created_date", moment, lambda p: p.created_at),
    ("cicd_scope_id", last, lambda p: p.project_id),
)
JOB = (
    ("name", str, lambda j: j.name),
    ("stage", str, lambda j: j.stage),
    ("pipeline_id", last, lambda j: j.pipeline_id),
    ("cicd_scope_id", last, lambda j: j.project_id),
    ("result", text, _result),
    ("original_status", str, lambda j: j.status),
    ("allow_failure", flag, lambda j: j.is_failure_allowed),
    ("created_date", moment, lambda j: j.created_at),
    ("started_date", moment, lambda j: j.started_at),
    ("finished_date", moment, lambda j: j.finished_at),
)
DEPLOYMENT = (
    ("result", text, _result),
    ("original_status", str, lambda d: d.status),
    ("original_environment", str, lambda d: d.environment),
    ("ref", str, lambda d: d.ref_name),
    ("sha", str, lambda d: d.sha),
    ("created_at", moment, lambda d: d.created_at),
    ("updated_at", moment, lambda d: d.updated_at),
    ("finished_date", moment, lambda d: d.finished_at),
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


def _joined(name, raw, names):
    """Rows of a neutral table with columns of the vendor-near table of the same records; ``names`` are (id, column, new name)."""
    id_column, renamed = names
    near = {row[id_column]: row for row in table(raw)}
    return [row | {new: near[_id(row)][old] for old, new in renamed.items()} for row in table(name)]


def test_every_recorded_gitlab_payload_is_read_and_none_is_skipped(recorded):
    assert [v for v in recorded.verdicts if v.scope.source == "gitlab" and not v.is_complete] == []
    assert [row for row in recorded.skipped if row[0].startswith("gitlab/")] == []
    for kind, name in (
        (MergeRequest, "merge_requests"),
        (GitlabIssue, "issues"),
        (Pipeline, "pipelines"),
        (Pipeline, "pipeline_details"),
        (Job, "jobs"),
        (Deployment, "deployments"),
        (Milestone, "milestones"),
    ):
        assert {str(p["id"]) for p in payloads(f"gitlab/{name}")} <= recorded.all(kind).keys(), name
    shas = {commit.sha for commit in recorded.all(Commit).values()}
    assert {p["id"] for p in payloads("gitlab/commits")} <= shas


def test_merge_requests_have_the_expected_state_times_branches_and_shas(recorded, agree):
    listed = Listed(name="DevLake GitLab merge requests", key=_id, rows=table("gitlab/pull_requests"))
    agree(against(listed, recorded.all(MergeRequest), REQUEST, differences_gitlab.REQUESTS))


def test_merge_requests_have_the_expected_vendor_near_values(recorded, agree):
    rows = table("gitlab/_tool_gitlab_merge_requests")
    listed = Listed(name="DevLake GitLab merge requests, vendor-near", key=_raw, rows=rows)
    agree(against(listed, recorded.all(MergeRequest), REQUEST_RAW, differences_gitlab.REQUESTS_RAW))


@pytest.mark.parametrize(
    ("kind", "name", "column"),
    [
        (MergeRequest, "gitlab/_tool_gitlab_mr_labels", "mr_id"),
        (GitlabIssue, "gitlab/_tool_gitlab_issue_labels", "issue_id"),
    ],
)
def test_gitlab_labels_are_as_expected(recorded, agree, kind, name, column):
    listed = ("gitlab/_tool_gitlab_merge_requests", "gitlab/_tool_gitlab_issues")
    known = {_raw(row) for name_ in listed for row in table(name_)}
    theirs = pairs((row[column], row["label_name"]) for row in table(name))
    ours = pairs((r.id, label) for r in recorded.all(kind).values() if r.id in known for label in r.labels)
    agree(compared(f"DevLake GitLab labels of each {kind.kind}", ours, theirs))


def test_gitlab_issues_have_the_expected_state_times_and_assignee(recorded, agree):
    renamed = ("gitlab_id", {"state": "state"})
    rows = _joined("gitlab/issues", "gitlab/_tool_gitlab_issues", renamed)
    listed = Listed(name="DevLake GitLab issues", key=_id, rows=rows)
    agree(against(listed, recorded.all(GitlabIssue), ISSUE, differences_gitlab.ISSUES))


def test_commits_have_the_expected_text_people_and_times(recorded, agree):
    rows = table("gitlab/_tool_gitlab_commits")
    listed = Listed(name="DevLake GitLab commits", key=lambda row: row["sha"], rows=rows)
    commits = {commit.sha: commit for commit in recorded.all(Commit).values()}
    agree(against(listed, commits, COMMIT))


def test_merge_requests_carry_the_expected_commits(recorded, agree):
    rows = table("gitlab/_tool_gitlab_mr_commits")
    asked = [m for m in recorded.all(MergeRequestCommits).values()]
    known = {row["merge_request_id"] for row in rows}
    theirs = pairs((row["merge_request_id"], row["commit_sha"]) for row in rows)
    ours = pairs((m.id, sha) for m in asked if m.id in known for sha, _ in m.commits)
    agree(compared("DevLake GitLab commits of merge requests", ours, theirs))


@pytest.mark.parametrize("name", ["_raw_gitlab_api_pipeline_details", "_tool_gitlab_pipelines"])
def test_pipelines_have_the_expected_word_ref_sha_and_time(recorded, agree, name):
    listed = Listed(name=f"DevLake GitLab pipelines {name}", key=_raw, rows=table(f"gitlab/{name}"))
    agree(against(listed, recorded.all(Pipeline), PIPELINE_RAW))


def test_pipelines_have_the_expected_result(recorded, agree):
    listed = Listed(name="DevLake GitLab pipeline results", key=_id, rows=table("gitlab/cicd_pipelines"))
    agree(against(listed, recorded.all(Pipeline), PIPELINE))


def test_jobs_have_the_expected_word_result_and_times(recorded, agree):
    renamed = ("gitlab_id", {"stage": "stage", "allow_failure": "allow_failure"})
    rows = _joined("gitlab/cicd_tasks", "gitlab/_tool_gitlab_jobs", renamed)
    listed = Listed(name="DevLake GitLab jobs", key=_id, rows=rows)
    agree(against(listed, recorded.all(Job), JOB, differences_gitlab.JOBS))


def test_deployments_have_the_expected_environment_word_and_times(recorded, agree):
    times = {"created_date": "created_at", "updated_date": "updated_at", "ref": "ref", "sha": "sha"}
    rows = _joined("gitlab/cicd_deployments", "gitlab/_tool_gitlab_deployments", ("deployment_id", times))
    listed = Listed(name="DevLake GitLab deployments", key=_id, rows=rows)
    agree(against(listed, recorded.all(Deployment), DEPLOYMENT, differences_gitlab.DEPLOYMENTS))


def test_milestones_of_issues_and_merge_requests_resolve_to_what_these_embed(recorded, agree):
    """There is no table of milestones; the other side is what the payloads of issues and merge requests embed."""
    held = [*payloads("gitlab/issues"), *payloads("gitlab/merge_requests")]
    rows = [{"holder": str(p["id"])} | p["milestone"] for p in held if p["milestone"]]
    holders = {**recorded.all(GitlabIssue), **recorded.all(MergeRequest)}
    milestones = recorded.all(Milestone)
    ours = {id_: milestones[h.milestone_id] for id_, h in holders.items() if h.milestone_id}
    listed = Listed(name="DevLake GitLab milestones", key=lambda row: row["holder"], rows=rows)
    agree(against(listed, ours, MILESTONE))
