"""Merge request, milestone and issue payloads of GitLab."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from connectors.sandbox.state import Payload
from connectors.sandbox.world import reviews
from connectors.sandbox.world.people import GITLAB, Person, gitlab_user
from connectors.sandbox.world.plan import Change
from connectors.sandbox.world.stamps import gitlab_time

_NO_TIME = {
    "time_estimate": 0,
    "total_time_spent": 0,
    "human_time_estimate": None,
    "human_total_time_spent": None,
}

_SETTLED = {
    "imported": False,
    "imported_from": "none",
    "merge_when_pipeline_succeeds": False,
    "merge_status": "can_be_merged",
    "discussion_locked": None,
    "should_remove_source_branch": None,
    "task_completion_status": {"count": 0, "completed_count": 0},
    "has_conflicts": False,
    "blocking_discussions_resolved": True,
    "approvals_before_merge": None,
}
"""What is the same of every merge request here."""


def merge_request(change: Change, *, path: str, project_id: int, milestone: Payload | None) -> Payload:
    """A merge request as the list shows it."""
    reviewer = [gitlab_user(change.reviewer)] if change.reviewer else []
    author = gitlab_user(change.author)
    title = f"Draft: {change.title}" if change.is_draft else change.title
    short = f"!{change.iid}"
    return {
        "id": change.id,
        "iid": change.iid,
        "project_id": project_id,
        "title": title,
        "description": change.description,
        "state": change.state,
        "created_at": gitlab_time(change.opened_at),
        "updated_at": gitlab_time(updated_at(change)),
        **_ending(change, reviewer[0] if reviewer else author),
        "target_branch": change.target,
        "source_branch": change.branch,
        "user_notes_count": reviews.comment_count(change),
        "upvotes": 0,
        "downvotes": 0,
        "author": author,
        "assignees": [author],
        "assignee": author,
        "reviewers": reviewer,
        "source_project_id": project_id,
        "target_project_id": project_id,
        "labels": list(change.labels),
        "draft": change.is_draft,
        "work_in_progress": change.is_draft,
        "milestone": milestone,
        **_SETTLED,
        "detailed_merge_status": _readiness(change),
        "sha": change.shas[-1],
        "merge_commit_sha": change.merge_sha,
        "squash_commit_sha": change.squash_sha,
        "force_remove_source_branch": not change.keeps_branch,
        "prepared_at": gitlab_time(change.opened_at),
        "reference": short,
        "references": {"short": short, "relative": short, "full": path + short},
        "web_url": f"{GITLAB}/{path}/-/merge_requests/{change.iid}",
        "time_stats": _NO_TIME,
        "squash": change.style == "squash",
        "squash_on_merge": change.style == "squash",
    }


def updated_at(change: Change) -> datetime:
    """When the merge request was last touched."""
    return change.updated_at or change.merged_at or change.closed_at or max(change.last_at, change.opened_at)


def _ending(change: Change, by: Payload) -> Payload:
    merged, closed = change.merged_at, change.closed_at
    return {
        "merged_by": by if merged else None,
        "merge_user": by if merged else None,
        "merged_at": gitlab_time(merged) if merged else None,
        "closed_by": by if closed else None,
        "closed_at": gitlab_time(closed) if closed else None,
    }


def _readiness(change: Change) -> str:
    if change.state != "opened":
        return "not_open"
    return "draft_status" if change.is_draft else "mergeable"


class Home(Struct, frozen=True, kw_only=True):
    """Where something belongs: ``kind`` is ``project_id`` or ``group_id``."""

    kind: str
    id: int
    path: str


def milestone(id_: int, title: str, *, home: Home, due: date | None, created: datetime) -> Payload:
    """A milestone that is active."""
    space = f"groups/{home.path}" if home.kind == "group_id" else home.path
    return {
        "id": id_,
        "iid": id_ % 100,
        home.kind: home.id,
        "title": title,
        "description": "",
        "state": "active",
        "created_at": gitlab_time(created),
        "updated_at": gitlab_time(created),
        "due_date": due.isoformat() if due else None,
        "start_date": created.date().isoformat(),
        "expired": False,
        "web_url": f"{GITLAB}/{space}/-/milestones/{id_ % 100}",
    }


def closed(issue: Payload, at: datetime) -> Payload:
    """The issue after its author closed it."""
    ended = {"closed_at": gitlab_time(at), "updated_at": gitlab_time(at), "closed_by": issue["author"]}
    return issue | ended | {"state": "closed"}


def issue(iid: int, title: str, *, home: Home, author: Person, opened: datetime) -> Payload:
    """An open GitLab issue of a project."""
    project_id, path = home.id, home.path
    who, url = gitlab_user(author), f"{GITLAB}/{path}/-/issues/{iid}"
    api = f"{GITLAB}/api/v4/projects/{project_id}/issues/{iid}"
    return {
        "id": project_id * 1000 + iid,
        "iid": iid,
        "project_id": project_id,
        "title": title,
        "description": "",
        "state": "opened",
        "created_at": gitlab_time(opened),
        "updated_at": gitlab_time(opened),
        "closed_at": None,
        "closed_by": None,
        "labels": ["maintenance"],
        "milestone": None,
        "assignees": [who],
        "author": who,
        "type": "ISSUE",
        "assignee": who,
        "user_notes_count": 0,
        "merge_requests_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "due_date": None,
        "confidential": iid == 2,
        "discussion_locked": None,
        "issue_type": "issue",
        "web_url": url,
        "time_stats": _NO_TIME,
        "task_completion_status": {"count": 0, "completed_count": 0},
        "blocking_issues_count": 0,
        "has_tasks": False,
        "_links": {
            "self": api,
            "notes": f"{api}/notes",
            "award_emoji": f"{api}/award_emoji",
            "project": api.partition("/issues")[0],
        },
        "references": {"short": f"#{iid}", "relative": f"#{iid}", "full": f"{path}#{iid}"},
        "severity": "UNKNOWN",
        "moved_to_id": None,
    }
