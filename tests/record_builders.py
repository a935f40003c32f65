"""Builders of records with good defaults. Keys in titles and branch names make the links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any

from connectors.marks import marks_in
from connectors.port import Completeness, Scope, Verdict
from connectors.records import (
    Approval,
    Branch,
    Commit,
    Deployment,
    FieldChange,
    GitlabIssue,
    Issue,
    IssueLink,
    Job,
    LinkDirection,
    MergeRequest,
    MergeRequestNotes,
    Milestone,
    Note,
    PathTouch,
    Pipeline,
    Project,
    Release,
    Sprint,
    Todo,
    TodoScan,
    Version,
    Worklog,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday at noon."""

PROJECT = "7"
"""The id of the GitLab project ``acme/pay`` to which changes belong unless told otherwise."""

CATEGORIES = {
    "To Do": "new",
    "Backlog": "new",
    "In Progress": "indeterminate",
    "In Review": "indeterminate",
    "Done": "done",
    "Closed": "done",
    "Resolved": "done",
}
"""Jira's category of the statuses that tests use; others are to do."""


def number_of(key: str) -> str:
    """A vendor's id that is stable for the key: ``PAY-118`` is ``1600000118`` or so."""
    project_key, _, number = key.rpartition("-")
    return f"{sum(map(ord, project_key))}{int(number):07d}"


def issue(key: str = "PAY-1", *, status: str = "To Do", **fields: Any) -> Issue:
    """An issue; type Story, category by the status' name, made and updated 30 days before NOW."""
    made = NOW - timedelta(days=30)
    defaults: dict[str, Any] = {
        "source": "jira",
        "id": number_of(key),
        "project_key": key.rpartition("-")[0],
        "title": f"Title of {key}",
        "type": "Story",
        "status_category": CATEGORIES.get(status, "new"),
        "created_at": made,
        "updated_at": made,
        "url": f"https://jira.example/browse/{key}",
    }
    return Issue(**defaults | {"key": key, "status": status} | fields)


def change(key: str, to: str, at: datetime, *, was: str = "In Progress", **fields: Any) -> FieldChange:
    """A status change of the issue ``key``, by Zhang Min."""
    defaults: dict[str, Any] = {
        "source": "jira",
        "id": f"{int(at.timestamp())}{number_of(key)}.0",
        "issue_id": number_of(key),
        "at": at,
        "field": "status",
        "author_name": "Zhang Min",
        "from_text": was,
        "to_text": to,
    }
    return FieldChange(**defaults | fields)


def project(id_: str = PROJECT, path: str = "acme/pay", **fields: Any) -> Project:
    """A GitLab project with the default branch ``main``."""
    defaults: dict[str, Any] = {
        "name": path,
        "url": f"https://gitlab.example/{path}",
        "default_branch": "main",
    }
    return Project(**{"source": "gitlab", "id": id_, "path": path} | defaults | fields)


def mr(number: int = 1, *, state: str = "opened", **fields: Any) -> MergeRequest:
    """A merge request of ``acme/pay`` into main, opened ten days before NOW; merged or closed a day later if ``state`` says so."""
    made = fields.get("created_at", NOW - timedelta(days=10))
    ended = made + timedelta(days=1)
    sha = sha_of(f"!{number}")
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": f"9{number:05d}",
        "project_id": PROJECT,
        "reference": f"!{number}",
        "title": "Some change",
        "source_branch": f"topic-{sha[:6]}",
        "target_branch": "main",
        "created_at": made,
        "updated_at": made,
        "url": f"https://gitlab.example/acme/pay/-/merge_requests/{number}",
        "author_name": "liwei",
        "merged_at": ended if state == "merged" else None,
        "closed_at": ended if state == "closed" else None,
        "sha": sha,
        "merge_commit_sha": sha_of(f"!{number} merged") if state == "merged" else None,
    }
    return MergeRequest(**defaults | {"state": state} | fields)


def approval(number: int = 1, **fields: Any) -> Approval:
    """That nobody approved the merge request, and nobody had to, as it stood ten days before NOW."""
    defaults: dict[str, Any] = {"approver_ids": (), "updated_at": NOW - timedelta(days=10)}
    return Approval(**{"source": "gitlab", "id": mr(number).id} | defaults | fields)


