"""Landings: the ways in which work reaches main under another sha than it had, and pipelines that change after they ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from random import Random
from types import MappingProxyType

from connectors.sandbox.state import Payload
from connectors.sandbox.world import edits, pipelines
from connectors.sandbox.world.commits import Written
from connectors.sandbox.world.people import BY_LOGIN
from connectors.sandbox.world.stamps import gitlab_time
from connectors.sandbox.world.truth import Company
from tests.faults.changes import Change, request_in

_WHO = BY_LOGIN["chen.jie"]


def squash(company: Company, chance: Random) -> None:
    """An open merge request lands as one new commit; its own are in no branch any more."""
    if request := _with_head(company, chance):
        now = company.clock.now()
        landed = edits.land(
            company, request["project_id"], Written(message=request["title"], author=_WHO, at=now)
        )
        edits.finish(request, now, squash_sha=landed["id"])
        company.sandbox.gitlab.branches[request["project_id"]].pop(request["source_branch"], None)


def rebase(company: Company, chance: Random) -> None:
    """An open merge request lands with every commit under a new sha, written when it was."""
    if request := _with_head(company, chance):
        now = company.clock.now()
        for commit in _ahead_of_main(company, request):
            written = datetime.fromisoformat(commit["authored_date"])
            again = Written(message=commit["message"], author=_WHO, at=now, authored_at=written)
            request["sha"] = edits.land(company, request["project_id"], again)["id"]
        edits.finish(request, now)
        company.sandbox.gitlab.branches[request["project_id"]].pop(request["source_branch"], None)


def rerun(company: Company, chance: Random) -> None:
    """The failed jobs of an old pipeline are run again, and it turns green."""
    gitlab = company.sandbox.gitlab
    red = [
        (project_id, one)
        for project_id, held in sorted(gitlab.pipelines.items())
        for _, one in sorted(held.items())
        if one["status"] == "failed"
    ]
    if not red:
        return
    _, pipeline = chance.choice(red)
    pipeline |= {"status": "success", "updated_at": gitlab_time(company.clock.now())}
    jobs = gitlab.jobs[pipeline["id"]]
    newest = 1 + max((job["id"] for held in gitlab.jobs.values() for job in held), default=0)
    failed = [job for job in jobs if job.get("failure_reason") and not job["allow_failure"]]
    jobs += [
        {**job, "id": newest + n, "status": "success", "failure_reason": None}
        | {"finished_at": pipeline["updated_at"]}
        for n, job in enumerate(failed)
    ]


def merged_result(company: Company, chance: Random) -> None:
    """A pipeline of the merged result of an open merge request, on a commit that is in no branch."""
    request = _with_head(company, chance)
    if request is None:
        return
    gitlab, project_id, now = company.sandbox.gitlab, request["project_id"], company.clock.now()
    main = gitlab.branches[project_id]["main"]["commit"]["id"]
    made_of = (main, request["sha"])
    tip = edits.commit(
        company, project_id, Written(message="Merge result", author=_WHO, at=now, parents=made_of)
    )
    run = pipelines.Run(
        repository="",
        sha=tip["id"],
        ref=f"refs/merge-requests/{request['iid']}/merge",
        status=chance.choice(("success", "failed")),
        at=now,
        origin="merge_request_event",
        minutes=0,
    )
    id_ = 1 + max(max(held, default=0) for held in gitlab.pipelines.values())
    held, path = gitlab.pipelines[project_id], edits.path_of(company, request)
    held[id_] = pipelines.pipeline(run, id_, iid=len(held) + 1, path=path, project_id=project_id)
    if run.status == "failed":
        gitlab.jobs[id_] = pipelines.jobs(run, held[id_], commit=tip)


def _with_head(company: Company, chance: Random) -> Payload | None:
    """An open merge request whose head is known."""
    request = request_in(company, chance)
    return request if request and request.get("sha") else None


def _ahead_of_main(company: Company, request: Payload) -> tuple[Payload, ...]:
    """The commits of an open merge request that main lacks, oldest first."""
    known = company.sandbox.gitlab.commits[request["project_id"]]
    main = company.sandbox.gitlab.branches[request["project_id"]]["main"]["commit"]["id"]
    landed = {commit["id"] for commit in _line(known, main)}
    return tuple(c for c in _line(known, request["sha"]) if c["id"] not in landed)[::-1]


def _line(known: Mapping[str, Payload], sha: str) -> Iterator[Payload]:
    """A commit and its first parents."""
    while sha in known:
        yield known[sha]
        sha = (known[sha]["parent_ids"] or [""])[0]


LANDINGS: Mapping[str, Change] = MappingProxyType(
    {one.__name__: one for one in (squash, rebase, rerun, merged_result)}
)
"""Every landing, by name."""
