"""Project edits: how whole GitLab projects move and go. Each edits the state as the tool itself would."""

from __future__ import annotations

from connectors.sandbox.state import GitlabState, Payload
from connectors.sandbox.world.people import GITLAB
from connectors.sandbox.world.truth import Company


def rename(company: Company, project_id: int, name: str) -> tuple[str, str]:
    """A project gets another name and path in its group; the old path redirects. Returns the old path and the new."""
    project = company.sandbox.gitlab.projects[project_id]
    project |= {"name": name, "path": name}
    return _placed(company.sandbox.gitlab, project, f"{project['namespace']['full_path']}/{name}")


def transfer(company: Company, project_id: int, group: str) -> tuple[str, str]:
    """A project moves to another group, which is made where it is new; the old path redirects. Returns the old path and the new."""
    gitlab = company.sandbox.gitlab
    project = gitlab.projects[project_id]
    home = next((g for g in gitlab.groups.values() if g["full_path"] == group), None) or _group(gitlab, group)
    told = {
        key: home[key] for key in ("id", "name", "path", "full_path", "parent_id", "avatar_url", "web_url")
    }
    project["namespace"] = {**told, "kind": "group"}
    return _placed(gitlab, project, f"{group}/{project['path']}")


def delete(company: Company, project_id: int) -> str:
    """A project is gone: in no list, and 404 to who asks. Returns its path."""
    gitlab = company.sandbox.gitlab
    path = str(gitlab.projects.pop(project_id)["path_with_namespace"])
    gitlab.old_paths = {old: id_ for old, id_ in gitlab.old_paths.items() if id_ != project_id}
    return path


def _placed(gitlab: GitlabState, project: Payload, path: str) -> tuple[str, str]:
    old, url = project["path_with_namespace"], f"{GITLAB}/{path}"
    gitlab.old_paths[old] = project["id"]
    gitlab.old_paths.pop(path, None)
    project |= {"path_with_namespace": path, "web_url": url, "http_url_to_repo": f"{url}.git"}
    project |= {"name_with_namespace": path.replace("/", " / ")}
    return old, path


def _group(gitlab: GitlabState, path: str) -> Payload:
    """A new group at the top, like the others but for its name."""
    id_ = 1 + max(gitlab.groups)
    like = next(iter(gitlab.groups.values()))
    named = {"name": path, "path": path, "full_path": path, "full_name": path, "parent_id": None}
    gitlab.groups[id_] = {**like, **named, "id": id_, "web_url": f"{GITLAB}/groups/{path}"}
    return gitlab.groups[id_]
