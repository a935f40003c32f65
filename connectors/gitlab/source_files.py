"""Source files: the tree of one project at one commit, and the text of a file in it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from msgspec import Struct

from connectors.errors import NotFoundError, OversizeError, RetryableError
from connectors.gitlab.client import GitlabClient, path_of
from connectors.gitlab.parse import text
from connectors.gitlab.settings import TodoPath
from connectors.marks import is_readable
from connectors.parsing import MALFORMED

_ENTRIES_PER_FILE = 20
"""Of a folder at most this many times ``most_files`` entries are listed."""
_PLAIN_MODES = frozenset({"100644", "100755", "100664"})
"""Git's modes of plain files; a symbolic link has another, and a submodule is no blob at all."""
_LFS = b"version https://git-lfs.github.com/spec/"


class LeftOut(StrEnum):
    """Why a file was not read for marks although it lies in a place where it may be."""

    TOO_LARGE = "too large"
    TOO_MANY = "too many"
    AT_LEAST = "too many (at least)"
    BINARY = "binary"
    LFS = "in LFS"


class Entry(Struct, frozen=True, kw_only=True):
    """One entry of a tree; ``sha`` is that of its content."""

    path: str
    sha: str
    is_folder: bool
    is_file: bool


class Files(Struct, frozen=True, kw_only=True):
    """The readable files of a place, path and sha of each, in the tool's order. ``beyond`` were not taken for their number; ``is_cut``: nobody knows what else there is."""

    shas: dict[str, str]
    beyond: int = 0
    is_cut: bool = False


class SourceFiles(Struct, frozen=True, kw_only=True):
    """The files of one project as its commit ``tip`` holds them."""

    client: GitlabClient
    project_id: str
    tip: str

    def entry_at(self, path: str) -> Entry | None:
        """What lies at ``path``, by the listing of the folder that holds it; None for nothing. Raises RetryableError where the commit is no longer there."""
        parent = path.rpartition("/")[0]
        try:
            return next((entry for entry in self._entries(parent) if entry.path == path), None)
        except NotFoundError as error:
            if not parent or self.entry_at(parent) is not None:
                raise RetryableError(
                    f"GitLab project {self.project_id}: commit {self.tip[:8]} could not be listed although it was the newest a moment ago ({error})"
                ) from error
            return None

    def below(self, place: TodoPath, entry: Entry | None) -> Files:
        """The readable files at or below a place, where ``entry`` is what lies there (None for the top of the repository).

        Raises RetryableError for a folder in which nothing is listed: git knows no empty folder.
        """
        if entry and not entry.is_folder:
            is_wanted = entry.is_file and is_readable(entry.path)
            return Files(shas={entry.path: entry.sha} if is_wanted else {})
        found: dict[str, str] = {}
        listed = beyond = 0
        for one in self._entries(place.place, recursive="true"):
            listed += 1
            if listed > _ENTRIES_PER_FILE * place.most_files:
                return Files(shas=found, beyond=beyond, is_cut=True)
            if one.is_file and is_readable(one.path):
                if len(found) < place.most_files:
                    found[one.path] = one.sha
                else:
                    beyond += 1
        if entry and not listed:
            raise self._untrusted(place.place)
        return Files(shas=found, beyond=beyond)

    def confirm_gone(self, path: str) -> None:
        """Look for the file itself in its folder: a listing can be cut short. Raises RetryableError if the file is there."""
        entry = self.entry_at(path)
        if entry is not None and entry.is_file:
            raise self._untrusted(path)

    def text_of(self, sha: str, *, largest_kb: int) -> str | LeftOut:
        """The text of a blob, or why it is left out. Raises NotFoundError, or one of ``MALFORMED`` for an answer of another shape."""
        try:
            payload = self.client.get(self._at("blobs", sha))
        except OversizeError:
            return LeftOut.TOO_LARGE
        if int(payload["size"]) > largest_kb * 1000:
            return LeftOut.TOO_LARGE
        content = base64.b64decode(text(payload["content"]))
        if content.startswith(_LFS):
            return LeftOut.LFS
        return LeftOut.BINARY if b"\0" in content else content.decode("utf-8-sig", "replace")

    def _entries(self, path: str, **query: str) -> Iterator[Entry]:
        asked = {"ref": self.tip, "pagination": "keyset", **query, **({"path": path} if path else {})}
        for row in self.client.rows(self._at("tree"), **asked):
            try:
                yield _entry_of(row)
            except MALFORMED as error:
                raise RetryableError(
                    f"GitLab project {self.project_id}: a file is not listed in the expected form; the list was not trusted"
                ) from error

    def _at(self, *parts: str) -> str:
        return path_of("projects", self.project_id, "repository", *parts)

    def _untrusted(self, path: str) -> RetryableError:
        return RetryableError(
            f"GitLab project {self.project_id}: {path} is there but the list of files left it out; the list was not trusted"
        )


def _entry_of(row: Any) -> Entry:  # noqa: ANN401  # a raw row ends here
    kind, mode = text(row["type"]), row.get("mode")
    return Entry(
        path=text(row["path"]),
        sha=text(row["id"]),
        is_folder=kind == "tree",
        is_file=kind == "blob" and (mode is None or mode in _PLAIN_MODES),
    )
