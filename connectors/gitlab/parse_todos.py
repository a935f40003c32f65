"""Parse: the marks in a source file, and what they and the places in which they are looked for are called."""

from __future__ import annotations

from connectors.gitlab.parse import Place
from connectors.marks import marks_in
from connectors.records import Ref, Todo, TodoScan

_NEWEST = "HEAD"
"""What GitLab's pages call the tip of the default branch, whatever its name."""


def parse_todos(text: str, place: Place, *, project_id: str, path: str, blob_sha: str) -> tuple[Todo, ...]:
    """The marks of the file at ``path``, in order."""
    url = place.project_url(project_id, "blob", _NEWEST, path)
    return tuple(
        Todo(
            source=place.source,
            id=f"{project_id}/{path}/{mark.digest}",
            project_id=project_id,
            path=path,
            line=mark.line,
            mark=mark.word,
            addressee=mark.addressee,
            text=mark.text,
            blob_sha=blob_sha,
            url=f"{url}#L{mark.line}",
        )
        for mark in marks_in(path, text)
    )


def todo_ref(source: str, project_id: str, path: str, digest: str) -> Ref:
    """The identity of the mark with this digest in the file at ``path``."""
    return Ref(source=source, kind=Todo.kind, id=f"{project_id}/{path}/{digest}")


def scan_ref(source: str, project_id: str, path: str) -> Ref:
    """The identity of the scan of a place."""
    return Ref(source=source, kind=TodoScan.kind, id=f"{project_id}/{path}")


def url_of_place(place: Place, project_id: str, path: str) -> str:
    """The page of the folder or file at ``path`` as the default branch has it."""
    return place.project_url(project_id, "tree", _NEWEST, *([path] if path else []))
