"""Stream of commits: one partition per project. The cursor is the map of branch tips, because no date filter finds a late push.

Branches are listed where anything hints at a change, and now and then; where all tips are as before, that one request is all. Else only what lies between the tips is
listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.cursor import Cursor
from connectors.gitlab.branches import (
    Branches,
    mark_of_prefix,
    stale,
    tips_of,
    whole_branches_of,
)
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.commit_walk import CommitWalk, Spot, with_tips
from connectors.gitlab.foreseen import Foreseen, spans_to_come
from connectors.gitlab.newest import Newest
from connectors.gitlab.ranges import Ranges
from connectors.gitlab.signs import TELLING, after_signs, rests
from connectors.gitlab.streams import begun, nothing
from connectors.port import PATHS, Order, Page, Request


class CommitStream:
    """Branches, commits and touches of watched paths."""

    name = "commits"

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def order(self) -> Order:
        """After the projects, after what tells of activity in them, and once the watched paths are known."""
        return Order(after=after_signs(self._catalogue) | {PATHS}, alike=TELLING)

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        """Project ids."""
        return self._catalogue.project_partitions(known)

    def pages(self, request: Request) -> Iterator[Page]:
        """Branches first, then commits range by range; the last page finishes. Raises NotFoundError, ForbiddenError, or RetryableError for a short list.

        A full walk takes the tips for stale: it lists everything, and still knows of each branch where it stood when it was deleted or rewritten.
        """
        project = self._catalogue.require(request.scope.partition)
        if "repository" in project.off:
            yield from nothing(self._catalogue, request)
            return
        prefixes = self._catalogue.selection.prefixes_of(project.record.id, project.record.path)
        if _are_walked(request.cursor, prefixes) and rests(self._catalogue, request):
            return
        cursor = begun(self._catalogue, request)
        branches = whole_branches_of(self._catalogue, request.scope.partition)
        if self._is_unchanged(request, branches, prefixes):
            yield Page(records=(), cursor=cursor.finished(), skipped=branches.skipped)
            return
        yield from self._walk(request, branches, prefixes, cursor)

    def _walk(
        self, request: Request, branches: Branches, prefixes: tuple[str, ...], cursor: Cursor
    ) -> Iterator[Page]:
        id_ = request.scope.partition
        spot = Spot.of(cursor.position)
        self._catalogue.changed.add(id_)
        moved = (self._catalogue.require(id_).record,) if self._catalogue.is_stray(id_) else ()
        known, new = branches.parted(tips_of(cursor.tips))
        yield Page(records=(*moved, *known), cursor=request.cursor, skipped=branches.skipped)
        if request.is_full or request.cursor.is_reset:
            cursor = with_tips(cursor, stale(tips_of(cursor.tips)))
        ranges = Ranges(catalogue=self._catalogue, project_id=id_)
        marks = dict(cursor.tips)
        newest = Newest.asked(ranges, branches, marks)
        spans = spans_to_come(branches, marks, prefixes)
        is_stray = spot is not None and spot.span not in {span for span, _ in spans}
        left = (
            (span, prefix)
            for span, prefix in spans
            if (spot is None or span != spot.span) and (prefix or span not in newest)
        )
        walk = CommitWalk(
            ranges=ranges,
            branches=branches,
            prefixes=prefixes,
            spot=spot,
            stray=spot.head if spot and is_stray else None,
            newest=newest,
            foreseen=Foreseen(ranges, tuple(left), request.ahead),
        )
        cursor = yield from walk.pages(cursor)
        # a branch that vanishes is missed by the tips, so none may be stored before it stands among them
        yield Page(records=new, cursor=cursor.finished(tips=_kept(cursor, prefixes)))

    def _is_unchanged(self, request: Request, branches: Branches, prefixes: tuple[str, ...]) -> bool:
        cursor = request.cursor
        if request.is_full or cursor.read_to is None or cursor.walk_started_at:
            return False
        return _are_walked(cursor, prefixes) and tips_of(cursor.tips) == branches.heads


def _are_walked(cursor: Cursor, prefixes: tuple[str, ...]) -> bool:
    return {mark_of_prefix(prefix) for prefix in prefixes} <= dict(cursor.tips).keys()


def _kept(cursor: Cursor, prefixes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The tips with the marks of the prefixes that are still watched, so that one which comes back is walked from the beginning."""
    marks = {mark_of_prefix(prefix) for prefix in prefixes}
    heads = tips_of(cursor.tips)
    return with_tips(cursor, {n: s for n, s in dict(cursor.tips).items() if n in heads or n in marks}).tips
