"""Repositories: the six GitLab projects, their groups, and the folders in which their code lives."""

from __future__ import annotations

from connectors.sandbox.state import Payload
from connectors.sandbox.world.people import GITLAB, Person, gitlab_user

GROUPS = {"nova": 100, "nova/mes": 101, "nova/risk": 102, "nova/platform": 103}
PATHS = {
    "line-gateway": "nova/mes/line-gateway",
    "scheduler": "nova/mes/scheduler",
    "portal": "nova/mes/portal",
    "engine": "nova/risk/engine",
    "features": "nova/risk/features",
    "common": "nova/platform/common",
}
PROJECT_IDS = {
    "line-gateway": 201,
    "scheduler": 202,
    "portal": 203,
    "engine": 211,
    "features": 212,
    "common": 221,
}
GATHERED = {"portal": "line-gateway", "features": "engine", "common": "engine"}
"""Which repositories a small company keeps in another one."""
FOLDERS = {
    "line-gateway": ("src/session", "src/telemetry", "tests", "config"),
    "scheduler": ("core/plan", "core/calendar", "tests", "api"),
    "portal": ("web/pages", "web/widgets", "web/i18n", "e2e"),
    "engine": ("src/rules", "src/decision", "src/api", "tests"),
    "features": ("pipelines", "store", "quality", "tests"),
    "common": ("auth", "logging", "build", "tests"),
}
"""Where ordinary work happens; the modules of the debt register lie elsewhere."""
_GROUP_NAMES = {
    "nova": "Nova Industries 新星工业",
    "nova/mes": "mes",
    "nova/risk": "risk",
    "nova/platform": "platform",
}


def group(path: str) -> Payload:
    """A GitLab group by its full path."""
    parent = path.rpartition("/")[0]
    return {
        "id": GROUPS[path],
        "web_url": f"{GITLAB}/groups/{path}",
        "name": _GROUP_NAMES[path],
        "path": path.rpartition("/")[2],
        "description": "",
        "visibility": "private",
        "avatar_url": None,
        "full_name": path.replace("/", " / "),
        "full_path": path,
        "created_at": "2025-01-06T02:00:00.000Z",
        "parent_id": GROUPS.get(parent),
    }


def member(person: Person) -> Payload:
    """A membership: bots may report, people may develop."""
    return gitlab_user(person) | {
        "access_level": 20 if person.is_bot else 30,
        "created_at": "2025-01-06T02:05:00.000Z",
        "expires_at": None,
        "membership_state": "active",
    }


def project(repository: str, *, last_activity_at: str) -> Payload:
    """A GitLab project."""
    path = PATHS[repository]
    space, _, name = path.rpartition("/")
    url = f"{GITLAB}/{path}"
    namespace = {
        "id": GROUPS[space],
        "name": space.rpartition("/")[2],
        "path": space.rpartition("/")[2],
        "kind": "group",
        "full_path": space,
        "parent_id": GROUPS["nova"],
        "avatar_url": None,
        "web_url": f"{GITLAB}/groups/{space}",
    }
    return {
        "id": PROJECT_IDS[repository],
        "description": "",
        "name": name,
        "name_with_namespace": path.replace("/", " / "),
        "path": name,
        "path_with_namespace": path,
        "created_at": "2025-01-06T02:10:00.000Z",
        "default_branch": "main",
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": f"git@gitlab.sandbox.example:{path}.git",
        "http_url_to_repo": f"{url}.git",
        "web_url": url,
        "readme_url": f"{url}/-/blob/main/README.md",
        "forks_count": 0,
        "avatar_url": None,
        "star_count": 0,
        "last_activity_at": last_activity_at,
        "visibility": "private",
        "namespace": namespace,
        "empty_repo": False,
        "archived": False,
        "marked_for_deletion_on": None,
        "merge_method": "merge",
        "squash_option": "default_off",
    }
