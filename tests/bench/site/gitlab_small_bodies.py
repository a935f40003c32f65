"""Bodies of GitLab's smaller listings: jobs, deployments, issues, projects, milestones and releases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.bench.site import people
from tests.bench.site.gitlab_bodies import NO_TIME, commit_text
from tests.bench.site.gitlab_world import (
    FIRST_DEPLOYMENT,
    FIRST_ISSUE,
    FIRST_PIPELINE,
    FIRST_PROJECT,
    GROUP_ID,
    GitlabWorld,
    path_of,
)
from tests.bench.site.people import GITLAB
from tests.bench.site.size import DAY_MS, at_text
from tests.bench.site.texts import paragraph, sentence


def jobs_of(world: GitlabWorld, index: int) -> list[dict[str, Any]]:
    """The jobs of a pipeline: the second one fails where it failed."""
    made, ended = world.pipelines.created(index), world.pipelines.updated(index)
    is_red = index % 17 == 0
    return [
        {
            "id": (FIRST_PIPELINE + index) * 10 + number,
            "status": "failed" if is_red and name == "test" else "success",
            "stage": name,
            "name": name,
            "ref": "main",
            "allow_failure": False,
            "created_at": at_text(made),
            "started_at": at_text(made + 20_000),
            "finished_at": at_text(ended - 1000),
            "user": people.gitlab_user(number),
            "failure_reason": "script_failure" if is_red and name == "test" else None,
            "pipeline": {"id": FIRST_PIPELINE + index},
        }
        for number, name in enumerate(("build", "test", "package"))
    ]


def deployment_of(world: GitlabWorld, index: int) -> dict[str, Any]:
    """A deployment to production."""
    project = world.project(index)
    graph = world.graphs[project]
    each = world.size.deployments // world.size.gitlab_projects
    sha = graph.sha(0, graph.end_of(1 + (world.iid(index) - 1) * graph.merged // each))
    made, ended = at_text(world.deployments.created(index)), at_text(world.deployments.updated(index))
    where = {
        "id": project * 10 + 1,
        "name": "production",
        "slug": "production",
        "external_url": f"https://{project}.example",
        "created_at": made,
        "updated_at": made,
    }
    job = {
        "id": index + 1,
        "name": "deploy",
        "stage": "deploy",
        "status": "success",
        "created_at": made,
        "finished_at": ended,
        "user": people.gitlab_user(index),
    }
    return {
        "id": FIRST_DEPLOYMENT + index,
        "iid": world.iid(index),
        "ref": "main",
        "sha": sha,
        "created_at": made,
        "updated_at": ended,
        "finished_at": ended,
        "user": people.gitlab_user(index),
        "environment": where,
        "deployable": job,
        "status": "success",
    }


def issue_of(world: GitlabWorld, index: int) -> dict[str, Any]:
    """A GitLab issue; every third is closed."""
    project, iid = world.project(index), world.iid(index)
    path, who = path_of(project), people.gitlab_user(index)
    made, changed = at_text(world.issues.created(index)), at_text(world.issues.updated(index))
    return {
        "id": FIRST_ISSUE + index,
        "iid": iid,
        "project_id": FIRST_PROJECT + project,
        "title": sentence(index),
        "description": paragraph(index),
        "state": "closed" if index % 3 == 0 else "opened",
        "created_at": made,
        "updated_at": changed,
        "closed_at": changed if index % 3 == 0 else None,
        "labels": ["maintenance"],
        "milestone": None,
        "assignees": [who],
        "author": who,
        "type": "ISSUE",
        "user_notes_count": 0,
        "due_date": None,
        "confidential": False,
        "web_url": f"{GITLAB}/{path}/-/issues/{iid}",
        "time_stats": NO_TIME,
        "references": {"short": f"#{iid}", "relative": f"#{iid}", "full": f"{path}#{iid}"},
        "moved_to_id": None,
    }


def project_of(world: GitlabWorld, project: int) -> dict[str, Any]:
    """A project as listings show it."""
    path = path_of(project)
    space, _, name = path.rpartition("/")
    features = (
        "repository",
        "builds",
        "merge_requests",
        "issues",
        "environments",
        "releases",
        "wiki",
        "snippets",
        "pages",
        "forking",
        "analytics",
        "container_registry",
        "monitor",
    )
    return {
        "id": FIRST_PROJECT + project,
        "description": paragraph(project),
        "name": name,
        "name_with_namespace": path.replace("/", " / "),
        "path": name,
        "path_with_namespace": path,
        "created_at": at_text(world.requests.begin_ms),
        "default_branch": "main",
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": f"git@gitlab.example:{path}.git",
        "http_url_to_repo": f"{GITLAB}/{path}.git",
        "web_url": f"{GITLAB}/{path}",
        "forks_count": 0,
        "star_count": 3,
        "last_activity_at": at_text(world.active_at(project)),
        "namespace": {
            "id": GROUP_ID + 1 + project % 10,
            "name": space.rpartition("/")[2],
            "path": space.rpartition("/")[2],
            "kind": "group",
            "full_path": space,
            "parent_id": GROUP_ID,
        },
        "archived": False,
        "visibility": "internal",
        "empty_repo": False,
        "jobs_enabled": True,
        "merge_requests_enabled": True,
        "issues_enabled": True,
        **{f"{feature}_access_level": "enabled" for feature in features},
        "_links": {
            word: f"{GITLAB}/api/v4/projects/{FIRST_PROJECT + project}/{word}"
            for word in ("issues", "merge_requests", "repo_branches", "labels", "events", "members")
        },
    }


def milestone_of(world: GitlabWorld, number: int) -> Mapping[str, Any]:
    """A milestone of the group."""
    made = at_text(world.requests.begin_ms)
    return {
        "id": 700 + number,
        "iid": number,
        "group_id": GROUP_ID,
        "title": f"{number}.0",
        "description": "",
        "state": "active",
        "created_at": made,
        "updated_at": made,
        "due_date": at_text(world.requests.begin_ms + (600 + number * 30) * DAY_MS)[:10],
        "start_date": made[:10],
        "expired": False,
        "web_url": f"{GITLAB}/groups/acme/-/milestones/{number}",
    }


def release_of(world: GitlabWorld, project: int, number: int) -> Mapping[str, Any]:
    """A release of a project, of a merge in the middle of its history."""
    graph = world.graphs[project]
    place = graph.end_of(1 + number * (graph.merged - 1) // max(1, world.size.releases_each))
    node = graph.node(0, place)
    at = at_text(node.at_ms + 3_600_000)
    return {
        "name": f"v1.{number}.0",
        "tag_name": f"v1.{number}.0",
        "description": paragraph(number),
        "created_at": at,
        "released_at": at,
        "author": people.gitlab_user(number),
        "commit": json.loads(commit_text(graph, node)),
        "upcoming_release": False,
        "commit_path": f"/{path_of(project)}/-/commit/{node.sha}",
    }


def approvals_of(iid: int) -> dict[str, Any]:
    """The approvals of a merge request."""
    by = [{"user": people.gitlab_user(iid * 3 + 1)}]
    return {"approved": True, "approved_by": by, "approvals_required": 1, "approvals_left": 0}


def threads_of(world: GitlabWorld, index: int) -> list[dict[str, Any]]:
    """The discussions on a merge request, each of one note."""
    at = at_text(world.requests.created(index) + 3_600_000)
    return [_thread(index * 10 + number, index, at) for number in range(index % 3)]


def _thread(number: int, index: int, at: str) -> dict[str, Any]:
    note = {
        "id": number + 1,
        "type": None,
        "body": "Looks good",
        "author": people.gitlab_user(index * 3 + 1),
        "created_at": at,
        "updated_at": at,
        "system": False,
        "resolvable": False,
    }
    return {"id": f"{number:040x}", "individual_note": True, "notes": [note]}
