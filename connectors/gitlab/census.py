"""Census: which merge requests and issues exist now, by a full walk of their ids.

GitLab cannot be asked for one of them by its id alone, so a missing one is looked for again project by project: that finds what moved between
groups, and tells deletion from a project that was closed to us.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.errors import FatalError, ForbiddenError, NotFoundError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.stream_work import Work, step_of
from connectors.gitlab.walk import Listing, Walk


class WorkCensus:
    """The ids of merge requests or issues, per partition of their stream."""

    def __init__(self, catalogue: Catalogue, work: Work) -> None:
        self._catalogue = catalogue
        self._work = work

    @property
    def kind(self) -> str:
        """``merge_request`` or ``gitlab_issue``."""
        return self._work.kind

    def partitions(self) -> Iterable[str]:
        """Those of the stream."""
        return self._catalogue.work_partitions()

    def ids(self, partition: str) -> frozenset[str]:
        """All ids of the partition. Raises a TandemError rather than being short."""
        if not self._catalogue.is_group(partition):
            self._require(partition)
        return self._walked(partition)

    def confirmed_gone(self, partition: str, ids: frozenset[str]) -> frozenset[str]:  # noqa: ARG002  # they may have moved out of it
        """Those of ``ids`` that no project known to us holds any more.

        Raises ForbiddenError if any of the projects cannot be read: what is missing could be in there.
        """
        left = ids
        for project_id in self._catalogue.known_projects():
            if not left:
                break
            self._require(project_id)
            left -= self._walked(project_id)
        return left

    def _require(self, project_id: str) -> None:
        try:
            project = self._catalogue.require(project_id)
        except NotFoundError as error:
            raise ForbiddenError(str(error)) from error
        if self._work.word in project.off:
            raise ForbiddenError(
                f"GitLab project {project.record.path} has {self._work.word.replace('_', ' ')} switched off, so none can be counted"
            )

    def _walked(self, partition: str) -> frozenset[str]:
        step = step_of(self._catalogue, self._work, partition)
        walk = Walk(self._catalogue.client, Listing(path=step.path, stamp=step.full_stamp, query=step.query))
        rows = [row for stretch in walk.stretches(None) for row in stretch.rows]
        if not all(isinstance(row, dict) and row.get("id") for row in rows):
            raise FatalError(f"the {step.what}s of {partition} cannot be counted: a row has no id")
        return frozenset(str(row["id"]) for row in rows)
