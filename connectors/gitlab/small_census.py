"""Censuses of the small listings: releases and milestones. Pipelines and deployments are too many to be counted; nobody deletes them by hand."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.errors import NotFoundError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of
from connectors.gitlab.parse_code import parse_release
from connectors.gitlab.parse_work import parse_milestone
from connectors.gitlab.streams import milestones_in, releases_in
from connectors.parsing import parsed
from connectors.port import Settled


class ReleaseCensus:
    """Ids (PROJECT/TAG) of the releases of each listed project."""

    kind = "release"
    stream = "releases"

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def partitions(self) -> Iterable[str]:
        """Listed projects that have releases switched on."""
        return tuple(id_ for id_, p in self._catalogue.listed().projects.items() if "releases" not in p.off)

    def ids(self, partition: str) -> frozenset[str]:
        """Ids of all readable releases of the project."""
        path, query = releases_in(partition)
        place = self._catalogue.place
        found, _ = parsed(
            self._catalogue.client.rows(path, **query),
            lambda row: parse_release(row, place, project_id=partition).id,
            what="release",
        )
        return frozenset(found)

    def settled(self, partition: str, missing: frozenset[str]) -> Settled:
        """Those whose tag has no release any more."""
        return Settled(gone=frozenset(id_ for id_ in sorted(missing) if self._is_absent(partition, id_)))

    def _is_absent(self, project_id: str, id_: str) -> bool:
        tag = id_.removeprefix(f"{project_id}/")
        return is_absent(self._catalogue, path_of("projects", project_id, "releases", tag))


class MilestoneCensus:
    """Ids of the milestones of each group, with those of its projects, and of each listed project."""

    kind = "milestone"
    stream = "milestones"

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def partitions(self) -> Iterable[str]:
        """Configured groups, and listed projects that have issues or merge requests."""
        projects = self._catalogue.listed().projects.items()
        able = (id_ for id_, p in projects if not {"issues", "merge_requests"} <= p.off)
        return tuple(dict.fromkeys((*self._catalogue.group_partitions(), *able)))

    def ids(self, partition: str) -> frozenset[str]:
        """Ids of all readable milestones of the partition."""
        path, query = milestones_in(self._catalogue, partition)
        place = self._catalogue.place
        found, _ = parsed(
            self._catalogue.client.rows(path, **query),
            lambda row: parse_milestone(row, place, group_path=None).id,
            what="milestone",
        )
        return frozenset(found)

    def settled(self, partition: str, missing: frozenset[str]) -> Settled:
        """Those that none of their possible owners has any more: the project itself, or any known group and project of a group's partition."""
        owners = tuple(self._owners(partition))
        gone = (
            id_
            for id_ in sorted(missing)
            if all(is_absent(self._catalogue, path_of(*owner, "milestones", id_)) for owner in owners)
        )
        return Settled(gone=frozenset(gone))

    def _owners(self, partition: str) -> Iterable[tuple[str, str]]:
        if not self._catalogue.is_group(partition):
            return (("projects", partition),)
        listing = self._catalogue.listed()
        groups = dict.fromkeys(
            (partition, *self._catalogue.group_partitions(), *listing.group_paths.values())
        )
        return (*(("groups", g) for g in groups), *(("projects", p) for p in listing.projects))


def is_absent(catalogue: Catalogue, path: str) -> bool:
    """True if a read of the thing itself answers 404. Raises a TandemError for any other refusal."""
    try:
        catalogue.client.get(path)
    except NotFoundError:
        return True
    return False
