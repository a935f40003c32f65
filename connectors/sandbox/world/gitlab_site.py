"""The GitLab host: every planned change made real, with pipelines, deployments, releases, milestones and issues around it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from connectors.sandbox.state import GitlabState, Payload
from connectors.sandbox.world import commits, pipelines, requests, reviews
from connectors.sandbox.world.drift_scope import DUE_DAYS, small_milestones
from connectors.sandbox.world.people import BY_LOGIN, PEOPLE, RENOVATE, SYNC, gitlab_account, gitlab_user
from connectors.sandbox.world.pipelines import Run
from connectors.sandbox.world.plan import Change, DirectCommit
from connectors.sandbox.world.programmes import MES, PORTAL, RISK, due_on
from connectors.sandbox.world.repositories import GROUPS, PATHS, PROJECT_IDS, group, member, project
from connectors.sandbox.world.repository import Repository
from connectors.sandbox.world.stamps import gitlab_time
from connectors.sandbox.world.workshop import Workshop

_DEPLOYED = ("line-gateway", "scheduler", "portal", "engine", "features")


def fill(state: GitlabState, shop: Workshop) -> None:
    """Make the whole host from the plan."""
    state.users = {p.number: gitlab_account(p) for p in (*PEOPLE, RENOVATE, SYNC)}
    state.me = gitlab_account(SYNC)
    state.groups = {id_: group(path) for path, id_ in GROUPS.items()}
    state.members[GROUPS["nova"]] = {p.number: member(p) for p in (*PEOPLE, SYNC)}
    _milestones(state, shop)
    _small_milestones(state, shop)
    _number(shop.changes)
    runs: list[Run] = []
    for name in shop.repositories:
        repository = Repository(name, shop)
        mine = [c for c in shop.changes if c.repository == name]
        directs = [d for d in shop.directs if d.repository == name]
        repository.lay(mine, directs)
        runs += _runs(repository, mine, directs, shop)
        _place(state, repository, mine, shop)
        state.files[PROJECT_IDS[name]] = {path: text.encode() for path, text in shop.files[name].items()}
    _pipelines(state, runs)
    _mirrors(state, shop)
    if not shop.is_small:
        _portal_milestone(state, shop)
        _issues(state, shop)


def _number(changes: list[Change]) -> None:
    """Ids over the host and iids per project, in the order of opening."""
    iids = {name: count(1) for name in PATHS}
    ids = count(5001)
    for change in sorted((c for c in changes if not c.is_bare), key=lambda c: (c.opened_at, c.branch)):
        change.id, change.iid = next(ids), next(iids[change.repository])


def _milestones(state: GitlabState, shop: Workshop) -> None:
    begin = shop.ago(200)
    plans: tuple[tuple[int, str, int | None, bool], ...] = (
        (701, "MES 2.0.0", MES.due_days, False),
        (702, "Risk engine v1.4", RISK.due_days, False),
        (703, "Risk engine 1.3", -64, True),
        (704, "Platform 5.1", 30, False),
        (705, "Backlog", None, False),
    )
    nova = requests.Home(kind="group_id", id=GROUPS["nova"], path="nova")
    for id_, title, days, is_closed in plans:
        due = None if days is None else due_on(shop, days)
        made = requests.milestone(id_, title, home=nova, due=due, created=begin)
        state.group_milestones[nova.id][id_] = made | (
            {"state": "closed", "expired": True} if is_closed else {}
        )


def _small_milestones(state: GitlabState, shop: Workshop) -> None:
    """Milestones that were closed before their versions."""
    nova = requests.Home(kind="group_id", id=GROUPS["nova"], path="nova")
    for small in small_milestones(shop):
        due = due_on(shop, DUE_DAYS)
        made = requests.milestone(small.milestone_id, small.title, home=nova, due=due, created=shop.ago(100))
        ended = {"state": "closed", "updated_at": gitlab_time(shop.ago(9))}
        state.group_milestones[nova.id][small.milestone_id] = made | ended


def _portal_milestone(state: GitlabState, shop: Workshop) -> None:
    portal = requests.Home(kind="project_id", id=PROJECT_IDS["portal"], path=PATHS["portal"])
    due = due_on(shop, PORTAL.due_days or 0)
    state.project_milestones[portal.id][711] = requests.milestone(
        711, "3.2", home=portal, due=due, created=shop.ago(200)
    )


def _place(state: GitlabState, repository: Repository, changes: list[Change], shop: Workshop) -> None:
    """Put a laid repository into the state: commits, branches, merge requests, tags, releases."""
    project_id = PROJECT_IDS[repository.name]
    newest = max([repository.main[-1][0], *(requests.updated_at(c) for c in changes)])
    state.projects[project_id] = project(repository.name, last_activity_at=gitlab_time(newest))
    state.commits[project_id] = repository.commits
    titled = {m["title"]: m for m in state.group_milestones[GROUPS["nova"]].values()}
    for change in changes:
        if change.is_bare:
            continue
        state.merge_requests[project_id][change.iid] = requests.merge_request(
            change, path=repository.path, project_id=project_id, milestone=titled.get(change.milestone or "")
        )
        state.approvals[project_id, change.iid] = reviews.approval(change)
        state.discussions[project_id, change.iid] = reviews.discussions(change, project_id=project_id)
    _branches(state, repository, changes)
    _releases(state, repository, shop)


def _branches(state: GitlabState, repository: Repository, changes: list[Change]) -> None:
    tips = repository.commits
    branches = state.branches[PROJECT_IDS[repository.name]]
    branches["main"] = commits.branch(
        repository.path, "main", tips[repository.head], default=True, protected=True
    )
    for change in changes:
        if change.state == "opened" or change.keeps_branch:
            branches[change.branch] = commits.branch(
                repository.path,
                change.branch,
                tips[change.shas[-1]],
                merged=change.state == "merged" and change.style != "squash",
                protected=change.is_branch_protected,
            )


def _releases(state: GitlabState, repository: Repository, shop: Workshop) -> None:
    project_id = PROJECT_IDS[repository.name]
    for index, days in enumerate((240, 190, 140, 90, 62, 30)):
        at = shop.office(shop.ago(days))
        sha = next(sha for landed, sha in reversed(repository.main) if landed <= at)
        tag = commits.tag(f"v1.{index}.0", repository.commits[sha], at)
        state.tags[project_id][tag["name"]] = tag
        author = gitlab_user(BY_LOGIN["li.wei"])
        state.releases[project_id][tag["name"]] = commits.release(repository.path, tag, author, at)


def _runs(
    repository: Repository, changes: list[Change], directs: list[DirectCommit], shop: Workshop
) -> list[Run]:
    """All pipelines of a repository, in no order."""
    name = repository.name
    runs: list[Run] = []
    outcomes: dict[str, str] = {c.landed: c.landing for c in changes if c.landed}
    outcomes |= {d.sha: d.landing for d in directs}
    for at, sha in repository.main:
        outcome = outcomes.get(sha, "success")
        if outcome == "success" and shop.rng.random() < 0.05:
            outcome = "flaky"
        runs += pipelines.after_landing(name, sha, at, outcome=outcome)
        if name in {"portal", "line-gateway"} and outcome == "success":
            runs.append(_child(name, sha, at))
    runs += [_before_merge(change, shop) for change in changes]
    if name == "scheduler":
        runs.append(_on_main(repository, shop.ago(hours=20), "failed", "schedule"))
        runs.append(_on_main(repository, shop.ago(hours=0.3), "running", "schedule"))
    return runs


def _on_main(repository: Repository, at: datetime, status: str, origin: str) -> Run:
    return Run(
        repository=repository.name, sha=repository.head, ref="main", status=status, at=at, origin=origin
    )


def _child(name: str, sha: str, at: datetime) -> Run:
    later = at + timedelta(minutes=2)
    return Run(repository=name, sha=sha, ref="main", status="success", at=later, origin="parent_pipeline")


def _before_merge(change: Change, shop: Workshop) -> Run:
    """The pipeline of a branch's last push: of its merge request, or of the branch alone."""
    ref = change.branch if change.is_bare else f"refs/merge-requests/{change.iid}/head"
    return Run(
        repository=change.repository,
        sha=change.shas[-1],
        ref=ref,
        status="failed" if shop.rng.random() < 0.12 else "success",
        at=change.last_at + timedelta(minutes=1),
        origin="push" if change.is_bare else "merge_request_event",
        minutes=9,
    )


