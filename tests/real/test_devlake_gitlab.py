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
from tests.real.compared import compared, require_same
from tests.real.devlake import flag, last, moment, number, payloads, table, text

pytestmark = devlake.NEEDED

STATES = {"opened": "OPEN", "locked": "OPEN", "merged": "MERGED", "closed": "CLOSED"}
ISSUE_STATES = {"opened": "TODO", "closed": "DONE"}


def _result(status):
    """What the vocabulary makes of a run's word: it passed, it failed, or it has not ended in either."""
    vocabulary = Vocabulary()
    if status in vocabulary.passed_pipelines:
        return "SUCCESS"
    return "FAILURE" if status in vocabulary.failed_pipelines else None


@pytest.fixture(scope="module")
def gitlab(recorded):
    return recorded


def test_every_recorded_payload_is_read_and_none_is_skipped(gitlab):
    assert [v for v in gitlab.verdicts if v.scope.source == "gitlab" and not v.is_complete] == []
    assert [row for row in gitlab.skipped if row[0].startswith("gitlab/")] == []
    for kind, name in (
        (MergeRequest, "merge_requests"),
        (GitlabIssue, "issues"),
        (Deployment, "deployments"),
        (Milestone, "milestones"),
        (Job, "jobs"),
    ):
        assert {str(p["id"]) for p in payloads(f"gitlab/{name}")} <= gitlab.all(kind).keys(), name


def _request(request):
    return {
        "status": STATES[request.state],
        "original_status": request.state,
        "pull_request_key": request.reference,
        "title": request.title,
        "description": request.description,
        "author_name": request.author_id,
        "merged_by_name": request.merged_by_id,
        "created_date": request.created_at,
        "updated_date": request.updated_at,
        "merged_date": request.merged_at,
        "closed_date": request.closed_at,
        "merge_commit_sha": request.merge_commit_sha,
        "squash_commit_sha": request.squash_commit_sha,
        "diff_head_sha": request.sha,
        "head_ref": request.source_branch,
        "base_ref": request.target_branch,
        "is_draft": request.is_draft,
        "user_notes_count": request.comment_count,
    }


def test_merge_requests_have_the_expected_state_times_branches_and_shas(gitlab, tell):
    theirs = {
        last(row["id"]): {
            "status": row["status"],
            "original_status": row["original_status"],
            "pull_request_key": f"!{row['pull_request_key']}",
            "title": row["title"],
            "description": row["description"],
            "author_name": text(row["author_name"]),
            "merged_by_name": text(row["merged_by_name"]),
            "created_date": moment(row["created_date"]),
            "merged_date": moment(row["merged_date"]),
            "closed_date": moment(row["closed_date"]),
            "merge_commit_sha": text(row["merge_commit_sha"]),
            "head_ref": row["head_ref"],
            "base_ref": row["base_ref"],
            "is_draft": flag(row["is_draft"]),
        }
        for row in table("gitlab/pull_requests")
    }
    ours = {id_: _request(request) for id_, request in gitlab.all(MergeRequest).items() if id_ in theirs}
    comparison = compared("DevLake, GitLab merge requests", ours, theirs, differences_gitlab.REQUESTS)
    tell(comparison.line)
    require_same(comparison)


def test_merge_requests_have_the_expected_vendor_near_values(gitlab, tell):
    theirs = {
        row["gitlab_id"]: {
            "original_status": row["state"],
            "updated_date": moment(row["gitlab_updated_at"]),
            "squash_commit_sha": text(row["squash_commit_sha"]),
            "diff_head_sha": text(row["diff_head_sha"]),
            "merge_commit_sha": text(row["merge_commit_sha"]),
            "merged_by_name": text(row["merged_by_username"]),
            "author_name": text(row["author_username"]),
            "user_notes_count": number(row["user_notes_count"]),
            "is_draft": flag(row["work_in_progress"]),
        }
        for row in table("gitlab/_tool_gitlab_merge_requests")
    }
    ours = {id_: _request(request) for id_, request in gitlab.all(MergeRequest).items() if id_ in theirs}
    comparison = compared(
        "DevLake, GitLab merge requests (raw)", ours, theirs, differences_gitlab.REQUESTS_RAW
    )
    tell(comparison.line)
    require_same(comparison)


def _pairs(pairs):
    return {"/".join(pair): {"is_member": True} for pair in pairs}


