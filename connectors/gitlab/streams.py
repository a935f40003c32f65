"""Streams of small listings: projects, releases and milestones; and what all streams share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of
from connectors.gitlab.login import expiry_of, kept_expiry
from connectors.gitlab.parse import text_of_instant
from connectors.gitlab.parse_code import parse_release
from connectors.gitlab.parse_work import parse_milestone
from connectors.gitlab.rounds import milestone_rounds
from connectors.gitlab.signs import rests
from connectors.gitlab.vanished import vanished_of
from connectors.parsing import parsed
from connectors.port import Order, Page, Request
from connectors.records import Milestone, Project, Ref

Asked: TypeAlias = tuple[str, dict[str, str]]
"""Path and query of a listing."""

OVERLAP = timedelta(minutes=10)
"""How far a window reaches back behind the cursor: covers clocks that disagree and rows that commit late."""
_LAST_DAY = "token"
"""Name in the projects' tips under which stands what the token told of its last day; ids are numbers."""
_ACTIVITY = frozenset({"commits", "pipelines"})
"""The streams that tell whether a project changed."""


def begun(catalogue: Catalogue, request: Request) -> Cursor:
    """The cursor with a walk begun by the tool's own clock, never later than ours: too early only means reading a little twice.

    A full walk begins anew but keeps what the cursor knew.
    """
    start, kept = catalogue.now(request.now), request.cursor
    return (replace(kept, walk_started_at=None, position=None) if request.is_full else kept).begun(start)


def since_of(cursor: Cursor, request: Request) -> datetime | None:
    """The lower bound of the window that the request wants read; None for everything."""
    if request.is_full or cursor.read_to is None:
        return None
    return cursor.read_to - max(OVERLAP, request.reach)


def nothing(catalogue: Catalogue, request: Request) -> Iterator[Page]:
    """The only page of a scope in which there is nothing to read, for the feature is switched off; none while the last one may stand."""
    if not request.may_stand:
        yield Page(records=(), cursor=begun(catalogue, request).finished())


class ProjectStream:
    """All projects of the selection, one partition: the list that the run began with, on which the other streams build.

    A group or project that is missing or closed is counted as skipped here; the scopes that read inside it tell that they cannot be read. The cursor's
    tips are the projects by id and path; one that left the list is reported as gone once that is certain, else it goes on being read under its id, also
    where it was transferred to a group that is not mapped: what it holds is still evidence. Beside them stands what the token told of its last day.
    """

    name = "projects"
    order = Order()

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def partitions(self, known: frozenset[str]) -> Iterable[str]:  # noqa: ARG002  # there is one
        """The whole site."""
        return ("*",)

    def pages(self, request: Request) -> Iterator[Page]:
        """One page. Raises a TandemError if a listing fails otherwise than by refusal."""
        cursor = begun(self._catalogue, request)
        listing = self._catalogue.listed()
        former = dict(cursor.tips)
        told = self._expiry(request, former.pop(_LAST_DAY, ""))
        kept, gone = vanished_of(self._catalogue, former.items())
        self._catalogue.note_strays(id_ for id_, _ in kept if id_ not in listing.projects)
        yield Page(
            records=(*(known.record for known in listing.projects.values()), *self._catalogue.known_strays()),
            cursor=cursor.finished(tips=(*kept, (_LAST_DAY, told))),
            skipped=listing.skipped,
            gone=tuple(Ref(source=self._catalogue.source, kind=Project.kind, id=id_) for id_ in gone),
        )

    def _expiry(self, request: Request, kept: str) -> str:
        """What is known of the token's last day, asked where it was not lately; returns it as it is kept."""
        client = self._catalogue.client
        self._catalogue.expiry = kept_expiry(kept, client, now=request.now, most=request.max_age)
        if self._catalogue.expiry is not None:
            return kept
        self._catalogue.expiry = expiry_of(client)
        return self._catalogue.expiry.text(client, request.now)


class ReleaseStream:
    """Releases per project: the whole list, asked where the project was active, for releases can be edited and removed."""

    name = "releases"
    order = Order(after=_ACTIVITY, alike=_ACTIVITY)  # these tell which projects changed

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        """Project ids."""
        return self._catalogue.project_partitions(known)

    def pages(self, request: Request) -> Iterator[Page]:
        """Pages of releases. Raises NotFoundError or ForbiddenError for a project that cannot be read."""
        project_id = request.scope.partition
        project = self._catalogue.require(project_id)
        if "releases" in project.off:
            yield from nothing(self._catalogue, request)
            return
        if rests(self._catalogue, request):
            return
        yield from small_listing(
            self._catalogue,
            request,
            releases_in(project_id),
            lambda row: parse_release(row, self._catalogue.place, project_id=project_id),
        )


class MilestoneStream:
    """Milestones: one partition per group (with those of its ancestors, sub-groups and their projects) and one per project."""

    name = "milestones"

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def order(self) -> Order:
        """After what tells which projects changed; the groups first, for they hold their projects' milestones too."""
        return Order(after=_ACTIVITY, alike=_ACTIVITY, rounds=partial(milestone_rounds, self._catalogue))

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        """Group paths and project ids."""
        groups = self._catalogue.group_partitions()
        projects = self._catalogue.project_partitions(known - frozenset(groups))
        return tuple(dict.fromkeys((*groups, *projects)))

    def pages(self, request: Request) -> Iterator[Page]:
        """Pages of milestones updated since the cursor. Raises NotFoundError or ForbiddenError."""
        partition = request.scope.partition
        if not self._catalogue.is_group(partition):
            project = self._catalogue.require(partition)
            if {"issues", "merge_requests"} <= project.off:
                yield from nothing(self._catalogue, request)
                return
        if rests(self._catalogue, request):
            return
        path, query = milestones_in(self._catalogue, partition)
        since = since_of(begun(self._catalogue, request), request)
        if since:
            query["updated_after"] = text_of_instant(since)
        yield from small_listing(self._catalogue, request, (path, query), self._parsed)

    def _parsed(self, row: Any) -> Milestone:  # noqa: ANN401
        path = self._catalogue.group_path_of(str(row.get("group_id")))
        return parse_milestone(row, self._catalogue.place, group_path=path)


def releases_in(project_id: str) -> Asked:
    """The listing of a project's releases."""
    return path_of("projects", project_id, "releases"), {"order_by": "created_at", "sort": "asc"}


def milestones_in(catalogue: Catalogue, partition: str) -> Asked:
    """The listing of a group's milestones, with those above and below it, or of a project's."""
    if catalogue.is_group(partition):
        more = {"include_ancestors": "true", "include_descendants": "true"}
        return path_of("groups", partition, "milestones"), more
    return path_of("projects", partition, "milestones"), {}


def small_listing(
    catalogue: Catalogue, request: Request, asked: Asked, parse: Callable[[Any], Any]
) -> Iterator[Page]:
    """Pages of a listing that is always read whole: a crash begins it anew, so the cursor moves at the end only."""
    path, query = asked
    cursor = begun(catalogue, request)
    what = request.scope.stream.rstrip("s")
    for rows, is_last in catalogue.client.pages(path, **query):
        records, bad = parsed(rows, parse, what=what)
        yield Page(records=records, cursor=cursor.finished() if is_last else cursor, skipped=bad)
