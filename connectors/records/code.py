"""Records of code: projects, branches, commits and merge requests."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from connectors.records.identity import BaseRecord, Ref


class Project(BaseRecord, frozen=True, kw_only=True):
    """A GitLab project; ``path`` moves on rename and transfer, ``id`` does not."""

    kind: ClassVar[str] = "project"
    path: str
    name: str
    url: str
    default_branch: str | None = None
    is_archived: bool = False
    last_activity_at: datetime | None = None


class Branch(BaseRecord, frozen=True, kw_only=True):
    """A branch tip. ``id`` is ``PROJECT_ID/NAME``; GitLab gives branches no number."""

    kind: ClassVar[str] = "branch"
    project_id: str
    name: str
    sha: str
    committed_at: datetime
    url: str
    is_default: bool = False
    is_protected: bool = False
    is_merged: bool = False


class Commit(BaseRecord, frozen=True, kw_only=True):
    """A commit as one project holds it. ``id`` is ``PROJECT_ID/SHA``: the same sha in a fork is another record.

    ``is_reachable`` is False once a force push or a deleted branch left it outside every known ref.
    """

    kind: ClassVar[str] = "commit"
    project_id: str
    sha: str
    title: str
    message: str
    author_name: str
    author_email: str
    authored_at: datetime
    committed_at: datetime
    url: str
    parent_shas: tuple[str, ...] = ()
    trailers: tuple[tuple[str, str], ...] = ()
    is_reachable: bool = True

    @staticmethod
    def ref_at(source: str, project_id: str, sha: str) -> Ref:
        """Identity of the commit with this sha in a project."""
        return Ref(source, Commit.kind, f"{project_id}/{sha}")


class PathTouch(BaseRecord, frozen=True, kw_only=True):
    """A commit that changed something below a watched path. ``id`` is ``PROJECT_ID/SHA/PREFIX``. Commit lists carry no file names."""

    kind: ClassVar[str] = "path_touch"
    project_id: str
    prefix: str
    sha: str


class MergeRequest(BaseRecord, frozen=True, kw_only=True):
    """A merge request; ``state`` is ``opened``, ``closed``, ``merged`` or ``locked``. ``reference`` is what people type: ``!12``.

    ``sha`` is the head of the source branch; ``merge_commit_sha`` and ``squash_commit_sha`` are what landed (both absent on fast-forward).
    """

    kind: ClassVar[str] = "merge_request"
    project_id: str
    reference: str
    title: str
    state: str
    source_branch: str
    target_branch: str
    created_at: datetime
    updated_at: datetime
    url: str
    description: str = ""
    is_draft: bool = False
    author_id: str | None = None
    author_name: str | None = None
    is_author_bot: bool = False
    assignee_ids: tuple[str, ...] = ()
    reviewer_ids: tuple[str, ...] = ()
    merged_by_id: str | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    sha: str | None = None
    merge_commit_sha: str | None = None
    squash_commit_sha: str | None = None
    milestone_id: str | None = None
    labels: tuple[str, ...] = ()
    comment_count: int = 0


class MergeRequestCommits(BaseRecord, frozen=True, kw_only=True):
    """The commits that a merge request carries, asked from GitLab where the commit graph cannot tell. ``id`` is the merge request's."""

    kind: ClassVar[str] = "merge_request_commits"
    head_sha: str
    commits: tuple[tuple[str, str], ...]
    """(sha, message) in the vendor's order, newest first."""


class Todo(BaseRecord, frozen=True, kw_only=True):
    """A mark (``TODO``, ``FIXME``, ``HACK``, ``XXX``) in a comment of a file on the default branch; of the file nothing else is kept.

    ``id`` is ``PROJECT_ID/PATH/DIGEST``, the digest of what it says: a mark that moves within its file is the same one. ``addressee`` is what stands in the
    parentheses behind the mark, ``text`` what follows on its line. ``blob_sha`` is the content of the file in which it was read.
    """

    kind: ClassVar[str] = "todo"
    project_id: str
    path: str
    line: int
    mark: str
    text: str
    blob_sha: str
    url: str
    addressee: str = ""


class TodoScan(BaseRecord, frozen=True, kw_only=True):
    """What was looked at for marks at or below one ``path`` that the mapping allows (empty: the whole repository). ``id`` is ``PROJECT_ID/PATH``.

    ``sha`` is the content of the path, ``is_there`` whether the default branch has such a path at all. ``files`` were read; ``left_out`` are (why, how many
    files), sorted: ``too large``, ``too many``, ``binary``, ``in LFS``.
    """

    kind: ClassVar[str] = "todo_scan"
    project_id: str
    path: str
    sha: str
    files: int
    url: str
    left_out: tuple[tuple[str, int], ...] = ()
    is_there: bool = True