def note(at: datetime = NOW - timedelta(days=10), **fields: Any) -> Note:
    """A note that begins a thread, which is open."""
    id_ = str(int(at.timestamp()))
    defaults: dict[str, Any] = {
        "id": id_,
        "thread_id": f"t{id_}",
        "author_name": "zmin",
        "is_resolvable": True,
    }
    return Note(**defaults | {"created_at": at, "updated_at": at} | fields)


def notes(number: int, *said: Note, **fields: Any) -> MergeRequestNotes:
    """What was said on the merge request, as it stood ten days before NOW."""
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": mr(number).id,
        "updated_at": NOW - timedelta(days=10),
    }
    return MergeRequestNotes(**defaults | {"notes": said} | fields)


def sha_of(name: str) -> str:
    """A commit sha that is stable for the name."""
    return sha1(name.encode(), usedforsecurity=False).hexdigest()


def commit(name: str = "c1", *, title: str = "Some change", **fields: Any) -> Commit:
    """A commit of ``acme/pay`` made ten days before NOW; ``name`` decides its sha."""
    at = fields.pop("at", NOW - timedelta(days=10))
    sha, home = sha_of(name), fields.get("project_id", PROJECT)
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": f"{home}/{sha}",
        "project_id": home,
        "sha": sha,
        "message": title,
        "author_name": "Li Wei",
        "author_email": "li.wei@example.com",
        "authored_at": at,
        "committed_at": at,
        "url": f"https://gitlab.example/acme/pay/-/commit/{sha}",
    }
    return Commit(**defaults | {"title": title} | fields)


def branch(name: str = "main", **fields: Any) -> Branch:
    """A branch of ``acme/pay`` with a tip ten days before NOW."""
    home = fields.get("project_id", PROJECT)
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": f"{home}/{name}",
        "project_id": home,
        "sha": sha_of(f"tip of {name}"),
        "committed_at": NOW - timedelta(days=10),
        "url": f"https://gitlab.example/acme/pay/-/tree/{name}",
        "is_default": name == "main",
    }
    return Branch(**defaults | {"name": name} | fields)


def pipeline(number: int = 1, *, status: str = "failed", at: datetime = NOW, **fields: Any) -> Pipeline:
    """A pipeline of main, started by a push."""
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": str(5000 + number),
        "project_id": PROJECT,
        "sha": sha_of(f"pipeline {number}"),
        "ref_name": "main",
        "origin": "push",
        "updated_at": at,
        "url": f"https://gitlab.example/acme/pay/-/pipelines/{5000 + number}",
    }
    return Pipeline(**defaults | {"status": status, "created_at": at} | fields)


def job(pipeline_number: int, name: str, *, status: str = "failed", **fields: Any) -> Job:
    """A job of a pipeline; its failure blocks."""
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": f"{5000 + pipeline_number}{sum(map(ord, name))}",
        "project_id": PROJECT,
        "pipeline_id": str(5000 + pipeline_number),
        "stage": "test",
        "is_failure_allowed": False,
        "url": "https://gitlab.example/acme/pay/-/jobs/1",
    }
    return Job(**defaults | {"name": name, "status": status} | fields)


def touch(commit_name: str, prefix: str) -> PathTouch:
    """The commit changed something below ``prefix`` of ``acme/pay``."""
    sha = sha_of(commit_name)
    return PathTouch(
        source="gitlab", id=f"{PROJECT}/{sha}/{prefix}", project_id=PROJECT, prefix=prefix, sha=sha
    )


def version(name: str = "2.0", *, project_key: str = "PAY", **fields: Any) -> Version:
    """A Jira version; its id is ``v`` and its name."""
    defaults: dict[str, Any] = {
        "source": "jira",
        "id": f"v{name}",
        "url": f"https://jira.example/version/{name}",
    }
    return Version(**defaults | {"name": name, "project_key": project_key} | fields)


def milestone(title: str = "2.0", **fields: Any) -> Milestone:
    """A GitLab group milestone; its id is ``m`` and its title."""
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": f"m{title}",
        "state": "active",
        "updated_at": NOW,
        "url": f"https://gitlab.example/groups/acme/-/milestones/{len(title)}",
        "group_id": "3",
    }
    return Milestone(**defaults | {"title": title} | fields)


def blocks(other_key: str) -> IssueLink:
    """The link "blocks ``other_key``" as the blocking issue holds it."""
    return IssueLink(
        type="Blocks", direction=LinkDirection.OUTWARD, other_id=number_of(other_key), other_key=other_key
    )


