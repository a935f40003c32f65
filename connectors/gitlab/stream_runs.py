"""Streams of pipelines and deployments: one partition per project id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of
from connectors.gitlab.parse import text_of_instant
from connectors.gitlab.parse_runs import parse_deployment, parse_pipeline
from connectors.gitlab.signs import TELLING, after_signs, rests
from connectors.gitlab.streams import OVERLAP, begun, nothing, since_of
from connectors.gitlab.window import Mark, Step, window_pages
from connectors.parsing import instant
from connectors.port import Order, Page, Request

_CHILDREN = "children"
"""Name in the cursor's tips under which the instant stands up to which child pipelines were read."""


class PipelineStream:
    """Pipelines, and in a second step child pipelines, which the plain list leaves out.

    The second step keeps its own instant, so that one that was left out by an earlier version is made up for.
    """

    name = "pipelines"
    order = Order(
        after=frozenset({"commits"}), alike=frozenset({"commits"})
    )  # these tell which projects changed

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        """Project ids."""
        return self._catalogue.project_partitions(known)

    def pages(self, request: Request) -> Iterator[Page]:
        """Pages and a last one with the finished cursor. Raises NotFoundError or ForbiddenError."""
        project_id = request.scope.partition
        if "builds" in self._catalogue.require(project_id).off:
            yield from nothing(self._catalogue, request)
            return
        if rests(self._catalogue, request):
            return
        cursor = begun(self._catalogue, request)
        mark = Mark.of(cursor, request)
        if mark.step == 0:
            yield from self._parents(project_id, cursor, mark, since=since_of(cursor, request))
            mark = Mark(is_full=mark.is_full, step=1)
        since = None if mark.is_full else _children_since(cursor, request)
        mark = replace(mark, is_full=since is None)
        yield from window_pages(self._catalogue, self._step(project_id, _CHILDREN), cursor, mark, since=since)
        yield Page(records=(), cursor=cursor.finished(tips=_children_tips(cursor)))

    def _parents(
        self, project_id: str, cursor: Cursor, mark: Mark, *, since: datetime | None
    ) -> Iterator[Page]:
        for page in window_pages(self._catalogue, self._step(project_id), cursor, mark, since=since):
            if page.records:
                self._catalogue.changed.add(project_id)
            yield page

    def _step(self, project_id: str, which: str = "") -> Step:
        return Step(
            path=path_of("projects", project_id, "pipelines"),
            what="pipeline",
            parse=lambda row: parse_pipeline(row, self._catalogue.place, project_id=project_id),
            query={"source": "parent_pipeline"} if which == _CHILDREN else {},
        )


def _children_since(cursor: Cursor, request: Request) -> datetime | None:
    read_to = dict(cursor.tips).get(_CHILDREN)
    return instant(read_to) - max(OVERLAP, request.reach) if read_to else None


def _children_tips(cursor: Cursor) -> tuple[tuple[str, str], ...]:
    assert cursor.walk_started_at is not None  # noqa: S101  # the walk was begun by the caller
    return ((_CHILDREN, text_of_instant(cursor.walk_started_at)),)


class DeploymentStream:
    """Deployments. Their status flips, so they are read by the time of change."""

    name = "deployments"

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def order(self) -> Order:
        """After the projects, and what tells of activity in them."""
        return Order(after=after_signs(self._catalogue), alike=TELLING)

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        """Project ids."""
        return self._catalogue.project_partitions(known)

    def pages(self, request: Request) -> Iterator[Page]:
        """Pages and a last one with the finished cursor. Raises NotFoundError or ForbiddenError."""
        project_id = request.scope.partition
        if self._catalogue.require(project_id).off & {"builds", "environments"}:
            yield from nothing(self._catalogue, request)
            return
        if rests(self._catalogue, request):
            return
        cursor = begun(self._catalogue, request)
        step = Step(
            path=path_of("projects", project_id, "deployments"),
            what="deployment",
            parse=lambda row: parse_deployment(row, self._catalogue.place, project_id=project_id),
            query={},
        )
        mark, since = Mark.of(cursor, request), since_of(cursor, request)
        yield from window_pages(self._catalogue, step, cursor, mark, since=since)
        yield Page(records=(), cursor=cursor.finished())
