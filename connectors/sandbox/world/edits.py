"""Edits: what people do in the two tools while a scene plays. Each edits the state as the tools themselves would."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from connectors.sandbox.state import Payload
from connectors.sandbox.world import commits, pipelines, requests
from connectors.sandbox.world import jira_payloads as vendor
from connectors.sandbox.world.commits import Written
from connectors.sandbox.world.history import changed, history
from connectors.sandbox.world.people import BY_LOGIN, GITLAB, INTEGRATION, JIRA, SYNC, Person, jira_user
from connectors.sandbox.world.pipelines import Run
from connectors.sandbox.world.plan import Change
from connectors.sandbox.world.stamps import gitlab_time, jira_time
from connectors.sandbox.world.truth import Company


def request(company: Company, name: str) -> Payload:
    """The merge request of an actor."""
    project_id, iid = company.requests[name]
    return company.sandbox.gitlab.merge_requests[project_id][iid]


def path_of(company: Company, request: Payload) -> str:
    """The path of the project that holds ``request``."""
    return str(company.sandbox.gitlab.projects[request["project_id"]]["path_with_namespace"])


def commit(company: Company, project_id: int, written: Written) -> Payload:
    """A new commit in the project, in no branch yet."""
    known = company.sandbox.gitlab.commits[project_id]
    sha = hashlib.sha1(
        f"{project_id}/{len(known)}/{written.message}".encode(), usedforsecurity=False
    ).hexdigest()
    path = company.sandbox.gitlab.projects[project_id]["path_with_namespace"]
    known[sha] = commits.commit(path, sha, replace(written, files=("src/change.py",)))
    return known[sha]


def land(company: Company, project_id: int, written: Written) -> Payload:
    """A commit on top of main, before any parents that it names; main moves to it."""
    gitlab = company.sandbox.gitlab
    main = gitlab.branches[project_id]["main"]
    parents = (main["commit"]["id"], *written.parents)
    landed = commit(company, project_id, replace(written, parents=parents))
    main["commit"] = landed
    active(company, project_id)
    return landed


def active(company: Company, project_id: int) -> None:
    """Something happened in the project of which GitLab makes an event: its hint moves, unless it moved lately and is held back."""
    gitlab, now = company.sandbox.gitlab, company.clock.now()
    project = gitlab.projects[project_id]
    if now - datetime.fromisoformat(project["last_activity_at"]) >= gitlab.activity_every:
        project["last_activity_at"] = gitlab_time(now)


def push(company: Company, project_id: int, branch: str, *, written: Sequence[Written]) -> Payload:
    """A branch with new commits on top of main; a branch of that name moves there. Returns its tip."""
    gitlab = company.sandbox.gitlab
    tip: Payload = gitlab.branches[project_id]["main"]["commit"]
    for one in written:
        tip = commit(company, project_id, replace(one, parents=(tip["id"],)))
    path = gitlab.projects[project_id]["path_with_namespace"]
    gitlab.branches[project_id][branch] = commits.branch(path, branch, tip)
    active(company, project_id)
    return tip


def open_request(
    company: Company, project_id: int, written: Written, *, branch: str, description: str
) -> Payload:
    """A merge request of one commit under that commit's message; its branch is not kept."""
    gitlab = company.sandbox.gitlab
    held = gitlab.merge_requests[project_id]
    parent = gitlab.branches[project_id]["main"]["commit"]["id"]
    tip = commit(company, project_id, replace(written, parents=(parent,)))
    change = Change(
        repository="",
        author=written.author,
        branch=branch,
        title=written.message,
        started_at=written.at,
        last_at=written.at,
        opened_at=written.at,
        subjects=(written.message,),
    )
    change.id = 1 + max(m["id"] for p in gitlab.merge_requests.values() for m in p.values())
    change.iid, change.shas, change.description = 1 + max(held), [tip["id"]], description
    path = gitlab.projects[project_id]["path_with_namespace"]
    held[change.iid] = requests.merge_request(change, path=path, project_id=project_id, milestone=None)
    active(company, project_id)
    return held[change.iid]


def finish(
    request: Payload, at: datetime, *, merge_sha: str | None = None, squash_sha: str | None = None
) -> None:
    """Mark a merge request as merged ``at``."""
    by = (request["reviewers"] or [request["author"]])[0]
    request |= {
        "state": "merged",
        "merged_at": gitlab_time(at),
        "updated_at": gitlab_time(at),
        "merged_by": by,
        "merge_user": by,
        "merge_commit_sha": merge_sha,
        "squash_commit_sha": squash_sha,
        "squash": squash_sha is not None,
        "detailed_merge_status": "not_open",
    }


def run(company: Company, project_id: int, sha: str, *, status: str, at: datetime) -> Payload:
    """A finished push pipeline on main, with jobs if it failed."""
    gitlab = company.sandbox.gitlab
    path = gitlab.projects[project_id]["path_with_namespace"]
    made = Run(repository="", sha=sha, ref="main", status=status, at=at)
    id_ = 1 + max(max(p) for p in gitlab.pipelines.values())
    held = gitlab.pipelines[project_id]
    held[id_] = pipelines.pipeline(made, id_, iid=len(held) + 1, path=path, project_id=project_id)
    if status == "failed":
        tip = gitlab.commits[project_id][sha]
        gitlab.jobs[id_] = pipelines.jobs(made, held[id_], commit=tip)
    return held[id_]


