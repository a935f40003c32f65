"""Settings of the GitLab connector: what of one host is read, as the mapping gives it in plain values."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class GitlabSelection(BaseModel):
    """Groups (sub-groups included) and single projects that are read, each by id or full path.

    ``paths`` are (project path or id, prefix): the places in repositories for which touching commits are listed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)

    name: str = "gitlab"
    groups: tuple[int | str, ...] = ()
    projects: tuple[int | str, ...] = ()
    paths: tuple[tuple[int | str, str], ...] = ()

    def prefixes_of(self, *names: str) -> tuple[str, ...]:
        """The watched prefixes of the project that goes by any of ``names`` (id, path), sorted, each once."""
        folded = {name.casefold() for name in names}
        return tuple(sorted({prefix for project, prefix in self.paths if str(project).casefold() in folded}))
