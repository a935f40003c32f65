"""Views: the payloads of the state under the names of the GraphQL schema. What is a function is given the field's arguments.

Ids are global ids, iids are texts, and times have no fractions of a second (gitlabhq app/graphql/types/time_type.rb).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from connectors.sandbox.gitlab_routes.common import instant
from connectors.sandbox.gitlab_routes.merge_requests import commits_in
from connectors.sandbox.state import GitlabState, Payload


def project_view(state: GitlabState, path: str) -> Payload | None:
    """The project at the path that it has now; None where there is none, or the account may not see it."""
    found = (one for one in state.projects.values() if one["path_with_namespace"] == path)
    project = next(found, None)
    if project is None or project.get("_hidden") or project.get("_forbidden"):
        return None
    return {
        "id": _global_id("Project", project["id"]),
        "fullPath": path,
        "name": project.get("name"),
        "mergeRequests": lambda given: _requests(state, project["id"], given.get("iids")),
    }


def _requests(state: GitlabState, project_id: int, iids: list[str] | None) -> list[Payload]:
    """Merge requests, newest first as by default; those with ``iids`` where it is given, none where it is empty."""
    rows = sorted(
        state.merge_requests[project_id].values(),
        key=lambda row: (row["created_at"], row["id"]),
        reverse=True,
    )
    return [_request(state, project_id, row) for row in rows if iids is None or str(row["iid"]) in iids]


def _request(state: GitlabState, project_id: int, row: Payload) -> Payload:
    key = project_id, row["iid"]
    known = state.approvals.get(key, {})
    return {
        "id": _global_id("MergeRequest", row["id"]),
        "iid": str(row["iid"]),
        "title": row.get("title"),
        "userNotesCount": row.get("user_notes_count"),
        "updatedAt": _time(row["updated_at"]),
        "approved": known.get("approved", False),
        "approvalsLeft": known.get("approvals_left"),
        "approvalsRequired": known.get("approvals_required"),
        "approvedBy": [_user(by["user"]) for by in known.get("approved_by") or ()],
        "commits": lambda _: [_commit(one) for one in commits_in(state, project_id, row)],
        "notes": lambda given: [
            note for note in _notes(state.discussions.get(key, [])) if _shows(note, given["filter"])
        ],
    }


def _notes(discussions: list[Payload]) -> Iterator[Payload]:
    for discussion in discussions:
        kind = "IndividualNoteDiscussion" if discussion.get("individual_note") else "Discussion"
        for note in discussion["notes"]:
            yield {
                "id": _global_id(note.get("type") or "Note", note["id"]),
                "noteableType": note.get("noteable_type") or "MergeRequest",
                "body": note["body"],
                "author": _user(note["author"]) if note.get("author") else None,
                "createdAt": _time(note["created_at"]),
                "updatedAt": _time(note["updated_at"]),
                "system": note["system"],
                "internal": note.get("internal", False),
                "resolvable": note["resolvable"],
                "resolved": note.get("resolved", False),
                "discussion": {"id": _global_id(kind, discussion["id"])},
            }


def _shows(note: Payload, which: str) -> bool:
    return which == "ALL_NOTES" or note["system"] == (which == "ONLY_ACTIVITY")


def _user(user: Payload) -> Payload:
    return {
        "id": _global_id("User", user.get("id")),
        "username": user["username"],
        "name": user["name"],
        "bot": user.get("bot", False),
    }


def _commit(commit: Payload) -> Payload:
    return {"sha": commit["id"], "title": commit.get("title"), "message": commit.get("message")}


def _global_id(kind: str, id_: object) -> str:
    return f"gid://gitlab/{kind}/{id_}"


def _time(text: str) -> str:
    return instant(text).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
