"""Streams of merge requests and issues: one partition per group, and per project that no group's listing covers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of
from connectors.gitlab.parse import Place
from connectors.gitlab.parse_work import parse_issue, parse_merge_request
from connectors.gitlab.streams import begun, nothing
from connectors.gitlab.window import Mark, Step, window_pages
from connectors.port import Page, Request
from connectors.records import GitlabIssue, MergeRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A kind of work item: the stream's name, the record's kind, the API's word for the listing, and its parser."""

    stream: str
    kind: str
    word: str
    parse: Callable[[Any, Place], MergeRequest | GitlabIssue]


MERGE_REQUESTS = Work(
    stream="merge_requests", kind="merge_request", word="merge_requests", parse=parse_merge_request
)
ISSUES = Work(stream="gitlab_issues", kind="gitlab_issue", word="issues", parse=parse_issue)


def step_of(catalogue: Catalogue, work: Work, partition: str) -> Step:
    """The listing of a partition. All states, of all authors, of archived projects too: the tool's defaults leave these out.

    Full walks go by creation, which never moves.
    """
    query = {"scope": "all", "state": "all"}
    is_group = catalogue.is_group(partition)
    if is_group:
        query["non_archived"] = "false"
    return Step(
        path=path_of("groups" if is_group else "projects", partition, work.word),
        what=work.kind.replace("_", " "),
        parse=lambda row: work.parse(row, catalogue.place),
        query=query,
        full_stamp="created_at",
    )


class WorkStream:
    """Merge requests or issues."""

    def __init__(self, catalogue: Catalogue, work: Work) -> None:
        self._catalogue = catalogue
        self._work = work

    @property
    def name(self) -> str:
        """``merge_requests`` or ``gitlab_issues``."""
        return self._work.stream

    def partitions(self, known: frozenset[str]) -> Iterable[str]:  # noqa: ARG002  # what left the list, the commits' stream has found
        """Group paths, and ids of projects outside of them."""
        return self._catalogue.work_partitions()

    def pages(self, request: Request) -> Iterator[Page]:
        """Pages and a last one with the finished cursor. Raises NotFoundError or ForbiddenError for what cannot be read."""
        partition = request.scope.partition
        if not self._catalogue.is_group(partition):
            project = self._catalogue.require(partition)
            if self._work.word in project.off:
                yield nothing(self._catalogue, request)
                return
        cursor = begun(self._catalogue, request)
        step = step_of(self._catalogue, self._work, partition)
        yield from window_pages(self._catalogue, step, cursor, Mark.of(cursor, request))
        yield Page(records=(), cursor=cursor.finished())
