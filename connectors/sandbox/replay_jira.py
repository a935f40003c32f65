"""The Jira half of a replay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from connectors.sandbox.state import JiraState, Payload

_MADE = "made for the replay"
_SMALL = {"statuses": "statuses", "issuetypes": "issue_types", "fields": "fields"}


def fill_jira(state: JiraState, lines: Callable[[str], list[Payload]]) -> None:
    """Fill the state; projects and versions that only issues name are taken from there."""
    for name, target in _SMALL.items():
        setattr(state, target, lines(name))
    for issue in lines("issues"):
        _take_issue(state, issue)
    for project in lines("projects"):
        state.projects[project["key"]] = project
    for name, target_of in (
        ("versions", state.versions),
        ("boards", state.boards),
        ("sprints", state.sprints),
    ):
        target_of.update({str(one["id"]): one for one in lines(name)})
    for name, rows in (("changelogs", state.histories), ("worklogs", state.worklogs), ("comments", state.comments),
                       ("remotelinks", state.remote_links)):  # fmt: skip
        for one in lines(name):
            _merge(rows[_issue_id(state, one)], one)
    for histories in state.histories.values():
        histories.sort(key=lambda one: (str(one["created"]), int(one["id"])))
    state.users = {one.get("accountId") or one.get("name") or one["key"]: one for one in lines("users")}
    state.me = next(
        iter(state.users.values()),
        {"accountId": "replay", "name": "replay", "displayName": "Replay", "_derived": _MADE},
    )
    _add_fields(state)


def flavour_of(state: JiraState) -> Literal["cloud", "datacenter"]:
    """Which product the people in the payloads are of: with an accountId Cloud's, else Data Center's; Cloud's where nobody is named."""
    people = [
        *(one for one in state.users.values()),
        *(
            person
            for issue in state.issues.values()
            for name in ("reporter", "assignee", "creator")
            if (person := issue["fields"].get(name))
        ),
    ]
    return "datacenter" if people and not any("accountId" in person for person in people) else "cloud"


def _issue_id(state: JiraState, line: Payload) -> str:
    name = str(line.get("_issue_id") or line.get("issueId") or line.get("_issue") or "")
    return next((id_ for id_, one in state.issues.items() if one["key"] == name), name)


def _merge(rows: list[Payload], one: Payload) -> None:
    if all(str(row["id"]) != str(one["id"]) for row in rows):
        rows.append(one)


def _take_issue(state: JiraState, issue: Payload) -> None:
    id_, fields = str(issue["id"]), issue["fields"]
    state.issues[id_] = {key: value for key, value in issue.items() if key != "changelog"}
    for history in (issue.get("changelog") or {}).get("histories", []):
        _merge(state.histories[id_], history)
    for name, rows in (("worklog", state.worklogs), ("comment", state.comments)):
        part = fields.pop(name, None) or {}
        for one in part.get(f"{name}s", []):
            _merge(rows[id_], one)
    project = fields.get("project") or {"id": "0", "key": issue["key"].rpartition("-")[0], "_derived": _MADE}
    state.projects.setdefault(project["key"], project)
    for version in [*(fields.get("fixVersions") or []), *(fields.get("versions") or [])]:
        state.versions.setdefault(str(version["id"]), {**version, "_project": project["key"]})


def _add_fields(state: JiraState) -> None:
    """Definitions for the fields that the payloads hold and no line describes, by what their values look like."""
    known = {one["id"] for one in state.fields}
    held: dict[str, object] = {}
    for issue in state.issues.values():
        for name, value in issue["fields"].items():
            if name not in known and (name not in held or held[name] in (None, [])):
                held[name] = value
    state.fields += [_definition(name, value) for name, value in held.items()]


def _definition(name: str, value: object) -> Payload:
    if not name.startswith("customfield_"):
        return {
            "id": name,
            "name": name.capitalize(),
            "custom": False,
            "schema": {"type": "any", "system": name},
            "_derived": _MADE,
        }
    title, kind = (
        name.replace("customfield_", "Field "),
        "com.atlassian.jira.plugin.system.customfieldtypes:textfield",
    )
    if name == "customfield_10024" or isinstance(value, float):
        title = "Story Points" if name == "customfield_10024" else title
        kind = "com.atlassian.jira.plugin.system.customfieldtypes:float"
    elif "greenhopper" in str(value) or (
        isinstance(value, list) and value and isinstance(value[0], dict) and "boardId" in value[0]
    ):
        title, kind = "Sprint", "com.pyxis.greenhopper.jira:gh-sprint"
    number = int(name.rpartition("_")[2])
    return {"id": name, "key": name, "name": title, "custom": True, "clauseNames": [f"cf[{number}]"],
            "schema": {"type": "any", "custom": kind, "customId": number}, "_derived": _MADE}  # fmt: skip
