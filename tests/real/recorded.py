"""The recorded payloads as a site: replayed, and completed where the recording leaves out what a payload belongs to.

What is made up is only what carries the payloads: parents of commits, issues of histories and worklogs, boards of sprints, pipelines of jobs,
the group. Nothing that is compared comes from here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from connectors.sandbox.replay import sandbox_of
from connectors.sandbox.state import GitlabState, JiraState, Sandbox
from tests.real import devlake
from tests.real.pulled import NOW, Pulled, pulled

EPIC_LINK = "customfield_10014"
SELECTIONS: dict[str, dict[str, object]] = {
    "jira": {
        "projects": ("EE", "K5"),
        "fields": {"story_points": "customfield_10024", "epic_link": EPIC_LINK},
    },
    "gitlab": {"groups": ("gitlab-data",), "projects": (44,)},
}


def read_recorded(folder: Path, *, flavour: Literal["cloud", "datacenter"] = "cloud") -> Pulled:
    """Everything that was recorded, after its way over HTTP and through a store in ``folder``. ``flavour`` is what the Jira passes for."""
    sandbox = recorded_site()
    sandbox.jira.flavour = flavour
    return pulled(sandbox, folder, SELECTIONS)


def recorded_site() -> Sandbox:
    """The replay of the folder, completed."""
    sandbox = sandbox_of(devlake.FOLDER, clock=lambda: NOW)
    _give_children_an_issue(sandbox.jira)
    _give_sprints_a_board(sandbox.jira)
    _give_commits_parents(sandbox.gitlab)
    _give_jobs_pipelines(sandbox.gitlab)
    _give_projects_a_group(sandbox.gitlab)
    return sandbox


def _give_children_an_issue(jira: JiraState) -> None:
    """Histories and worklogs are visible through their issue only; those of unrecorded issues get a copy of another one, under an own key."""
    pattern = next(iter(jira.issues.values()))
    for id_ in sorted((jira.histories.keys() | jira.worklogs.keys()) - jira.issues.keys()):
        jira.issues[id_] = {**pattern, "id": id_, "key": f"EE-9{id_}"}


def _give_sprints_a_board(jira: JiraState) -> None:
    """Sprints are listed by board; one that began on a board that was not recorded gets a board of its own."""
    pattern = next(iter(jira.boards.values()))
    for sprint in jira.sprints.values():
        id_ = sprint["originBoardId"]
        jira.boards.setdefault(str(id_), {**pattern, "id": id_})


def _give_commits_parents(gitlab: GitlabState) -> None:
    """The lists of merge requests' commits were recorded without parents; here each one's parent is the one before, all on master."""
    for project_id, commits in gitlab.commits.items():
        ordered = sorted(commits.values(), key=lambda c: (devlake.moment(c["committed_date"]), c["id"]))
        for parent, commit in zip([None, *ordered], ordered, strict=False):
            commit["parent_ids"] = [parent["id"]] if parent else []
        gitlab.branches[project_id] = {
            name: {"name": name, "default": name == "master", "commit": ordered[-1]}
            for name in gitlab.branches[project_id]
        }


def _give_jobs_pipelines(gitlab: GitlabState) -> None:
    """A job can be asked of a pipeline only, and that of a project; the payload of a job embeds the pipeline and names the project."""
    for jobs in gitlab.jobs.values():
        for job in jobs:
            id_, row = int(job["_project"]), job["pipeline"]
            project = {"id": id_, "name": str(id_), "path_with_namespace": f"recorded/{id_}"}
            gitlab.projects.setdefault(id_, project | {"default_branch": "master"})
            gitlab.pipelines[id_].setdefault(row["id"], {**row, "project_id": id_})


def _give_projects_a_group(gitlab: GitlabState) -> None:
    """The milestones are a group's, which itself was not recorded."""
    group_id = next(iter(gitlab.group_milestones))
    group = {"id": group_id, "name": "gitlab-data", "path": "gitlab-data", "full_path": "gitlab-data"}
    gitlab.groups[group_id] = {**group, "kind": "group"}
    for project in gitlab.projects.values():
        if project["path_with_namespace"].startswith("gitlab-data/"):
            project["namespace"] = {**group, "kind": "group"}
