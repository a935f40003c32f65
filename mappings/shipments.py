"""Shipments: which commits went out to users, by a production deployment or a release, told from the commits already pulled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct

from connectors.records import Deployment, Ref, Release
from mappings.commit_graph import NO_COMMITS, Walk
from mappings.observed import Observed

Place: TypeAlias = tuple[str, str, str]
"""A commit: (source, project id, sha)."""


class Shipment(Struct, frozen=True, kw_only=True):
    """One successful deployment to production, or one release. ``name`` is the environment or the tag, ``url`` may be empty."""

    ref: Ref
    name: str
    at: datetime
    project_id: str
    sha: str
    url: str = ""
    is_deployment: bool = True


def shipments_of(observed: Observed, production: tuple[str, ...]) -> Mapping[Place, Shipment]:
    """The first shipment of every commit that is part of one. ``production`` are patterns of environment names, in any case.

    Linear: shipments are walked oldest first, and each walk ends where an earlier one has been.
    """
    projects = {(s.ref.source, s.project_id) for s in _shipments(observed, production)}
    return MappingProxyType(
        {
            (*project, sha): shipment
            for project in projects
            for shipment, shas in shipped_in(observed, project, production)
            for sha in shas
        }
    )


def shipped_in(
    observed: Observed, project: tuple[str, str], production: tuple[str, ...]
) -> Iterator[tuple[Shipment, tuple[str, ...]]]:
    """The shipments of one project, (source, project id), oldest first, each with the shas that went out with it first; without those that brought nothing new."""
    own = (s for s in _shipments(observed, production) if (s.ref.source, s.project_id) == project)
    walk = Walk(observed.graph_of.get(project, NO_COMMITS))
    for shipment in sorted(own, key=lambda s: (s.at, s.ref)):
        if found := walk.on_from(shipment.sha):
            yield shipment, found


def _shipments(observed: Observed, production: tuple[str, ...]) -> Iterator[Shipment]:
    patterns = tuple(pattern.casefold() for pattern in production)
    for one in observed.all(Deployment):
        environment = one.environment.casefold()
        if one.status == "success" and any(fnmatchcase(environment, pattern) for pattern in patterns):
            at = one.finished_at or one.updated_at
            yield Shipment(ref=one.ref, name=one.environment, at=at, project_id=one.project_id, sha=one.sha)
    for release in observed.all(Release):
        if release.sha:
            at = release.released_at or release.created_at
            yield Shipment(
                ref=release.ref,
                name=release.tag,
                at=at,
                project_id=release.project_id,
                sha=release.sha,
                url=release.url,
                is_deployment=False,
            )
