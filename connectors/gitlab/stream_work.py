"""Streams of merge requests and issues: one partition per group, and per project that no group's listing covers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of
from connectors.gitlab.parse import Place
from connectors.gitlab.parse_work import parse_issue, parse_merge_request
from connectors.gitlab.rounds import work_rounds
from connectors.gitlab.signs import TELLING, after_signs, rests
from connectors.gitlab.streams import begun, nothing, since_of
from connectors.gitlab.window import Mark, Step, window_pages
from connectors.port import Order, Page, Request
from connectors.records import GitlabIssue, MergeRequest


class Work(Struct, frozen=True, kw_only=True):
    """A kind of work item: the stream's name, the record's kind, the API's word for the listing, and its parser."""

    stream: str
    kind: str
    word: str
    parse: Callable[[Any, Place], MergeRequest | GitlabIssue]


_COUNTED = ("*", "")
"""Stands among a cursor's tips once the projects of its group, (id, path), stand there too."""
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
    """Merge requests or issues. What left the list of projects, their stream has noted.

    Merge requests of groups are asked for in every run, for they tell of activity that GitLab's own hint hides for an hour.
    """

    def __init__(self, catalogue: Catalogue, work: Work) -> None:
        self._catalogue = catalogue
        self._work = work

    @property
    def name(self) -> str:
        """``merge_requests`` or ``gitlab_issues``."""
        return self._work.stream

    @property
    def order(self) -> Order:
        """After the projects, issues also after what tells of activity in them; groups that lie in each other one after the other."""
        after = frozenset({"projects"}) if self._tells else after_signs(self._catalogue)
        return Order(after=after, alike=TELLING, rounds=partial(work_rounds, self._catalogue))

    @property
    def _tells(self) -> bool:
        return self._work is MERGE_REQUESTS

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        """Group paths, and ids of projects outside of them."""
        if self._tells:
            self._catalogue.is_followed = bool(known)
        return self._catalogue.work_partitions()

    def pages(self, request: Request) -> Iterator[Page]:
        """Pages and a last one with the finished cursor. Raises NotFoundError or ForbiddenError for what cannot be read."""
        partition = request.scope.partition
        if not self._catalogue.is_group(partition):
            project = self._catalogue.require(partition)
            if self._work.word in project.off:
                yield from nothing(self._catalogue, request)
                return
        if not (self._tells and self._catalogue.is_group(partition)) and rests(self._catalogue, request):
            return
        cursor = begun(self._catalogue, request)
        places = self._catalogue.places_in(partition)
        mark, since = Mark.of(cursor, request), since_of(cursor, request)
        if not mark.is_full:
            yield from self._arrived(request, places)
        step = step_of(self._catalogue, self._work, partition)
        for page in window_pages(self._catalogue, step, cursor, mark, since=since):
            self._note(page)
            yield page
        yield Page(records=(), cursor=cursor.finished(tips=(_COUNTED, *places)))

    def _note(self, page: Page) -> None:
        for record in page.records:
            if isinstance(record, MergeRequest):
                self._catalogue.note_sign(record.project_id, record.updated_at)

    def _arrived(self, request: Request, places: tuple[tuple[str, str], ...]) -> Iterator[Page]:
        """Everything of the projects that a group holds since the last walk, or holds under another path: no window shows what is old in them.

        The cursor does not move: a walk that breaks off begins with them again.
        """
        if _COUNTED not in request.cursor.tips:
            return
        for project_id, _ in sorted(set(places) - set(request.cursor.tips)):
            if self._work.word not in self._catalogue.require(project_id).off:
                step = step_of(self._catalogue, self._work, project_id)
                for page in window_pages(
                    self._catalogue, step, request.cursor, Mark(is_full=True), since=None
                ):
                    yield replace(page, cursor=request.cursor)
