"""Census: which merge requests and issues exist now, by a full walk of their ids.

GitLab cannot be asked for one of them by its id alone, so a missing one is looked for again project by project: that finds what moved between
groups, and tells deletion from a project that was closed to us.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.cursor import Cursor
from connectors.errors import FatalError, ForbiddenError, NotFoundError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import Rows
from connectors.gitlab.stream_work import Work, step_of
from connectors.gitlab.walk import Listing, Walk
from connectors.parsing import parsed
from connectors.port import Page, Settled


class WorkCensus:
    """The ids of merge requests or issues, per partition of their stream."""

    def __init__(self, catalogue: Catalogue, work: Work) -> None:
        self._catalogue = catalogue
        self._work = work

    @property
    def kind(self) -> str:
        """``merge_request`` or ``gitlab_issue``."""
        return self._work.kind

    @property
    def stream(self) -> str:
        """``merge_requests`` or ``gitlab_issues``."""
        return self._work.stream

    def partitions(self) -> Iterable[str]:
        """Those of the stream."""
        return self._catalogue.work_partitions()

    def ids(self, partition: str) -> frozenset[str]:
        """All ids of the partition. Raises a TandemError rather than being short."""
        if not self._catalogue.is_group(partition):
            self._require(partition)
        return frozenset(self._rows(partition, whole=frozenset()))

    def settled(self, partition: str, missing: frozenset[str]) -> Settled:
        """Those that no project known to us holds any more, and those that one holds outside of the partition, as they stand there.

        Raises ForbiddenError if any of the projects cannot be read: what is missing could be in there.
        """
        left = missing
        moved: list[tuple[str, Page]] = []
        for project_id in self._catalogue.known_projects():
            if not left:
                break
            self._require(project_id)
            rows = self._rows(project_id, whole=left)
            found, home = left & rows.keys(), self._catalogue.home_of(project_id)
            left -= found
            if found and home != partition:
                moved.append((home, self._page(rows[id_] for id_ in sorted(found))))
        return Settled(gone=left, moved=tuple(moved))

    def _page(self, rows: Iterable[Any]) -> Page:
        work, place = self._work, self._catalogue.place
        records, bad = parsed(rows, lambda row: work.parse(row, place), what=work.kind.replace("_", " "))
        return Page(records=records, cursor=Cursor(), skipped=bad)

    def _require(self, project_id: str) -> None:
        try:
            project = self._catalogue.require(project_id)
        except NotFoundError as error:
            raise ForbiddenError(str(error)) from error
        if self._work.word in project.off:
            raise ForbiddenError(
                f"GitLab project {project.record.path} has {self._work.word.replace('_', ' ')} switched off, so none can be counted"
            )

    def _rows(self, partition: str, *, whole: frozenset[str]) -> dict[str, Any]:
        """By id all that the partition holds: the rows of the ids in ``whole``, None for all others, so that memory does not grow with rows."""
        step = step_of(self._catalogue, self._work, partition)

        def read(rows: Rows) -> dict[str, Any]:
            if not all(isinstance(row, dict) and row.get("id") for row in rows):
                raise FatalError(f"the {step.what}s of {partition} cannot be counted: a row has no id")
            by_id = {str(row["id"]): row for row in rows}
            return {id_: row if id_ in whole else None for id_, row in by_id.items()}

        listing = Listing(path=step.path, stamp=step.full_stamp, query=step.query)
        walk = Walk(self._catalogue.client, listing, read)
        return {id_: row for stretch in walk.stretches(None) for id_, row in stretch.found.items()}
