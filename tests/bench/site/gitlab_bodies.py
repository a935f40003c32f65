"""Bodies of GitLab, in the vendor's shapes and of realistic size."""

from __future__ import annotations

import json

from tests.bench.site import people
from tests.bench.site.gitlab_world import (
    FIRST_PIPELINE,
    FIRST_PROJECT,
    FIRST_REQUEST,
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
NO_TIME = {
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
        "time_stats": NO_TIME,
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
