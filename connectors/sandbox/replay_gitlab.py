"""The GitLab half of a replay."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha1

from connectors.sandbox.state import GitlabState, Payload

_MADE = "made for the replay"


def fill_gitlab(state: GitlabState, lines: Callable[[str], list[Payload]]) -> None:
    """Fill the state; a project that only other payloads name is made up."""
    for one in lines("projects"):
        id_ = int(one.get("id") or one["gitlab_id"])
        known = {"created_at": "1970-01-01T00:00:00.000Z", "last_activity_at": "1970-01-01T00:00:00.000Z"}
        state.projects[id_] = {
            **known,
            **{key: _counted(key, value) for key, value in one.items()},
            "id": id_,
        }
    for name, by_id, key in (
        ("branches", state.branches, "name"), ("tags", state.tags, "name"), ("mr_commits", state.commits, "id"),
        ("commits", state.commits, "id"), ("merge_requests", state.merge_requests, "iid"), ("issues", state.issues, "iid"),
        ("pipelines", state.pipelines, "id"), ("deployments", state.deployments, "id"), ("pipeline_details", state.pipelines, "id"),
    ):  # fmt: skip
        for one in lines(name):
            rows: dict[object, Payload] = by_id[_project(state, one)]  # type: ignore[assignment]
            rows[one[key]] = {**rows.get(one[key], {}), **_dated(name, one)}
    _fill_tips(state)
    _fill_children(state, lines)
    state.users = {one["id"]: one for one in lines("users")}
    state.me = next(
        iter(state.users.values()), {"id": 1, "username": "replay", "name": "Replay", "_derived": _MADE}
    )


def _counted(key: str, value: object) -> object:
    """A number where a table wrote an id or a count as text; vendor's payloads have numbers there."""
    is_number = isinstance(value, str) and value.isdecimal() and key.endswith(("id", "_count"))
    return int(str(value)) if is_number else value


def _dated(name: str, row: Payload) -> Payload:
    """A merge request that came without ``updated_at``, which every listing is ordered by, has that of its last known event."""
    if name != "merge_requests" or row.get("updated_at"):
        return row
    at = row.get("merged_at") or row.get("closed_at") or row["created_at"]
    return {**row, "updated_at": at, "_derived": row.get("_derived") or _MADE}


def _fill_tips(state: GitlabState) -> None:
    """A ref that came with its tip's id alone shows the whole commit, as the vendor's does."""
    for refs_of in (state.branches, state.tags):
        for project, refs in refs_of.items():
            for ref in refs.values():
                tip = ref.get("commit") or {}
                if held := state.commits[project].get(str(tip.get("id"))):
                    ref["commit"] = {**held, **tip}


def _fill_children(state: GitlabState, lines: Callable[[str], list[Payload]]) -> None:
    for one in lines("mr_commits"):
        state.merge_request_commits.setdefault(_request(state, one), []).append(one)
    for one in lines("mr_notes"):
        state.discussions.setdefault(_request(state, one), []).append(_discussion(one))
    for one in lines("jobs"):
        state.jobs[int((one.get("pipeline") or {}).get("id", 0))].append(one)
    for one in lines("milestones"):
        if one.get("group_id"):
            state.group_milestones[one["group_id"]][one["id"]] = one
        else:
            state.project_milestones[_project(state, one)][one["id"]] = one


def _request(state: GitlabState, line: Payload) -> tuple[int, int]:
    """(project id, iid) of the merge request that a payload belongs to."""
    return _project(state, line), int(line.get("_mr_iid") or line.get("noteable_iid") or 0)


def _discussion(note: Payload) -> Payload:
    """A discussion made for a note that came without one: its own, for notes do not say what they answer."""
    id_ = sha1(str(note["id"]).encode(), usedforsecurity=False).hexdigest()
    return {"id": id_, "individual_note": not note.get("type"), "notes": [note], "_derived": _MADE}


def _project(state: GitlabState, line: Payload) -> int:
    known = line.get("_project") or line.get("project_id") or next(iter(state.projects), 0)
    id_ = int(known)
    state.projects.setdefault(id_, {"id": id_, "name": str(id_), "path_with_namespace": f"replay/{id_}", "default_branch": "master",
                                    "created_at": "1970-01-01T00:00:00.000Z", "_derived": _MADE})  # fmt: skip
    return id_