def _pipelines(state: GitlabState, runs: list[Run]) -> None:
    """Number the pipelines in the order of creation; add jobs to the failed ones and deployments to every third green one on main."""
    iids = {name: count(1) for name in PATHS}
    greens = {name: count(1) for name in PATHS}
    for id_, run in enumerate(sorted(runs, key=lambda r: (r.at, r.sha)), start=90_001):
        project_id, path = PROJECT_IDS[run.repository], PATHS[run.repository]
        made = pipelines.pipeline(run, id_, iid=next(iids[run.repository]), path=path, project_id=project_id)
        state.pipelines[project_id][id_] = made
        tip = state.commits[project_id][run.sha]
        if run.status == "failed":
            state.jobs[id_] = pipelines.jobs(run, made, commit=tip)
        elif _is_deployable(run):
            _deploy(state, run, made, nth=next(greens[run.repository]))


def _is_deployable(run: Run) -> bool:
    return run.repository in _DEPLOYED and (run.status, run.ref, run.origin) == ("success", "main", "push")


def _deploy(state: GitlabState, run: Run, made: Payload, *, nth: int) -> None:
    if nth % 3:
        return
    project_id = made["project_id"]
    tip = state.commits[project_id][run.sha]
    for offset, environment in enumerate(("staging", "production") if nth % 9 == 0 else ("staging",)):
        job = pipelines.job(
            made["id"] * 10 + offset, f"deploy-{environment}", run=run, pipeline=made, commit=tip
        )
        id_ = made["id"] * 2 + offset
        state.deployments[project_id][id_] = pipelines.deployment(id_, environment, run=run, job=job)


def _mirrors(state: GitlabState, shop: Workshop) -> None:
    """GitLab issues that mirror a Jira issue: its key and title, still open."""
    for iid, (name, item) in enumerate(shop.mirrors, start=20):
        home = requests.Home(kind="project_id", id=PROJECT_IDS[name], path=PATHS[name])
        title = f"{item.key} {item.title}"
        made = requests.issue(iid, title, home=home, author=item.assignee, opened=item.created_at)
        state.issues[home.id][iid] = made


def _issues(state: GitlabState, shop: Workshop) -> None:
    home = requests.Home(kind="project_id", id=PROJECT_IDS["common"], path=PATHS["common"])
    milestone = state.group_milestones[GROUPS["nova"]][704]
    titles = (
        "Upgrade the build image",
        "Rotate signing keys",
        "统一日志字段",
        "Drop the old SSO client",
        "Publish the style guide",
    )
    for iid, title in enumerate(titles, start=1):
        made = requests.issue(
            iid, title, home=home, author=BY_LOGIN["liu.yang"], opened=shop.ago(60 - iid)
        ) | {"milestone": milestone}
        state.issues[home.id][iid] = requests.closed(made, shop.ago(20 + iid)) if iid % 2 else made