def blocked_by(other_key: str) -> IssueLink:
    """The link "is blocked by ``other_key``" as the blocked issue holds it."""
    return IssueLink(
        type="Blocks", direction=LinkDirection.INWARD, other_id=number_of(other_key), other_key=other_key
    )


def verdict(stream: str, partition: str = "*", **fields: Any) -> Verdict:
    """A verdict of GitLab (of Jira for ``issues``), complete and as of NOW."""
    source = fields.pop("source", "jira" if stream in {"issues", "versions"} else "gitlab")
    scope = Scope(source=source, stream=stream, partition=partition)
    return Verdict(**{"scope": scope, "completeness": Completeness.COMPLETE, "at": NOW} | fields)


def deployment(number: int = 1, *, sha: str, **fields: Any) -> Deployment:
    """A successful deployment of ``acme/pay`` to production, two days before NOW; ``sha`` is what was deployed."""
    at = fields.pop("at", NOW - timedelta(days=2))
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": f"7{number:04d}",
        "project_id": PROJECT,
        "environment": "production",
        "ref_name": "main",
        "status": "success",
        "created_at": at,
        "updated_at": at,
        "finished_at": at,
    }
    return Deployment(**defaults | {"sha": sha} | fields)


def release(tag: str, *, sha: str, at: datetime = NOW - timedelta(days=2), **fields: Any) -> Release:
    """A release of ``acme/pay``."""
    home = fields.get("project_id", PROJECT)
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": f"{home}/{tag}",
        "project_id": home,
        "name": tag,
        "created_at": at,
        "released_at": at,
        "url": f"https://gitlab.example/acme/pay/-/releases/{tag}",
    }
    return Release(**defaults | {"tag": tag, "sha": sha} | fields)


def gitlab_issue(number: int = 1, *, state: str = "opened", **fields: Any) -> GitlabIssue:
    """An issue of ``acme/pay``, made thirty days before NOW; closed ten days before NOW if ``state`` says so."""
    made = NOW - timedelta(days=30)
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": f"6{number:04d}",
        "project_id": PROJECT,
        "reference": f"acme/pay#{number}",
        "title": "Some issue",
        "created_at": made,
        "updated_at": made,
        "url": f"https://gitlab.example/acme/pay/-/issues/{number}",
        "closed_at": NOW - timedelta(days=10) if state == "closed" else None,
    }
    return GitlabIssue(**defaults | {"state": state} | fields)


def sprint(name: str, *, state: str = "closed", **fields: Any) -> Sprint:
    """A sprint; its id is ``s`` and its name."""
    return Sprint(**{"source": "jira", "id": f"s{name}", "name": name, "state": state} | fields)


def worklog(key: str, hours: float, at: datetime, **fields: Any) -> Worklog:
    """Hours that Li Wei logged on the issue ``key``, work begun and noted at ``at``."""
    defaults: dict[str, Any] = {
        "source": "jira",
        "id": f"{number_of(key)}{int(at.timestamp())}",
        "issue_id": number_of(key),
        "started_at": at,
        "created_at": at,
        "updated_at": at,
        "spent_s": round(hours * 3600),
        "author_id": "liwei",
        "author_name": "Li Wei",
    }
    return Worklog(**defaults | fields)


def todos(path: str, text: str, **fields: Any) -> tuple[Todo, ...]:
    """The marks that a file of ``acme/pay`` with this text gives, as they are read from it."""
    home = fields.get("project_id", PROJECT)
    return tuple(
        Todo(
            **{
                "source": "gitlab",
                "id": f"{home}/{path}/{mark.digest}",
                "project_id": home,
                "path": path,
                "line": mark.line,
                "mark": mark.word,
                "addressee": mark.addressee,
                "text": mark.text,
                "blob_sha": sha_of(text),
                "url": f"https://gitlab.example/acme/pay/-/blob/HEAD/{path}#L{mark.line}",
            }
            | fields
        )
        for mark in marks_in(path, text)
    )


def scan(path: str = "src", **fields: Any) -> TodoScan:
    """What was looked at for marks below ``path`` of ``acme/pay``: three files, none left out."""
    home = fields.get("project_id", PROJECT)
    defaults: dict[str, Any] = {
        "source": "gitlab",
        "id": f"{home}/{path}",
        "project_id": home,
        "sha": sha_of(f"tree {path}"),
        "files": 3,
        "url": f"https://gitlab.example/acme/pay/-/tree/HEAD/{path}",
    }
    return TodoScan(**defaults | {"path": path} | fields)
