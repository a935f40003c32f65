"""Todo paths: which files may be read for TODO comments. Nothing of any repository is read that is not named here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mappings.atoms import GitlabId, PathPrefix


def _inside(path: str) -> str:
    if {".", ".."} & set(path.split("/")):
        raise ValueError('must be a plain path without "." and ".."; leave it out for the whole repository')
    return path.rstrip("/")


class TodoPathSpec(BaseModel):
    """A place in a repository in whose files TODO comments are looked for. Only the comments are kept, never a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    project: GitlabId = Field(description="Path with namespace, or id.")
    path: Annotated[PathPrefix, AfterValidator(_inside)] = Field(
        "", description="Folder or file, counted from the top; left out: the whole repository."
    )
    largest_kb: int = Field(200, ge=1, le=1000, description="A larger file is left out, and counted as such.")
    most_files: int = Field(
        500, ge=1, le=5_000, description="Files beyond so many are left out, and counted."
    )


def overlapping(paths: Iterable[TodoPathSpec]) -> Iterator[tuple[int, int]]:
    """(later, earlier) for each two of ``paths`` of which one lies in the other, by their numbers."""
    seen: list[tuple[int, str, str]] = []
    for number, one in enumerate(paths):
        project, place = str(one.project).casefold(), f"{one.path}/" if one.path else ""
        for earlier, other, where in seen:
            if project == other and (place.startswith(where) or where.startswith(place)):
                yield number, earlier
        seen.append((number, project, place))
