"""Issue edits: how whole issues come, go and move in Jira. Each edits the state as the tool itself would."""

from __future__ import annotations

import copy

from connectors.sandbox.state import Payload
from connectors.sandbox.world import edits
from connectors.sandbox.world.history import changed
from connectors.sandbox.world.people import JIRA
from connectors.sandbox.world.stamps import jira_time
from connectors.sandbox.world.truth import Company

_PARTS = ("histories", "worklogs", "comments", "properties", "remote_links")


def delete(company: Company, issue_id: str) -> str:
    """An issue is gone with all that hung on it, and lies in the trash. Returns its key."""
    jira = company.sandbox.jira
    issue = jira.issues.pop(issue_id)
    parts = {name: getattr(jira, name).pop(issue_id) for name in _PARTS if issue_id in getattr(jira, name)}
    jira.trash[issue_id] = {"issue": issue, **parts}
    return str(issue["key"])


def restore(company: Company, issue_id: str) -> str:
    """An issue comes back from the trash as it was, its ``updated`` too. Returns its key."""
    jira = company.sandbox.jira
    kept = jira.trash.pop(issue_id)
    jira.issues[issue_id] = kept.pop("issue")
    for name, held in kept.items():
        getattr(jira, name)[issue_id] = held
    return str(jira.issues[issue_id]["key"])


def create(company: Company, issue_id: str, key: str, *, like: Payload, title: str) -> Payload:
    """A new issue with the given id and key and the fields of another, without history."""
    jira, now = company.sandbox.jira, jira_time(company.clock.now())
    made = copy.deepcopy(like) | {
        "id": issue_id,
        "key": key,
        "self": f"{JIRA}/rest/api/2/issue/{issue_id}",
    }
    made["fields"] |= {"summary": title, "created": now, "updated": now}
    jira.issues[issue_id] = made
    jira.old_keys.pop(key, None)
    return made


def move(company: Company, issue_id: str, project_key: str) -> tuple[str, str]:
    """An issue moves to another project: a new key, the same id, and no version of the project that it left. Returns the old key and the new."""
    jira, now = company.sandbox.jira, company.clock.now()
    issue, target = jira.issues[issue_id], jira.projects[project_key]
    old = issue["key"]
    number = 1 + max(int(one["key"].partition("-")[2]) for one in jira.issues.values())
    issue["key"] = f"{project_key}-{number}"
    jira.old_keys[old] = issue_id
    issue["fields"]["project"] = {k: target[k] for k in issue["fields"]["project"]}
    gone = [(one["id"], one["name"]) for one in issue["fields"].get("fixVersions") or ()]
    issue["fields"]["fixVersions"] = []
    items = [changed("Fix Version", one, (None, None), field_id="fixVersions") for one in gone]
    edits.note(company, issue_id, now, items=[changed("Key", (None, old), (None, issue["key"])), *items])
    return old, issue["key"]
