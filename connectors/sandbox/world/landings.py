"""Landings: the ways in which work reaches the main branch, or only seems to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from connectors.sandbox.state import Payload
from connectors.sandbox.world import edits, pipelines
from connectors.sandbox.world.commits import Written
from connectors.sandbox.world.people import BY_LOGIN
from connectors.sandbox.world.pipelines import Run
from connectors.sandbox.world.scene import Scene
from connectors.sandbox.world.stamps import gitlab_time
from connectors.sandbox.world.truth import Company

_BERLIN = ZoneInfo("Europe/Berlin")


def _squash_merge(company: Company) -> tuple[str, ...]:
    request, now = edits.request(company, "unfinished IMP"), company.clock.now()
    by = BY_LOGIN[request["author"]["username"]]
    landed = edits.land(company, request["project_id"], Written(message=request["title"], author=by, at=now))
    edits.finish(request, now, squash_sha=landed["id"])
    return _landed(company, request, landed, "squashed into one new commit")


def _rebase_merge(company: Company) -> tuple[str, ...]:
    request, now = edits.request(company, "unfinished RISK"), company.clock.now()
    by, landed = BY_LOGIN[request["author"]["username"]], {}
    for commit in _carried(company, request):
        written = datetime.fromisoformat(commit["authored_date"])
        again = Written(message=commit["message"], author=by, at=now, authored_at=written)
        landed = edits.land(company, request["project_id"], again)
    request["sha"] = landed["id"]
    edits.finish(request, now)
    return _landed(company, request, landed, "rebased, every commit under a new sha")


def _landed(company: Company, request: Payload, tip: Payload, how: str) -> tuple[str, ...]:
    project_id, at = request["project_id"], company.clock.now() + timedelta(minutes=1)
    company.sandbox.gitlab.branches[project_id].pop(request["source_branch"])
    edits.run(company, project_id, tip["id"], status="success", at=at)
    company.clock.advance(timedelta(minutes=30))
    return (f"{request['references']['full']} was merged: {how}; its branch is gone.",)


def _carried(company: Company, request: Payload) -> tuple[Payload, ...]:
    """The commits of an open merge request that main lacks, oldest first."""
    known = company.sandbox.gitlab.commits[request["project_id"]]
    main = company.sandbox.gitlab.branches[request["project_id"]]["main"]["commit"]["id"]
    landed = {commit["id"] for commit in _line(known, main)}
    return tuple(c for c in _line(known, request["sha"]) if c["id"] not in landed)[::-1]


def _line(known: dict[str, Payload], sha: str) -> Iterator[Payload]:
    """A commit and its first parents."""
    while sha:
        yield known[sha]
        sha = (known[sha]["parent_ids"] or [""])[0]


def _pipeline_rerun(company: Company) -> tuple[str, ...]:
    gitlab, request = company.sandbox.gitlab, edits.request(company, "red")
    sha = request["merge_commit_sha"] or request["squash_commit_sha"] or request["sha"]
    held = gitlab.pipelines[request["project_id"]].values()
    red = next(one for one in held if one["sha"] == sha and one["ref"] == "main")
    red |= {"status": "success", "updated_at": gitlab_time(company.clock.now())}
    failed = next(job for job in gitlab.jobs[red["id"]] if job["failure_reason"] and not job["allow_failure"])
    again = {"id": red["id"] * 10 + 9, "status": "success", "failure_reason": None}
    gitlab.jobs[red["id"]].append({**failed, **again, "finished_at": red["updated_at"]})
    return (f"The pipeline after the merge of {request['references']['full']} was run again and is green.",)


def _merged_results(company: Company) -> tuple[str, ...]:
    failed = _merged_result(company, edits.request(company, "busy"), status="failed")
    passed = _merged_result(company, edits.request(company, "red"), status="success")
    return (
        f"The pipeline of the merged result of {failed['references']['full']} failed.",
        f"The one of {passed['references']['full']}, which was merged long ago, passed.",
    )


def _merged_result(company: Company, request: Payload, *, status: str) -> Payload:
    """A pipeline on a commit that is in no branch: the head merged into main, to see what would come of it."""
    gitlab, project_id = company.sandbox.gitlab, request["project_id"]
    main = gitlab.branches[project_id]["main"]["commit"]["id"]
    by, now = BY_LOGIN[request["author"]["username"]], company.clock.now()
    message, parents = f"Merge {request['sha']} into {main}", (main, request["sha"])
    tip = edits.commit(company, project_id, Written(message=message, author=by, at=now, parents=parents))
    ref, held = f"refs/merge-requests/{request['iid']}/merge", gitlab.pipelines[project_id]
    run = Run(
        repository="", sha=tip["id"], ref=ref, status=status, at=now, origin="merge_request_event", minutes=0
    )
    id_ = 1 + max(max(p) for p in gitlab.pipelines.values())
    path = edits.path_of(company, request)
    held[id_] = pipelines.pipeline(run, id_, iid=len(held) + 1, path=path, project_id=project_id)
    if status == "failed":
        gitlab.jobs[id_] = pipelines.jobs(run, held[id_], commit=tip)
    return request


def _release_day(company: Company) -> tuple[str, ...]:
    switch, now = last_switch(company.clock.now(), _BERLIN), company.clock.now()
    key = company.sandbox.jira.issues[company.issues["busy"]]["key"]
    times = [switch + timedelta(minutes=minutes) for minutes in (-31, -1, 0, 29)]
    written = [
        Written(message=f"{key}: step {n}", author=BY_LOGIN["tomas.silva"], at=at)
        for n, at in enumerate(times)
    ]
    request = edits.request(company, "busy")
    tip = edits.push(company, request["project_id"], request["source_branch"], written=written)
    request |= {"sha": tip["id"], "updated_at": gitlab_time(now)}
    _in_local_time(company, request, len(written))
    company.sandbox.jira.zone = "Europe/Berlin"
    begun = edits.begin(company, company.issues["secret"], now + timedelta(minutes=50))
    company.clock.advance(timedelta(minutes=90))
    return (
        f"Four commits around the change of clocks on {switch:%d %b} were pushed for {key}.",
        f"The account that reads Jira lives in Berlin now, and an hour and a half went by; meanwhile {begun} was begun.",
    )


def _in_local_time(company: Company, request: Payload, count: int) -> None:
    """Write the newest commits' dates as a machine in Berlin does."""
    line = _line(company.sandbox.gitlab.commits[request["project_id"]], request["sha"])
    for _, commit in zip(range(count), line, strict=False):
        local = datetime.fromisoformat(commit["committed_date"]).astimezone(_BERLIN)
        text = local.isoformat(timespec="milliseconds")
        commit.update(dict.fromkeys(("created_at", "authored_date", "committed_date"), text))


def last_switch(before: datetime, zone: tzinfo) -> datetime:
    """The instant of the last change of clocks in ``zone`` that lies an hour or more before ``before``; changes happen at full hours."""
    at = before.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    while (at - timedelta(hours=1)).astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset():
        at -= timedelta(hours=1)
    return at


LANDINGS = (
    Scene(
        name="squash_merge",
        title="Work lands as one new commit",
        play=_squash_merge,
        ends=frozenset({"unfinished IMP"}),
    ),
    Scene(
        name="rebase_merge",
        title="Work lands under new shas",
        play=_rebase_merge,
        ends=frozenset({"unfinished RISK"}),
    ),
    Scene(
        name="pipeline_rerun",
        title="A red pipeline turns green under its id",
        play=_pipeline_rerun,
        is_unhinted=True,
        ends=frozenset({"red"}),
    ),
    Scene(name="merged_results_pipeline", title="Pipelines of merged results", play=_merged_results),
    Scene(
        name="release_day_dst",
        title="Work around a change of clocks",
        play=_release_day,
        ends=frozenset({"secret"}),
    ),
)
"""Scenes about what lands, what seems to land, and when."""