def note(company: Company, issue_id: str, at: datetime, *, items: list[Payload]) -> None:
    """Write changed fields into the issue's changelog and move its ``updated``."""
    jira = company.sandbox.jira
    id_ = 1 + max(int(h["id"]) for entries in jira.histories.values() for h in entries)
    made = history(id_, at, BY_LOGIN["zhang.min"], items=items, flavour=company.flavour)
    jira.histories[issue_id].append(made)
    jira.issues[issue_id]["fields"]["updated"] = jira_time(at)


def begin(company: Company, issue_id: str, at: datetime) -> str:
    """Move an issue to In Progress, with changelog. Returns its key."""
    issue = company.sandbox.jira.issues[issue_id]
    old, new = issue["fields"]["status"], vendor.status("In Progress")
    issue["fields"]["status"] = new
    note(company, issue_id, at, items=[changed("status", (old["id"], old["name"]), (new["id"], new["name"]))])
    return str(issue["key"])


def close(company: Company, issue_id: str, at: datetime) -> None:
    """Move an issue to Done, with resolution and changelog."""
    fields = company.sandbox.jira.issues[issue_id]["fields"]
    old, new, resolution = fields["status"], vendor.status("Done"), vendor.resolution("Done")
    fields |= {"status": new, "resolution": resolution, "resolutiondate": jira_time(at)}
    moved = changed("status", (old["id"], old["name"]), (new["id"], new["name"]))
    resolved = changed("resolution", (None, None), (resolution["id"], resolution["name"]))
    note(company, issue_id, at, items=[moved, resolved])


def comment_by_person(company: Company, issue_id: str, body: str) -> Payload:
    """A new comment by Emma Larsen."""
    return _commented(company, issue_id, body, by=BY_LOGIN["emma.larsen"])


def comment_edited_by_person(company: Company, issue_id: str, comment_id: str, body: str) -> None:
    """Emma Larsen gives a comment, ours too, another body; its author stays."""
    comment = _comment(company, issue_id, comment_id)
    by = jira_user(BY_LOGIN["emma.larsen"], company.flavour)
    comment |= {"body": body, "updateAuthor": by, "updated": _touched(company, issue_id)}


def comment_deleted_by_person(company: Company, issue_id: str, comment_id: str) -> None:
    """A comment is gone, as if it never was."""
    company.sandbox.jira.comments[issue_id].remove(_comment(company, issue_id, comment_id))
    _touched(company, issue_id)


def comment_pasted_by_person(company: Company, issue_id: str, comment_id: str) -> Payload:
    """Emma Larsen's copy of a comment: its whole body, our marker line included, but not its properties."""
    return comment_by_person(company, issue_id, _comment(company, issue_id, comment_id)["body"])


def duplicate_own_comment(company: Company, issue_id: str, comment_id: str) -> Payload:
    """A second comment by our account with the body and the properties of the first."""
    first = _comment(company, issue_id, comment_id)
    made = _commented(company, issue_id, first["body"], by=SYNC)
    made["properties"] = [dict(one) for one in first.get("properties") or ()]
    return made


def integration_comment(company: Company, issue_id: str, project_id: int, sha: str) -> Payload:
    """What GitLab's own Jira integration leaves for a commit that names the issue: a comment and a remote link."""
    jira, gitlab = company.sandbox.jira, company.sandbox.gitlab
    path, commit = gitlab.projects[project_id]["path_with_namespace"], gitlab.commits[project_id][sha]
    by = f"[{commit['author_name']}|{GITLAB}]"
    body = f"{by} mentioned this issue in [a commit|{commit['web_url']}] of [{path}|{GITLAB}/{path}] on branch [main|{GITLAB}/{path}/-/tree/main]:{{quote}}{commit['title']}{{quote}}"
    id_ = 10_000 + sum(map(len, jira.remote_links.values()))
    target = {"url": commit["web_url"], "title": f"Commit - {commit['title']}", "status": {"resolved": False}}
    link = {
        "id": id_,
        "self": f"{JIRA}/rest/api/2/issue/{issue_id}/remotelink/{id_}",
        "relationship": "mentioned on",
        "object": target,
    }
    jira.remote_links[issue_id].append(link)
    return _commented(company, issue_id, body, by=INTEGRATION)


def _comment(company: Company, issue_id: str, comment_id: str) -> Payload:
    return next(one for one in company.sandbox.jira.comments[issue_id] if one["id"] == comment_id)


def _commented(company: Company, issue_id: str, body: str, *, by: Person) -> Payload:
    jira, who = company.sandbox.jira, jira_user(by, company.flavour)
    id_ = 1 + max((int(one["id"]) for held in jira.comments.values() for one in held), default=10_000)
    at = _touched(company, issue_id)
    made = {
        "self": f"{JIRA}/rest/api/2/issue/{issue_id}/comment/{id_}",
        "id": str(id_),
        "author": who,
        "updateAuthor": who,
        "body": body,
        "created": at,
        "updated": at,
        "properties": [],
    }
    jira.comments[issue_id].append(made)
    return made


def _touched(company: Company, issue_id: str) -> str:
    """Move the issue's ``updated`` to now, and give that time."""
    at = jira_time(company.clock.now())
    company.sandbox.jira.issues[issue_id]["fields"]["updated"] = at
    return at
