"""Scenes: every named change of the world, by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from connectors.sandbox.world import edits
from connectors.sandbox.world.commits import Written
from connectors.sandbox.world.landings import LANDINGS
from connectors.sandbox.world.overnight import OVERNIGHT
from connectors.sandbox.world.people import BY_LOGIN
from connectors.sandbox.world.removals import REMOVALS
from connectors.sandbox.world.scene import Scene
from connectors.sandbox.world.stamps import gitlab_time
from connectors.sandbox.world.truth import Company

_PUSHER = BY_LOGIN["chen.jie"]


def _late_push(company: Company) -> tuple[str, ...]:
    key = company.sandbox.jira.issues[company.issues["busy"]]["key"]
    old = company.clock.now() - timedelta(days=40)
    branch = f"feature/{key}-from-the-train"
    message = f"{key}: written weeks ago, pushed today"
    project_id = edits.request(company, "busy")["project_id"]
    edits.push(company, project_id, branch, written=[Written(message=message, author=_PUSHER, at=old)])
    return (f"A commit dated {old:%d %b} was pushed to the new branch {branch}.",)


def _force_push(company: Company) -> tuple[str, ...]:
    request, now = edits.request(company, "busy"), company.clock.now()
    key = company.sandbox.jira.issues[company.issues["busy"]]["key"]
    rewritten = Written(message=f"{key}: all in one commit", author=_PUSHER, at=now)
    tip = edits.push(company, request["project_id"], request["source_branch"], written=[rewritten])
    request |= {"sha": tip["id"], "updated_at": gitlab_time(now)}
    return (f"The branch of {request['reference']} was rewritten; its former commits are in no branch.",)


def _new_comment(company: Company) -> tuple[str, ...]:
    id_ = company.issues["slot"]
    edits.comment_by_person(company, id_, "Can we still make the date? Please have a look, 谢谢。")
    return (f"Emma Larsen commented on {company.sandbox.jira.issues[id_]['key']}.",)


_ALL = (
    OVERNIGHT,
    Scene(name="late_push", title="Work from weeks ago arrives", play=_late_push),
    Scene(name="force_push", title="A branch is rewritten", play=_force_push),
    Scene(name="new_comment_by_person", title="Somebody comments on a milestone", play=_new_comment),
    *REMOVALS,
    *LANDINGS,
)
SCENES: Mapping[str, Scene] = MappingProxyType({scene.name: scene for scene in _ALL})
