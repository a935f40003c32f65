"""Edits: what people do in the two tools while a scene plays. Each edits the state as the tools themselves would."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.sandbox.state import Payload
from connectors.sandbox.world import commits, pipelines, requests
from connectors.sandbox.world import jira_payloads as vendor
from connectors.sandbox.world.history import changed, history
from connectors.sandbox.world.people import BY_LOGIN, Person
from connectors.sandbox.world.pipelines import Run
from connectors.sandbox.world.plan import DONE, Change
from connectors.sandbox.world.stamps import gitlab_time, jira_time
from connectors.sandbox.world.truth import Company


def request(company: Company, name: str) -> Payload:
    """The merge request of an actor."""
    project_id, iid = company.requests[name]
    return company.sandbox.gitlab.merge_requests[project_id][iid]


def path_of(company: Company, request: Payload) -> str:
    """The path of the project that holds ``request``."""
    return str(company.sandbox.gitlab.projects[request["project_id"]]["path_with_namespace"])


def commit(  # noqa: PLR0913  # a commit is that much
    company: Company, project_id: int, message: str, *, author: Person, at: datetime, parents: list[str]
) -> Payload:
    """A new commit in the project, in no branch yet."""
    known = company.sandbox.gitlab.commits[project_id]
    sha = hashlib.sha1(f"{project_id}/{len(known)}/{message}".encode(), usedforsecurity=False).hexdigest()
    path = company.sandbox.gitlab.projects[project_id]["path_with_namespace"]
    known[sha] = commits.commit(
        path,
        sha,
        parents=parents,
        message=message,
        author=author,
        at=at,
        authored=at,
        files=["src/change.py"],
    )
    return known[sha]


def land(  # noqa: PLR0913  # a landing is that much
    company: Company, project_id: int, message: str, *, by: Payload, at: datetime, parent: str = ""
) -> Payload:
    """A commit on top of main, with ``parent`` as its second parent where given; main moves to it."""
    main = company.sandbox.gitlab.branches[project_id]["main"]
    parents = [main["commit"]["id"], *([parent] if parent else [])]
    main["commit"] = commit(
        company, project_id, message, author=BY_LOGIN[by["username"]], at=at, parents=parents
    )
    company.sandbox.gitlab.projects[project_id]["last_activity_at"] = gitlab_time(at)
    return main["commit"]  # type: ignore[no-any-return]  # payloads are untyped


def push(
    company: Company, project_id: int, branch: str, *, messages: Sequence[str], ats: Sequence[datetime]
) -> Payload:
    """A branch with new commits on top of main; a branch of that name moves there. Returns its tip."""
    gitlab = company.sandbox.gitlab
    tip = gitlab.branches[project_id]["main"]["commit"]
    for message, at in zip(messages, ats, strict=True):
        tip = commit(company, project_id, message, author=BY_LOGIN["chen.jie"], at=at, parents=[tip["id"]])
    path = gitlab.projects[project_id]["path_with_namespace"]
    gitlab.branches[project_id][branch] = commits.branch(path, branch, tip)
    gitlab.projects[project_id]["last_activity_at"] = gitlab_time(company.clock.now())
    return tip  # type: ignore[no-any-return]  # payloads are untyped


def open_request(  # noqa: PLR0913  # a merge request is that much
    company: Company, project_id: int, *, title: str, branch: str, description: str, at: datetime
) -> Payload:
    """A merge request of one commit, opened ``at``; its branch is not kept."""
    gitlab = company.sandbox.gitlab
    held = gitlab.merge_requests[project_id]
    author = BY_LOGIN["li.wei"]
    parent = gitlab.branches[project_id]["main"]["commit"]["id"]
    tip = commit(company, project_id, title, author=author, at=at, parents=[parent])
    change = Change(
        repository="",
        author=author,
        branch=branch,
        title=title,
        started_at=at,
        last_at=at,
        opened_at=at,
        subjects=(title,),
    )
    change.id = 1 + max(m["id"] for p in gitlab.merge_requests.values() for m in p.values())
    change.iid, change.shas, change.description = 1 + max(held), [tip["id"]], description
    path = gitlab.projects[project_id]["path_with_namespace"]
    held[change.iid] = requests.merge_request(change, path=path, project_id=project_id, milestone=None)
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
        gitlab.jobs[id_] = pipelines.jobs(made, held[id_], commit=tip, path=path, user=BY_LOGIN["li.wei"])
    return held[id_]


Value = tuple[str | None, str | None]


def note(  # noqa: PLR0913  # a history is that much
    company: Company,
    issue_id: str,
    at: datetime,
    *,
    name: str,
    values: tuple[Value, Value],
    field_id: str = "",
) -> None:
    """Write one changed field into the issue's changelog and move its ``updated``."""
    jira = company.sandbox.jira
    id_ = 1 + max(int(h["id"]) for entries in jira.histories.values() for h in entries)
    items = [changed(name, *values, field_id=field_id)]
    jira.histories[issue_id].append(
        history(id_, at, BY_LOGIN["zhang.min"], items=items, flavour=company.flavour)
    )
    jira.issues[issue_id]["fields"]["updated"] = jira_time(at)


def move(company: Company, issue_id: str, name: str, at: datetime) -> None:
    """Give an issue another status, with resolution and changelog."""
    fields = company.sandbox.jira.issues[issue_id]["fields"]
    old, new = fields["status"], vendor.status(name)
    fields["status"] = new
    note(company, issue_id, at, name="status", values=((old["id"], old["name"]), (new["id"], name)))
    if name in DONE:
        resolution = vendor.resolution(name)
        fields |= {"resolution": resolution, "resolutiondate": jira_time(at + timedelta(seconds=1))}
        note(company, issue_id, at, name="resolution", values=((None, None), (resolution["id"], name)))
