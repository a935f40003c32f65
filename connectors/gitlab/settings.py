"""Settings of the GitLab connector: what of one host is read, as the mapping gives it in plain values."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class TodoPath(BaseModel):
    """A folder or file (empty: the whole repository) in which marks are looked for: no file larger than ``largest_kb`` (1,000 bytes each), at most ``most_files``."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    project: int | str
    path: str = ""
    largest_kb: int = 200
    most_files: int = 500

    @property
    def place(self) -> str:
        """The path without slashes around it."""
        return self.path.strip("/")


class GitlabSelection(BaseModel):
    """Groups (sub-groups included) and single projects that are read, each by id or full path.

    ``paths`` are (project path or id, prefix): the places in repositories for which touching commits are listed. ``todos`` are all places of which files are read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)

    name: str = "gitlab"
    groups: tuple[int | str, ...] = ()
    projects: tuple[int | str, ...] = ()
    paths: tuple[tuple[int | str, str], ...] = ()
    todos: tuple[TodoPath, ...] = ()

    def prefixes_of(self, *names: str) -> tuple[str, ...]:
        """The watched prefixes of the project that goes by any of ``names`` (id, path), sorted, each once."""
        folded = {name.casefold() for name in names}
        return tuple(sorted({prefix for project, prefix in self.paths if str(project).casefold() in folded}))

    def todos_of(self, *names: str) -> tuple[TodoPath, ...]:
        """The places with marks of the project that goes by any of ``names`` (id, path), in the given order."""
        folded = {name.casefold() for name in names}
        return tuple(todo for todo in self.todos if str(todo.project).strip("/").casefold() in folded)
