"""Parse: projects, branches, commits and releases."""

from __future__ import annotations

from typing import Any

from connectors.gitlab.parse import Place, maybe_text, text
from connectors.parsing import instant, maybe_instant
from connectors.records import Branch, Commit, PathTouch, Project, Release


def parse_project(row: Any, place: Place) -> Project:  # noqa: ANN401
    """A project."""
    path = text(row["path_with_namespace"])
    return Project(
        source=place.source,
        id=text(row["id"]),
        path=path,
        name=text(row.get("name") or path),
        url=place.url(path),
        default_branch=maybe_text(row.get("default_branch")),
        is_archived=row.get("archived") is True,
        last_activity_at=maybe_instant(row.get("last_activity_at")),
    )


def parse_branch(row: Any, place: Place, *, project_id: str) -> Branch:  # noqa: ANN401
    """A branch tip."""
    name = text(row["name"])
    return Branch(
        source=place.source,
        id=f"{project_id}/{name}",
        project_id=project_id,
        name=name,
        sha=text(row["commit"]["id"]),
        committed_at=instant(row["commit"]["committed_date"]),
        url=place.project_url(project_id, "tree", name),
        is_default=row.get("default") is True,
        is_protected=row.get("protected") is True,
        is_merged=row.get("merged") is True,
    )


def parse_commit(row: Any, place: Place, *, project_id: str, is_reachable: bool = True) -> Commit:  # noqa: ANN401
    """A commit as the project holds it."""
    sha = text(row["id"])
    title = str(row.get("title") or "")
    return Commit(
        source=place.source,
        id=f"{project_id}/{sha}",
        project_id=project_id,
        sha=sha,
        title=title,
        message=str(row.get("message") or title),
        author_name=str(row.get("author_name") or ""),
        author_email=str(row.get("author_email") or ""),
        authored_at=instant(row.get("authored_date") or row["committed_date"]),
        committed_at=instant(row["committed_date"]),
        url=place.project_url(project_id, "commit", sha),
        parent_shas=tuple(text(parent) for parent in row.get("parent_ids") or ()),
        trailers=_trailers_of(row),
        is_reachable=is_reachable,
    )


def _trailers_of(row: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401
    """(name, value) of every trailer; ``extended_trailers`` holds all values of a repeated name, ``trailers`` the last one."""
    trailers = row.get("extended_trailers") or row.get("trailers") or {}
    return tuple(
        (str(name), str(value))
        for name, values in trailers.items()
        for value in (values if isinstance(values, list) else (values,))
    )


def parse_touch(row: Any, place: Place, *, project_id: str, prefix: str) -> PathTouch:  # noqa: ANN401
    """That a listed commit touched something below the prefix."""
    sha = text(row["id"])
    return PathTouch(
        source=place.source,
        id=f"{project_id}/{sha}/{prefix}",
        project_id=project_id,
        prefix=prefix,
        sha=sha,
    )


def parse_release(row: Any, place: Place, *, project_id: str) -> Release:  # noqa: ANN401
    """A release."""
    tag = text(row["tag_name"])
    return Release(
        source=place.source,
        id=f"{project_id}/{tag}",
        project_id=project_id,
        tag=tag,
        name=str(row.get("name") or tag),
        created_at=instant(row["created_at"]),
        url=place.project_url(project_id, "releases", tag),
        sha=maybe_text((row.get("commit") or {}).get("id")),
        released_at=maybe_instant(row.get("released_at")),
    )
