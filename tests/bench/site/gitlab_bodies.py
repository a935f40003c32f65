"""Bodies of GitLab, in the vendor's shapes and of realistic size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.bench.site import people
from tests.bench.site.gitlab_world import (
    FIRST_DEPLOYMENT,
    FIRST_ISSUE,
    FIRST_PIPELINE,
    FIRST_PROJECT,
    FIRST_REQUEST,
    GROUP_ID,
    GitlabWorld,
    path_of,
)
from tests.bench.site.graph import Graph, Node
from tests.bench.site.people import GITLAB, GITLAB_USERS
from tests.bench.site.size import DAY_MS, at_text, project_key
from tests.bench.site.texts import paragraph, sentence, template

_COMMIT = template(
    {
        "id": "<sha>",
        "short_id": "<short>",
        "created_at": "<at>",
        "parent_ids": "<<parents>>",
        "title": "<title>",
        "message": "<title>\n\n<text>\n",
        "author_name": "<name>",
        "author_email": "<email>",
        "authored_date": "<at>",
        "committer_name": "<name>",
        "committer_email": "<email>",
        "committed_date": "<at>",
        "trailers": {},
        "extended_trailers": {},
        "web_url": f"{GITLAB}/<path>/-/commit/<sha>",
    }
)
_BRANCH = template(
    {
        "name": "<name>",
        "commit": "<<commit>>",
        "merged": False,
        "protected": "<<default>>",
        "developers_can_push": False,
        "developers_can_merge": False,
        "can_push": True,
        "default": "<<default>>",
        "web_url": f"{GITLAB}/<path>/-/tree/<name>",
    }
)
_NO_TIME = {
    "time_estimate": 0,
    "total_time_spent": 0,
    "human_time_estimate": None,
    "human_total_time_spent": None,
}
_REQUEST = template(
    {
        "id": "<<id>>",
        "iid": "<<iid>>",
        "project_id": "<<project>>",
        "title": "<title>",
        "description": "<text>",
        "state": "<state>",
        "created_at": "<created>",
        "updated_at": "<updated>",
        "merged_by": "<<merger>>",
        "merge_user": "<<merger>>",
        "merged_at": "<<merged>>",
        "closed_by": None,
        "closed_at": None,
        "target_branch": "main",
        "source_branch": "<branch>",
        "user_notes_count": "<<notes>>",
        "upvotes": 0,
        "downvotes": 0,
        "author": "<<author>>",
        "assignees": ["<<author>>"],
        "assignee": "<<author>>",
        "reviewers": ["<<reviewer>>"],
        "source_project_id": "<<project>>",
        "target_project_id": "<<project>>",
        "labels": ["backend"],
        "draft": False,
        "imported": False,
        "imported_from": "none",
        "work_in_progress": False,
        "milestone": None,
        "merge_when_pipeline_succeeds": False,
        "merge_status": "can_be_merged",
        "detailed_merge_status": "not_open",
        "sha": "<head>",
        "merge_commit_sha": "<<merge>>",
        "squash_commit_sha": None,
        "discussion_locked": None,
        "should_remove_source_branch": None,
        "force_remove_source_branch": True,
        "prepared_at": "<created>",
        "reference": "!<iid>",
        "references": {"short": "!<iid>", "relative": "!<iid>", "full": "<path>!<iid>"},
        "web_url": f"{GITLAB}/<path>/-/merge_requests/<iid>",
        "time_stats": _NO_TIME,
        "squash": False,
        "squash_on_merge": False,
        "task_completion_status": {"count": 0, "completed_count": 0},
        "has_conflicts": False,
        "blocking_discussions_resolved": True,
        "approvals_before_merge": None,
    }
)
_PIPELINE = template(
    {
        "id": "<<id>>",
        "iid": "<<iid>>",
        "project_id": "<<project>>",
        "sha": "<sha>",
        "ref": "main",
        "status": "<status>",
        "source": "push",
        "created_at": "<created>",
        "updated_at": "<updated>",
        "web_url": f"{GITLAB}/<path>/-/pipelines/<id>",
        "name": None,
    }
)


def commit_text(graph: Graph, node: Node) -> str:
    """A commit."""
    person = (node.number * 13 + graph.number) % people.COUNT
    issue = graph.issue_of(node.request) if node.request else 0
    key = f"{project_key(graph.number % graph.size.jira_projects)}-{issue}"
    title = sentence(node.number + graph.number)
    if node.is_merge:
        title = f"Merge branch '{graph.branch_of(node.request)}' into 'main'"
    elif issue and node.number % 3:
        title = f"{key}: {title}"
    return _COMMIT(
        {
            "sha": node.sha,
            "short": node.sha[:8],
            "at": at_text(node.at_ms, zone="+00:00"),
            "parents": json.dumps(node.parents),
            "title": title,
            "text": paragraph(node.number)[:180],
            "name": people.name(person),
            "email": f"person-{person}@acme.example",
            "path": path_of(graph.number),
        }
    )


def branch_text(graph: Graph, name: str) -> str:
    """A branch with the commit at its tip."""
    kind, place = graph.place_of(graph.tips[name]) or (0, 0)
    is_default = str(name == "main").lower()
    commit = commit_text(graph, graph.node(kind, place))
    return _BRANCH({"name": name, "commit": commit, "default": is_default, "path": path_of(graph.number)})


def request_text(world: GitlabWorld, index: int) -> str:
    """A merge request as listings show it."""
    project, iid = world.project(index), world.iid(index)
    graph = world.graphs[project]
    is_merged, issue = iid <= graph.merged, graph.issue_of(iid)
    made = world.requests.created(index)
    merged_at = f'"{at_text(made + 2 * DAY_MS - 60_000)}"' if is_merged else "null"
    author, reviewer = GITLAB_USERS[index % people.COUNT], GITLAB_USERS[(index * 3 + 1) % people.COUNT]
    key = f"{project_key(project % world.size.jira_projects)}-{issue} " if issue else ""
    return _REQUEST(
        {
            "id": FIRST_REQUEST + index,
            "iid": iid,
            "project": FIRST_PROJECT + project,
            "title": key + sentence(index),
            "text": paragraph(index + 5),
            "state": "merged" if is_merged else "opened",
            "created": at_text(made),
            "updated": at_text(world.requests.updated(index)),
            "merger": reviewer if is_merged else "null",
            "merged": merged_at,
            "branch": graph.branch_of(iid),
            "notes": index % 3,
            "author": author,
            "reviewer": reviewer,
            "head": graph.head_of(iid),
            "merge": f'"{graph.sha(0, graph.end_of(iid))}"' if is_merged else "null",
            "path": path_of(project),
        }
    )


def pipeline_text(world: GitlabWorld, index: int) -> str:
    """A pipeline as listings show it."""
    return _PIPELINE(
        {
            "id": FIRST_PIPELINE + index,
            "iid": world.iid(index),
            "project": FIRST_PROJECT + world.project(index),
            "sha": world.pipeline_sha(index),
            "status": "failed" if index % 17 == 0 else "success",
            "created": at_text(world.pipelines.created(index)),
            "updated": at_text(world.pipelines.updated(index)),
            "path": path_of(world.project(index)),
        }
    )


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
        "time_stats": _NO_TIME,
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