@pytest.mark.parametrize(
    ("kind", "name", "column"),
    [
        (MergeRequest, "_tool_gitlab_mr_labels", "mr_id"),
        (GitlabIssue, "_tool_gitlab_issue_labels", "issue_id"),
    ],
)
def test_labels_are_as_expected(gitlab, tell, kind, name, column):
    rows = table(f"gitlab/{name}")
    theirs = _pairs((row[column], row["label_name"]) for row in rows)
    known = {row["gitlab_id"] for row in table("gitlab/_tool_gitlab_merge_requests")} | {
        row["gitlab_id"] for row in table("gitlab/_tool_gitlab_issues")
    }
    ours = _pairs((r.id, label) for r in gitlab.all(kind).values() if r.id in known for label in r.labels)
    comparison = compared(f"DevLake, GitLab labels ({kind.kind})", ours, theirs)
    tell(comparison.line)
    require_same(comparison)


def test_issues_have_the_expected_state_times_and_assignees(gitlab, tell):
    assignees = {last(row["issue_id"]): row["assignee_name"] for row in table("gitlab/issue_assignees")}
    raw = {row["gitlab_id"]: row for row in table("gitlab/_tool_gitlab_issues")}
    theirs = {
        last(row["id"]): {
            "status": row["status"],
            "original_status": raw[last(row["id"])]["state"],
            "issue_key": row["issue_key"],
            "title": row["title"],
            "description": row["description"],
            "created_date": moment(row["created_date"]),
            "updated_date": moment(row["updated_date"]),
            "resolution_date": moment(row["resolution_date"]),
            "lead_time_minutes": number(row["lead_time_minutes"]),
            "assignees": tuple(filter(None, (assignees.get(last(row["id"])),))),
            "url": row["url"].partition("/-/")[2],
        }
        for row in table("gitlab/issues")
    }
    ours = {
        id_: {
            "status": ISSUE_STATES[issue.state],
            "original_status": issue.state,
            "issue_key": issue.reference.rpartition("#")[2],
            "title": issue.title,
            "description": issue.description,
            "created_date": issue.created_at,
            "updated_date": issue.updated_at,
            "resolution_date": issue.closed_at,
            "lead_time_minutes": issue.closed_at
            and int((issue.closed_at - issue.created_at).total_seconds() // 60),
            "assignees": issue.assignee_ids,
            "url": issue.url.partition("/-/")[2],
        }
        for id_, issue in gitlab.all(GitlabIssue).items()
    }
    comparison = compared("DevLake, GitLab issues", ours, theirs, differences_gitlab.ISSUES)
    tell(comparison.line)
    require_same(comparison)


def test_commits_have_the_expected_text_people_and_times(gitlab, tell):
    theirs = {
        row["sha"]: {
            "title": row["title"],
            "message": row["message"],
            "author_name": row["author_name"],
            "author_email": row["author_email"],
            "authored_date": moment(row["authored_date"]),
            "committed_date": moment(row["committed_date"]),
        }
        for row in table("gitlab/_tool_gitlab_commits")
    }
    ours = {
        commit.sha: {
            "title": commit.title,
            "message": commit.message,
            "author_name": commit.author_name,
            "author_email": commit.author_email,
            "authored_date": commit.authored_at,
            "committed_date": commit.committed_at,
        }
        for commit in gitlab.all(Commit).values()
        if commit.sha in theirs
    }
    comparison = compared("DevLake, GitLab commits", ours, theirs, differences_gitlab.COMMITS)
    tell(comparison.line)
    require_same(comparison)


def test_merge_requests_carry_the_expected_commits(gitlab, tell):
    theirs = _pairs(
        (row["merge_request_id"], row["commit_sha"]) for row in table("gitlab/_tool_gitlab_mr_commits")
    )
    known = {pair.partition("/")[0] for pair in theirs}
    ours = _pairs(
        (asked.id, sha)
        for asked in gitlab.all(MergeRequestCommits).values()
        for sha, _ in asked.commits
        if asked.id in known
    )
    comparison = compared("DevLake, GitLab commits of merge requests", ours, theirs)
    tell(comparison.line)
    require_same(comparison)


def _pipeline(pipeline):
    return {
        "result": _result(pipeline.status),
        "original_status": pipeline.status,
        "ref": pipeline.ref_name,
        "sha": pipeline.sha,
        "created_date": pipeline.created_at,
        "project": pipeline.project_id,
    }


def test_pipelines_have_the_expected_word_ref_sha_and_time(gitlab, tell):
    rows = [
        *table("gitlab/_raw_gitlab_api_pipeline_details"),
        *table("gitlab/_tool_gitlab_pipelines"),
    ]
    theirs = {
        row["gitlab_id"]: {
            "original_status": row["status"],
            "ref": row["ref"],
            "sha": row["sha"],
            "created_date": moment(row["gitlab_created_at"]),
            "project": row["project_id"],
        }
        for row in rows
    }
    ours = {id_: _pipeline(pipeline) for id_, pipeline in gitlab.all(Pipeline).items() if id_ in theirs}
    comparison = compared("DevLake, GitLab pipelines", ours, theirs, differences_gitlab.PIPELINES)
    tell(comparison.line)
    require_same(comparison)


def test_pipelines_have_the_expected_result(gitlab, tell):
    theirs = {
        last(row["id"]): {
            "result": text(row["result"]),
            "original_status": row["original_status"],
            "created_date": moment(row["created_date"]),
            "project": last(row["cicd_scope_id"]),
        }
        for row in table("gitlab/cicd_pipelines")
    }
    ours = {id_: _pipeline(pipeline) for id_, pipeline in gitlab.all(Pipeline).items() if id_ in theirs}
    comparison = compared("DevLake, GitLab pipeline results", ours, theirs)
    tell(comparison.line)
    require_same(comparison)


def test_jobs_have_the_expected_word_result_and_times(gitlab, tell):
    stages = {row["gitlab_id"]: row for row in table("gitlab/_tool_gitlab_jobs")}
    theirs = {
        last(row["id"]): {
            "name": row["name"],
            "stage": stages[last(row["id"])]["stage"],
            "pipeline": last(row["pipeline_id"]),
            "project": last(row["cicd_scope_id"]),
            "result": text(row["result"]),
            "original_status": row["original_status"],
            "allow_failure": flag(stages[last(row["id"])]["allow_failure"]),
            "created_date": moment(row["created_date"]),
            "started_date": moment(row["started_date"]),
            "finished_date": moment(row["finished_date"]),
        }
        for row in table("gitlab/cicd_tasks")
    }
    ours = {
        id_: {
            "name": job.name,
            "stage": job.stage,
            "pipeline": job.pipeline_id,
            "project": job.project_id,
            "result": _result(job.status),
            "original_status": job.status,
            "allow_failure": job.is_failure_allowed,
            "created_date": job.created_at,
            "started_date": job.started_at,
            "finished_date": job.finished_at,
        }
        for id_, job in gitlab.all(Job).items()
    }
    comparison = compared("DevLake, GitLab jobs", ours, theirs, differences_gitlab.JOBS)
    tell(comparison.line)
    require_same(comparison)


def test_deployments_have_the_expected_environment_word_and_times(gitlab, tell):
    raw = {row["deployment_id"]: row for row in table("gitlab/_tool_gitlab_deployments")}
    theirs = {
        last(row["id"]): {
            "result": text(row["result"]),
            "original_status": row["original_status"],
            "original_environment": row["original_environment"],
            "ref": raw[last(row["id"])]["ref"],
            "sha": raw[last(row["id"])]["sha"],
            "created_date": moment(raw[last(row["id"])]["created_date"]),
            "updated_date": moment(raw[last(row["id"])]["updated_date"]),
            "finished_date": moment(row["finished_date"]),
        }
        for row in table("gitlab/cicd_deployments")
    }
    ours = {
        id_: {
            "result": _result(deployment.status),
            "original_status": deployment.status,
            "original_environment": deployment.environment,
            "ref": deployment.ref_name,
            "sha": deployment.sha,
            "created_date": deployment.created_at,
            "updated_date": deployment.updated_at,
            "finished_date": deployment.finished_at,
        }
        for id_, deployment in gitlab.all(Deployment).items()
    }
    comparison = compared("DevLake, GitLab deployments", ours, theirs, differences_gitlab.DEPLOYMENTS)
    tell(comparison.line)
    require_same(comparison)


def test_milestones_arrive_with_their_dates_and_every_reference_to_one_resolves(gitlab, tell):
    """There is no table of milestones; what the payloads of issues and merge requests embed is the other side."""
    held = [*payloads("gitlab/issues"), *payloads("gitlab/merge_requests")]
    theirs = {
        str(held_in["id"]): {
            "title": milestone["title"],
            "state": milestone["state"],
            "due": milestone["due_date"],
            "start": milestone["start_date"],
        }
        for held_in in held
        if (milestone := held_in["milestone"])
    }
    milestones = gitlab.all(Milestone)
    holders = {**gitlab.all(GitlabIssue), **gitlab.all(MergeRequest)}
    ours = {
        id_: {
            "title": milestone.title,
            "state": milestone.state,
            "due": milestone.due_on.isoformat(),
            "start": milestone.start_on.isoformat(),
        }
        for id_, holder in holders.items()
        if holder.milestone_id
        for milestone in (milestones[holder.milestone_id],)
    }
    comparison = compared("DevLake, GitLab milestones of issues and merge requests", ours, theirs)
    tell(comparison.line)
    require_same(comparison)
