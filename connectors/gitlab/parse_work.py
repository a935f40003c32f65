"""Parse: merge requests with the commits that they carry, issues and milestones."""

from __future__ import annotations

import re
from typing import Any

from connectors.gitlab.parse import Place, id_in, is_bot, labels_of, maybe_text, text, user_key, user_name
from connectors.parsing import instant, maybe_day, maybe_instant
from connectors.records import GitlabIssue, MergeRequest, MergeRequestCommits, Milestone

_GROUP_PAGE = re.compile(r"/groups/(.+)/-/milestones/")


def parse_merge_request(row: Any, place: Place) -> MergeRequest:  # noqa: ANN401
    """A merge request as any of the lists gives it. Users are told by username, as the mapping names them."""
    project_id, iid = text(row["project_id"]), text(row["iid"])
    author = row.get("author")
    return MergeRequest(
        source=place.source,
        id=text(row["id"]),
        project_id=project_id,
        reference=f"!{iid}",
        title=text(row["title"]),
        state=text(row["state"]),
        source_branch=text(row["source_branch"]),
        target_branch=text(row["target_branch"]),
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
        url=_url(row, place, separator="!", page="merge_requests"),
        description=str(row.get("description") or ""),
        is_draft=bool(row.get("draft") or row.get("work_in_progress")),
        author_id=user_key(author),
        author_name=user_name(author),
        is_author_bot=is_bot(author),
        assignee_ids=_keys(row.get("assignees")),
        reviewer_ids=_keys(row.get("reviewers")),
        merged_by_id=user_key(row.get("merge_user") or row.get("merged_by")),
        merged_at=maybe_instant(row.get("merged_at")),
        closed_at=maybe_instant(row.get("closed_at")),
        sha=maybe_text(row.get("sha")),
        merge_commit_sha=maybe_text(row.get("merge_commit_sha")),
        squash_commit_sha=maybe_text(row.get("squash_commit_sha")),
        milestone_id=id_in(row.get("milestone")),
        labels=labels_of(row.get("labels")),
        comment_count=int(row.get("user_notes_count") or 0),
    )


def parse_issue(row: Any, place: Place) -> GitlabIssue:  # noqa: ANN401
    """An issue as any of the lists gives it."""
    project_id, iid = text(row["project_id"]), text(row["iid"])
    return GitlabIssue(
        source=place.source,
        id=text(row["id"]),
        project_id=project_id,
        reference=f"{_path(row, place, '#') or project_id}#{iid}",
        title=text(row["title"]),
        state=text(row["state"]),
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
        url=_url(row, place, separator="#", page="issues"),
        description=str(row.get("description") or ""),
        is_confidential=row.get("confidential") is True,
        closed_at=maybe_instant(row.get("closed_at")),
        labels=labels_of(row.get("labels")),
        milestone_id=id_in(row.get("milestone")),
        assignee_ids=_keys(row.get("assignees")),
        due_on=maybe_day(row.get("due_date")),
        moved_to_id=maybe_text(row.get("moved_to_id")),
    )


def parse_milestone(row: Any, place: Place, *, group_path: str | None = None) -> Milestone:  # noqa: ANN401
    """A milestone of a project or of a group (``group_path`` where it is known)."""
    project_id, group_id = maybe_text(row.get("project_id")), maybe_text(row.get("group_id"))
    if (project_id is None) == (group_id is None):
        raise ValueError("a milestone belongs to a project or to a group")
    iid = text(row["iid"])
    return Milestone(
        source=place.source,
        id=text(row["id"]),
        title=text(row["title"]),
        state=text(row["state"]),
        updated_at=instant(row["updated_at"]),
        url=place.project_url(project_id, "milestones", iid)
        if project_id
        else _group_milestone_url(row, place, group_path, iid),
        project_id=project_id,
        group_id=group_id,
        start_on=maybe_day(row.get("start_date")),
        due_on=maybe_day(row.get("due_date")),
    )


def _group_milestone_url(row: Any, place: Place, group_path: str | None, iid: str) -> str:  # noqa: ANN401
    """The page of a group's milestone; of the tool's own address only the group's path is taken."""
    found = _GROUP_PAGE.search(str(row.get("web_url") or ""))
    path = group_path or (found[1] if found else None)
    return place.url(f"groups/{path}", "milestones", iid) if path else place.browse_url


def parse_merge_request_commits(rows: Any, *, source: str, id_: str, head_sha: str) -> MergeRequestCommits:  # noqa: ANN401
    """The commits of one merge request, newest first."""
    return MergeRequestCommits(
        source=source,
        id=id_,
        head_sha=head_sha,
        commits=tuple((text(row["id"]), str(row.get("message") or row.get("title") or "")) for row in rows),
    )


def _keys(users: Any) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(key for user in users or () if (key := user_key(user)))


def _path(row: Any, place: Place, separator: str) -> str | None:  # noqa: ANN401
    """The project's path by the row's full reference, else as the project list gave it."""
    path, found, _ = str((row.get("references") or {}).get("full") or "").rpartition(separator)
    return path if found and path else place.paths.get(text(row["project_id"]))


def _url(row: Any, place: Place, *, separator: str, page: str) -> str:  # noqa: ANN401
    path = _path(row, place, separator)
    if path is None:
        return place.project_url(text(row["project_id"]), page, text(row["iid"]))
    return place.url(path, page, text(row["iid"]))
