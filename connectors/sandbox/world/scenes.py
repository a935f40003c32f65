"""Scenes: every named change of the world, by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from connectors.sandbox.world import edits
from connectors.sandbox.world.commits import Written
from connectors.sandbox.world.history import changed
from connectors.sandbox.world.overnight import OVERNIGHT, planted
from connectors.sandbox.world.people import BY_LOGIN, GITLAB, JIRA, jira_user
from connectors.sandbox.world.repositories import PROJECT_IDS
from connectors.sandbox.world.scene import Scene
from connectors.sandbox.world.stamps import gitlab_time, jira_time
from connectors.sandbox.world.truth import Company

_PUSHER = BY_LOGIN["chen.jie"]
_COMMON = PROJECT_IDS["common"]
_PROJECT_STREAMS = (
    "commits",
    "deployments",
    "gitlab_issues",
    "merge_requests",
    "milestones",
    "pipelines",
    "releases",
)


def _late_push(company: Company) -> tuple[str, ...]:
    key = company.sandbox.jira.issues[company.issues["busy"]]["key"]
    old = company.clock.now() - timedelta(days=40)
    branch = f"feature/{key}-from-the-train"
    message = f"{key}: written weeks ago, pushed today"
    edits.push(
        company, PROJECT_IDS["portal"], branch, written=[Written(message=message, author=_PUSHER, at=old)]
    )
    return (f"A commit dated {old:%d %b} was pushed to the new branch {branch}.",)


def _force_push(company: Company) -> tuple[str, ...]:
    request, now = edits.request(company, "busy"), company.clock.now()
    key = company.sandbox.jira.issues[company.issues["busy"]]["key"]
    rewritten = Written(message=f"{key}: all in one commit", author=_PUSHER, at=now)
    tip = edits.push(company, request["project_id"], request["source_branch"], written=[rewritten])
    request |= {"sha": tip["id"], "updated_at": gitlab_time(now)}
    return (f"The branch of {request['reference']} was rewritten; its former commits are in no branch.",)


def _issue_moved(company: Company) -> tuple[str, ...]:
    jira, now, id_ = company.sandbox.jira, company.clock.now(), company.issues["moved"]
    issue, target = jira.issues[id_], jira.projects["RISK"]
    old = issue["key"]
    number = 1 + max(int(i["key"].partition("-")[2]) for i in jira.issues.values())
    issue["key"] = f"RISK-{number}"
    jira.old_keys[old] = id_
    issue["fields"]["project"] = {k: target[k] for k in issue["fields"]["project"]}
    edits.note(company, id_, now, items=[changed("Key", (None, old), (None, issue["key"]))])
    return (f"{old} moved to the project RISK and is {issue['key']} now.",)


def _issue_deleted(company: Company) -> tuple[str, ...]:
    jira, id_ = company.sandbox.jira, company.issues["deleted"]
    key = jira.issues.pop(id_)["key"]
    for parts in (jira.histories, jira.worklogs, jira.comments, jira.properties):
        parts.pop(id_, None)
    return (f"{key} was deleted.",)


def _project_renamed(company: Company) -> tuple[str, ...]:
    gitlab = company.sandbox.gitlab
    project = gitlab.projects[_COMMON]
    old = project["path_with_namespace"]
    new = f"{old.rpartition('/')[0]}/foundation"
    gitlab.old_paths[old] = _COMMON
    url = f"{GITLAB}/{new}"
    project |= {"name": "foundation", "path": "foundation", "path_with_namespace": new, "web_url": url}
    project |= {"name_with_namespace": new.replace("/", " / "), "http_url_to_repo": f"{url}.git"}
    return (f"{old} was renamed to {new}.",)


def _project_forbidden(company: Company) -> tuple[str, ...]:
    project = company.sandbox.gitlab.projects[_COMMON]
    project |= {"_forbidden": True, "last_activity_at": gitlab_time(company.clock.now())}
    return (f"{project['path_with_namespace']} answers 403 from now on.",)


def _new_comment(company: Company) -> tuple[str, ...]:
    jira, now, id_ = company.sandbox.jira, company.clock.now(), company.issues["slot"]
    comments = jira.comments[id_]
    number = 70_001 + max((int(c["id"]) - 70_000 for held in jira.comments.values() for c in held), default=0)
    who = jira_user(BY_LOGIN["emma.larsen"], company.flavour)
    comments.append(
        {
            "self": f"{JIRA}/rest/api/2/issue/{id_}/comment/{number}",
            "id": str(number),
            "author": who,
            "updateAuthor": who,
            "body": "Can we still make the date? Please have a look, 谢谢。",
            "created": jira_time(now),
            "updated": jira_time(now),
            "properties": [],
        }
    )
    jira.issues[id_]["fields"]["updated"] = jira_time(now)
    return (f"Emma Larsen commented on {jira.issues[id_]['key']}.",)


_FORBIDDEN = tuple(
    planted("X01", "*", f"gitlab:scope:{stream}/{_COMMON}", "the project answers 403")
    for stream in _PROJECT_STREAMS
)
_ABOUT_COMMITMENTS = frozenset({f"S0{n}" for n in range(1, 10)} | {"R01", "R07", "T02", "D01", "D02", "G01"})
"""Rules about commitments: every one that drifts has work in the closed project or none that is known, so none of them can be judged."""
_ALL = (
    OVERNIGHT,
    Scene(name="late_push", title="Work from weeks ago arrives", play=_late_push),
    Scene(name="force_push", title="A branch is rewritten", play=_force_push),
    Scene(name="issue_moved", title="An issue moves to another project", play=_issue_moved),
    Scene(name="issue_deleted", title="An issue is deleted", play=_issue_deleted),
    Scene(name="project_renamed", title="A GitLab project is renamed", play=_project_renamed),
    Scene(
        name="project_forbidden",
        title="A GitLab project is closed to the token",
        play=_project_forbidden,
        adds=_FORBIDDEN,
        silences=_ABOUT_COMMITMENTS,
    ),
    Scene(name="new_comment_by_person", title="Somebody comments on a milestone", play=_new_comment),
)
SCENES: Mapping[str, Scene] = MappingProxyType({scene.name: scene for scene in _ALL})
